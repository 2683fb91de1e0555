import type { Address, Hash, Height, Round, SecretKey } from '../../base/brand.ts';
import { compareBytes, equal, toHex, utf8 } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import type { ValidatorSet } from '../../base/validators.ts';
import type { Engine } from '../../consensus/engine.ts';
import { type Decided, Instance, type Sent } from './instance.ts';
import { INSTANCES, ROUNDS, type Scenario, VALIDATORS } from './scenario.ts';

/** Steps of time that the healed network has for its first new block. */
const HEALED_STEPS_MAX = 64;
/** A run of messages that never ends is a livelock. */
const MESSAGES_MAX = 20_000;

export interface TwinsVerdict {
  readonly agreed: boolean;
  /** All three honest validators decided, after the network healed, more than any had before. */
  readonly progressed: boolean;
  readonly messages: number;
}

/** Keys of the four validators, in validator order. Made once: thousands of scenarios share them. */
export interface TwinsKeys {
  readonly chainId: Hash;
  readonly set: ValidatorSet;
  readonly secrets: readonly SecretKey[];
}

export function twinsKeys(primitives: Primitives): TwinsKeys {
  const members = Array.from({ length: VALIDATORS }, (_, i) => {
    const secret = primitives.hash(utf8(`twins ${i}`)) as Uint8Array as SecretKey;
    const publicKey = primitives.publicKeyOf(secret);
    return { secret, publicKey, id: primitives.hash(publicKey).slice(12) as Address };
  }).sort((a, b) => compareBytes(a.id, b.id));
  return {
    chainId: primitives.hash(utf8('twins')),
    set: members.map(({ id, publicKey }) => ({ id, publicKey })),
    secrets: members.map(({ secret }) => secret),
  };
}

/** Runs one scenario to its end: four rounds of splits, then a healed network that has to go on. */
export function runScenario<State, Message>(
  engine: Engine<State, Message>,
  primitives: Primitives,
  keys: TwinsKeys,
  scenario: Scenario,
): TwinsVerdict {
  const world = new TwinsWorld(engine, primitives, keys, scenario.leaderOffset);
  world.start(scenario.sides[0] as readonly number[]);
  for (let round = 1; round < ROUNDS; round++) world.round(scenario.sides[round] as readonly number[]);
  const before = Math.max(...world.honest.map(({ height }) => height));
  for (let i = 0; i < HEALED_STEPS_MAX && !world.honest.every(({ height }) => height > before); i++)
    world.healedRound();
  return {
    agreed: world.agreed,
    progressed: world.honest.every(({ height }) => height > before),
    messages: world.messages,
  };
}

const HEALED = Array.from({ length: INSTANCES }, () => 0);

class TwinsWorld<State, Message> {
  readonly #engine: Engine<State, Message>;
  readonly #instances: readonly Instance<State, Message>[];
  readonly #queue: Sent[] = [];
  #sides: readonly number[] = HEALED;
  messages = 0;

  constructor(engine: Engine<State, Message>, primitives: Primitives, keys: TwinsKeys, leaderOffset: number) {
    this.#engine = engine;
    // qbft counts leaders from height + round, simplex from the view: both begin with this validator.
    const byView = engine.name === 'simplex';
    const height = (byView ? 0 : leaderOffset + VALIDATORS - 1) as Height;
    const genesis: Decided = { height, hash: primitives.hash(utf8('twins genesis')), round: 0 as Round };
    this.#instances = Array.from({ length: INSTANCES }, (_, number) => {
      const key = Math.min(number, VALIDATORS - 1);
      return new Instance({
        number,
        engine,
        config: {
          chainId: keys.chainId,
          self: (keys.set[key] as { id: Address }).id,
          primitives,
          roundTimeoutMs: 1,
          roundTimeoutCapMs: 1,
          confirmationDepth: 1,
        },
        secretKey: keys.secrets[key] as SecretKey,
        set: keys.set,
        genesis,
        genesisRound: byView && leaderOffset > 0 ? ((leaderOffset - 1) as Round) : null,
        send: (sent) => this.#queue.push(sent),
      });
    });
  }

  /** Those that run once. */
  get honest(): readonly Instance<State, Message>[] {
    return this.#instances.slice(0, VALIDATORS - 1);
  }

  get agreed(): boolean {
    const byHeight = new Map<number, string>();
    for (const { decided } of this.honest)
      for (const { height, hash } of decided) {
        const known = byHeight.get(height);
        if (known !== undefined && known !== toHex(hash)) return false;
        byHeight.set(height, toHex(hash));
      }
    return true;
  }

  start(sides: readonly number[]): void {
    this.#sides = sides;
    for (const instance of this.#instances) instance.start();
    this.#deliver();
  }

  /** A round ends when its time is over: what is sent from then on meets the next split. */
  round(sides: readonly number[]): void {
    this.#sides = sides;
    for (const instance of this.#instances) instance.passTime();
    this.#deliver();
  }

  healedRound(): void {
    for (const behind of this.#instances)
      for (const ahead of this.honest)
        for (const decided of ahead.decided) if (decided.height > behind.height) behind.follow(decided);
    this.round(HEALED);
  }

  /** Everything sent arrives, in order, at those on the sender's side; the rest is lost. */
  #deliver(): void {
    for (let sent = this.#queue.shift(); sent !== undefined; sent = this.#queue.shift()) {
      if (++this.messages > MESSAGES_MAX) return;
      const { from, to, bytes } = sent;
      const message = this.#engine.decodeMessage(bytes);
      if (!message.ok) continue;
      const sender = (this.#instances[from] as Instance<State, Message>).id;
      for (const [number, instance] of this.#instances.entries()) {
        const reached = number !== from && this.#sides[number] === this.#sides[from];
        if (reached && (to === null || equal(to, instance.id))) instance.receive(sender, message.value);
      }
    }
  }
}
