import { type Hash, type Height, height, type Round, type Signature } from '../../src/base/brand.ts';
import { equal, toHex } from '../../src/base/bytes.ts';
import type { ValidatorSet } from '../../src/base/validators.ts';
import { PATH_HEADERS_MAX, verifyCertificate } from '../../src/consensus/certificate.ts';
import type { Certificate, EngineEffect, EngineInput, Vote } from '../../src/consensus/engine.ts';
import { type SimplexMessage, type SimplexState, simplex } from '../../src/consensus/simplex/index.ts';
import { voteDigest } from '../../src/consensus/vote.ts';
import { chainId, type Member, members, primitives, random, setOf, sha256 } from './fakes.ts';
import { type Faults, GENESIS, QUIET, readToy, type Toy, toyBytes, VirtualClock } from './simplex-world.ts';

interface Final {
  readonly hash: Hash;
  readonly block: Uint8Array;
  readonly certificate: Certificate;
}

/** `disk` survives a crash, the rest does not. */
export interface Host {
  readonly name: string;
  readonly member: Member | null;
  readonly disk: { signingState: Uint8Array | null; readonly chain: Final[] };
  /** Blocks judged valid or built, above the disk's tip. */
  held: Map<string, Toy>;
  /** Decided, not yet on the disk. */
  queue: Final[];
  writing: boolean;
  paced: Hash | null;
  state: SimplexState;
  life: number;
  alive: boolean;
}

export interface ClusterOptions {
  readonly n: number;
  readonly seed: number;
  readonly faults?: Faults;
  /** The first member runs twice under one key. */
  readonly twins?: boolean;
  readonly observers?: number;
  readonly intervalMs?: number;
  /** How long the disk takes to make a block durable. */
  readonly diskMs?: number;
  /** From the height after this one on, these members decide. */
  readonly changes?: ReadonlyMap<number, readonly number[]>;
}

/** A network, clocks and disks in virtual time. Every random choice comes from the seed. */
export class SimplexCluster {
  readonly all: readonly Member[];
  readonly hosts: readonly Host[];
  readonly evidence: Uint8Array[] = [];
  readonly violations: string[] = [];
  readonly rules = new Set<string>();
  faults: Faults;
  syncs = 0;
  /** Whether a message may pass from one host to another. */
  link: (from: Host, to: Host) => boolean = () => true;
  /** What is sent in place of a message: a Byzantine host's own idea. */
  tamper: (from: Host, to: Host, bytes: Uint8Array) => readonly Uint8Array[] = (_from, _to, bytes) => [bytes];
  observe: (host: Host, input: EngineInput<SimplexMessage>, effects: readonly EngineEffect[]) => void = () => {};
  /** Blocks that nobody accepts. */
  refuses: (toy: Toy) => boolean = () => false;
  readonly random: () => number;
  private readonly options: Required<Pick<ClusterOptions, 'intervalMs' | 'diskMs' | 'changes'>>;
  private readonly decided = new Map<number, string>();
  private readonly cast = new Map<string, string>();
  private readonly toys = new Map<string, Toy>();
  private readonly clock = new VirtualClock();
  private readonly decoded = new WeakMap<Uint8Array, SimplexMessage>();

  constructor(options: ClusterOptions) {
    const { n, seed, faults = QUIET, twins = false, observers = 0, intervalMs = 20, diskMs = 4 } = options;
    this.all = members(n);
    this.random = random(seed);
    this.faults = faults;
    this.options = { intervalMs, diskMs, changes: options.changes ?? new Map() };
    const seats: (Member | null)[] = twins ? [this.all[0] as Member, ...this.all] : [...this.all];
    for (let i = 0; i < observers; i++) seats.push(null);
    this.hosts = seats.map((member, i) => ({
      name: twins && i === 0 ? 'twin' : member === null ? `observer ${i}` : `v${this.all.indexOf(member)}`,
      member,
      disk: { signingState: null, chain: [] },
      held: new Map(),
      queue: [],
      writing: false,
      paced: null,
      state: this.blank(member),
      life: 0,
      alive: false,
    }));
    for (const host of this.hosts) this.boot(host);
  }

  private blank(member: Member | null): SimplexState {
    return simplex.initial({
      chainId,
      self: member?.id ?? null,
      primitives,
      roundTimeoutMs: 100,
      roundTimeoutCapMs: 800,
      confirmationDepth: 8,
    });
  }

  /** The set that decides this height, and the first height it does. */
  setFor(at: number): { readonly set: ValidatorSet; readonly epoch: Height } {
    let set = this.all;
    let epoch = 1;
    for (const [change, who] of this.options.changes)
      if (change < at && change + 1 > epoch) [set, epoch] = [who.map((i) => this.all[i] as Member), change + 1];
    return { set: setOf(set), epoch: height(epoch) };
  }

  get nowMs(): number {
    return this.clock.nowMs;
  }

  /** Runs events until `until` holds or the time is over. True where it held. */
  run(untilMs: number, until?: () => boolean): boolean {
    return this.clock.run(untilMs, until);
  }

  boot(host: Host): void {
    if (host.alive) return;
    Object.assign(host, { alive: true, held: new Map(), queue: [], writing: false, paced: null });
    host.state = this.blank(host.member);
    this.start(host, host.disk.signingState);
    this.announce(host, host.life);
  }

  crash(host: Host): void {
    host.alive = false;
    host.life++;
  }

  heights = (): readonly number[] => this.hosts.map((host) => host.disk.chain.length);

  /** Feeds one input and runs its effects in order; a crash may fall after any of them. */
  feed(host: Host, input: EngineInput<SimplexMessage>): void {
    const { state, effects, rules } = simplex.step(host.state, input);
    host.state = state;
    for (const rule of rules) this.rules.add(rule);
    this.observe(host, input, effects);
    const { life } = host;
    for (const effect of effects) {
      if (!host.alive || host.life !== life) return;
      this.perform(host, effect);
      if (this.faults.crash === 0 || this.random() >= this.faults.crash) continue;
      this.crash(host);
      this.after(this.random() * 300, () => this.boot(host));
    }
  }

  private perform(host: Host, effect: EngineEffect): void {
    switch (effect.type) {
      case 'persist':
        host.disk.signingState = effect.signingState;
        break;
      case 'sign':
        this.sign(host, effect.payload);
        break;
      case 'broadcast':
        for (const peer of this.hosts) if (peer !== host) this.send(host, peer, effect.message);
        break;
      case 'send':
        for (const peer of this.hosts)
          if (peer !== host && equal(idOf(peer), effect.to)) this.send(host, peer, effect.message);
        break;
      case 'schedule':
        this.answer(host, effect.delayMs, { type: 'timeout', height: effect.height, round: effect.round });
        break;
      case 'pace':
        this.pace(host, effect.parentHash);
        break;
      case 'build':
        this.build(host, effect);
        break;
      case 'judge':
        this.judge(host, effect);
        break;
      case 'commit':
        host.queue.push({ hash: effect.blockHash, block: effect.block, certificate: effect.certificate });
        this.write(host);
        break;
      case 'evidence':
        this.evidence.push(effect.evidence);
        break;
      case 'behind':
        for (const peer of this.hosts) if (equal(idOf(peer), effect.from)) this.sync(host, peer);
        break;
      case 'halt':
        this.violations.push(`${host.name} halts: ${effect.code}`);
        break;
    }
  }

  tipOf = (host: Host): Hash => host.disk.chain.at(-1)?.hash ?? GENESIS;

  /** The block that an engine may build on: the tip, or one judged valid above it. Asking for any other is a defect. */
  private parentAt(host: Host, hash: Hash, why: string): { height: number; atMs: number } | undefined {
    const tip = host.disk.chain.at(-1);
    if (equal(hash, this.tipOf(host))) return tip === undefined ? { height: 0, atMs: 0 } : readToy(tip.block);
    const held = host.held.get(toHex(hash));
    if (held === undefined) this.violations.push(`${host.name} asks to ${why} on a block that its host does not hold`);
    return held;
  }

  private pace(host: Host, parentHash: Hash): void {
    const parent = this.parentAt(host, parentHash, 'pace');
    host.paced = parentHash;
    if (parent === undefined) return;
    const { life } = host;
    const dueMs = Math.max(0, parent.atMs + this.options.intervalMs - this.nowMs) + this.random() * 3;
    this.after(dueMs, () => {
      if (host.alive && host.life === life && host.paced === parentHash) this.feed(host, { type: 'due', parentHash });
    });
  }

  private build(host: Host, effect: Extract<EngineEffect, { type: 'build' }>): void {
    const { round, parentHash } = effect;
    const parent = this.parentAt(host, parentHash, 'build');
    if (parent === undefined || host.member === null) return;
    const toy: Toy = {
      height: effect.height,
      parentHash,
      proposer: host.member.id,
      atMs: Math.floor(this.nowMs),
      random: Math.floor(this.random() * 2 ** 32),
    };
    if (parent.height + 1 !== effect.height) this.violations.push(`${host.name} builds at a wrong height`);
    const block = toyBytes(toy);
    const blockHash = sha256(block);
    this.toys.set(toHex(blockHash), toy);
    host.held.set(toHex(blockHash), toy);
    const changesSet = this.options.changes.has(toy.height);
    this.answer(host, this.random() * 3, { type: 'built', round, parentHash, blockHash, block, changesSet });
  }

  /** What a ledger would check: the bytes are that block, on that parent and, where fresh, of this leader. */
  private judge(host: Host, effect: Extract<EngineEffect, { type: 'judge' }>): void {
    const { blockHash, block, parentHash, leader, fresh } = effect;
    const parent = this.parentAt(host, parentHash, 'judge');
    const { life } = host;
    this.after(this.random() * 3, () => {
      if (!host.alive || host.life !== life) return;
      const toy = readToy(block);
      const valid =
        toy !== undefined &&
        parent !== undefined &&
        equal(sha256(block), blockHash) &&
        toy.height === parent.height + 1 &&
        toy.height === effect.height &&
        equal(toy.parentHash, parentHash) &&
        (!fresh || equal(toy.proposer, leader)) &&
        !this.refuses(toy) &&
        (host.held.has(toHex(parentHash)) || equal(parentHash, this.tipOf(host)));
      if (valid) {
        host.held.set(toHex(blockHash), toy);
        this.toys.set(toHex(blockHash), toy);
      }
      const changesSet = valid && this.options.changes.has(toy.height);
      this.feed(host, { type: 'judged', blockHash, valid, changesSet });
    });
  }

  /** The second lock, and the record of every signature a key ever made. */
  private sign(host: Host, payload: Vote): void {
    if (host.member === null || !simplex.permits(host.disk.signingState ?? new Uint8Array(0), payload))
      this.violations.push(`${host.name} was asked to sign what is not durable`);
    const { round, type, height: at, blockHash } = payload;
    this.note(host.name, round, type, `${at} ${toHex(blockHash)}`);
    const signature: Signature = primitives.sign(voteDigest(primitives, payload), (host.member as Member).secret);
    this.answer(host, this.random() * 2, { type: 'signed', payload, signature });
  }

  private note(who: string, round: Round, type: string, said: string): void {
    const place = `${who} ${round} ${type}`;
    const earlier = this.cast.get(place);
    if (earlier !== undefined && earlier !== said) this.violations.push(`two payloads at ${place}`);
    this.cast.set(place, said);
    const opposite = { nullify: 'finalise', finalise: 'nullify' }[type];
    if (opposite !== undefined && this.cast.has(`${who} ${round} ${opposite}`))
      this.violations.push(`${who} nullifies and finalises view ${round}`);
  }

  /** One block after another becomes durable; then the engine is told. */
  private write(host: Host): void {
    const next = host.queue[0];
    if (host.writing || next === undefined) return;
    host.writing = true;
    const { life } = host;
    this.after(this.random() * this.options.diskMs, () => {
      if (!host.alive || host.life !== life) return;
      host.writing = false;
      host.queue.shift();
      if (equal((readToy(next.block) as Toy).parentHash, this.tipOf(host))) {
        this.append(host, next);
        this.start(host, null);
      }
      this.write(host);
    });
  }

  private append(host: Host, final: Final): void {
    const { block, certificate, hash } = final;
    const toy = readToy(block) as Toy;
    const verified = verifyCertificate(primitives, chainId, this.setFor(toy.height).set, certificate);
    if (!verified.ok || !equal(sha256(block), hash) || !this.leadsTo(hash, certificate))
      this.violations.push(`${host.name} committed without proof at ${toy.height}`);
    if (toy.height !== host.disk.chain.length + 1) this.violations.push(`${host.name} skipped a height`);
    const other = this.decided.get(toy.height);
    if (other !== undefined && other !== toHex(hash)) this.violations.push(`two blocks at height ${toy.height}`);
    this.decided.set(toy.height, toHex(hash));
    host.disk.chain.push(final);
    host.held.delete(toHex(hash));
    for (const [key, held] of host.held) if (held.height <= toy.height) host.held.delete(key);
  }

  /** The certificate's block is this one or a descendant, over a path of at most `PATH_HEADERS_MAX` headers. */
  private leadsTo(hash: Hash, certificate: Certificate): boolean {
    let at: Uint8Array = certificate.blockHash;
    for (let i = 0; i <= PATH_HEADERS_MAX; i++) {
      if (equal(at, hash)) return true;
      at = this.toys.get(toHex(at))?.parentHash ?? hash.slice(1);
    }
    return false;
  }

  private start(host: Host, restored: Uint8Array | null): void {
    const tip = host.disk.chain.at(-1);
    const next = height(host.disk.chain.length + 1);
    const { set, epoch } = this.setFor(next);
    this.feed(host, {
      type: 'start',
      height: next,
      parentHash: this.tipOf(host),
      parentRound: tip?.certificate.round ?? null,
      validators: set,
      epoch,
      restored: host.member === null ? null : restored,
    });
  }

  send(from: Host, to: Host, bytes: Uint8Array): void {
    for (const sent of this.tamper(from, to, bytes)) {
      if (!this.link(from, to) || this.random() < this.faults.drop) continue;
      const copies = this.faults.duplicate > 0 && this.random() < this.faults.duplicate ? 2 : 1;
      for (let i = 0; i < copies; i++)
        this.after(0.1 + this.random() * this.faults.latencyMaxMs, () => {
          if (!to.alive) return;
          this.feed(to, { type: 'message', from: idOf(from), message: this.read(sent) });
        });
    }
  }

  /** Each message is decoded once, whoever receives it. */
  private read(bytes: Uint8Array): SimplexMessage {
    const known = this.decoded.get(bytes);
    if (known !== undefined) return known;
    const message = simplex.decodeMessage(bytes);
    if (!message.ok) throw new Error(`sent ${message.rejection.code}`);
    this.decoded.set(bytes, message.value);
    return message.value;
  }

  /** Now and then a host asks another for its blocks, as announcements make real nodes do. */
  private announce(host: Host, life: number): void {
    this.after(400 + this.random() * 200, () => {
      if (host.life !== life) return;
      this.sync(host, this.hosts[Math.floor(this.random() * this.hosts.length)] as Host);
      this.announce(host, life);
    });
  }

  private sync(host: Host, peer: Host): void {
    if (!host.alive || !peer.alive || host.writing || !this.link(peer, host)) return;
    const missing = peer.disk.chain.slice(host.disk.chain.length);
    if (missing.length === 0) return;
    this.syncs++;
    for (const final of missing) this.append(host, final);
    // Told later, as an input of its own: a step is never begun inside another.
    const { life } = host;
    this.after(0, () => {
      if (host.alive && host.life === life) this.start(host, null);
    });
  }

  private answer(host: Host, delayMs: number, input: EngineInput<SimplexMessage>): void {
    const { life } = host;
    this.after(delayMs, () => {
      if (host.alive && host.life === life) this.feed(host, input);
    });
  }

  private after(delayMs: number, run: () => void): void {
    this.clock.after(delayMs, run);
  }
}

const idOf = ({ member }: Host) => member?.id ?? (new Uint8Array(20) as Member['id']);
