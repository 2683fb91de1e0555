import { type Hash, height } from '../../src/base/brand.ts';
import { equal, toHex } from '../../src/base/bytes.ts';
import { type Canonical, encode } from '../../src/base/canonical.ts';
import type { ValidatorSet } from '../../src/base/validators.ts';
import { type CliqueMessage, type CliqueState, clique } from '../../src/consensus/clique/index.ts';
import type { EngineEffect, EngineInput, Vote } from '../../src/consensus/engine.ts';
import { voteDigest } from '../../src/consensus/vote.ts';
import {
  CLOCK_AHEAD_MS,
  CLOCK_BEHIND_MS,
  type ClusterOptions,
  type Faults,
  type Final,
  GENESIS,
  type Host,
  QUIET,
  readBlock,
  type ToyBlock,
} from './clique-hosts.ts';
import { VirtualTime } from './clique-time.ts';
import { chainId, type Member, members, primitives, random, setOf, sha256 } from './fakes.ts';

type Input = EngineInput<CliqueMessage>;
type Effect<Type extends EngineEffect['type']> = Extract<EngineEffect, { type: Type }>;

/** A network, clocks and disks in virtual time. Every random choice comes from the seed. */
export class CliqueCluster {
  readonly all: readonly Member[];
  readonly hosts: readonly Host[];
  readonly evidence: Uint8Array[] = [];
  readonly violations: string[] = [];
  /** Heights at which two hosts confirmed different blocks. */
  readonly conflicts: number[] = [];
  readonly rules = new Set<string>();
  /** Every block ever sealed, by hash. */
  readonly sealed = new Map<string, ToyBlock>();
  /** "sealer height round type" of every vote, as often as it was signed anew. */
  readonly places = new Map<string, string>();
  faults: Faults;
  halts = 0;
  link: (from: Host, to: Host) => boolean = () => true;
  observe: (host: Host, input: Input, effects: readonly EngineEffect[]) => void = () => {};
  private readonly options: Required<Pick<ClusterOptions, 'depth' | 'intervalMs'>> & ClusterOptions;
  private readonly random: () => number;
  private readonly decided = new Map<number, string>();
  private readonly newest = new Map<string, number>();
  private readonly events = new VirtualTime();

  constructor(options: ClusterOptions) {
    this.options = { depth: 4, intervalMs: 100, ...options };
    this.all = members(options.n);
    this.random = random(options.seed);
    this.faults = options.faults ?? QUIET;
    const seats = options.twins ? [this.all[0] as Member, ...this.all] : this.all;
    this.hosts = seats.map((member, i) => ({
      name: options.twins && i === 0 ? 'twin' : `v${this.all.indexOf(member)}`,
      member,
      disk: { signingState: null, chain: [] },
      state: this.blank(member),
      life: 0,
      alive: false,
      halted: false,
      executed: new Map(),
      committing: [],
      paced: '',
    }));
    for (const host of this.hosts) this.boot(host);
  }

  /** The set that decides this height, and the first height it decides. */
  setAt(at: number): { readonly set: ValidatorSet; readonly epoch: number } {
    const { sets, genesisMembers } = this.options;
    let chosen = genesisMembers ?? this.all.map((_, i) => i);
    let epoch = 1;
    for (const [above, positions] of sets ?? [])
      if (at > above) {
        chosen = positions;
        epoch = above + 1;
      }
    return { set: setOf(chosen.map((i) => this.all[i] as Member)), epoch };
  }

  heights = (): readonly number[] => this.hosts.map(({ disk }) => disk.chain.length);
  heads = (): ReadonlySet<string> =>
    new Set(
      this.hosts
        .filter(({ alive }) => alive)
        .map(({ state }) => toHex((clique.head(state) ?? { blockHash: GENESIS }).blockHash)),
    );
  lowest = (): number => Math.min(...this.heights());

  get nowMs(): number {
    return this.events.nowMs;
  }

  run = (forMs: number, until?: () => boolean): boolean => this.events.run(forMs, until);

  boot(host: Host): void {
    if (host.alive || host.halted) return;
    host.alive = true;
    host.state = this.blank(host.member);
    host.executed = new Map();
    host.committing = [];
    host.paced = '';
    this.start(host, host.disk.signingState);
    this.syncNow(host, host.life);
  }

  crash(host: Host): void {
    host.alive = false;
    host.life++;
  }

  /** Feeds one input and runs its effects in order; a crash may fall after any of them. */
  feed(host: Host, input: Input): void {
    const { state, effects, rules } = clique.step(host.state, input);
    host.state = state;
    for (const rule of rules) this.rules.add(rule);
    this.observe(host, input, effects);
    const { life } = host;
    for (const effect of effects) {
      if (host.life !== life) return;
      this.perform(host, effect);
      if (this.random() >= this.faults.crash) continue;
      this.crash(host);
      this.after(this.random() * 500, () => this.boot(host));
      return;
    }
  }

  private blank(member: Member): CliqueState {
    const { depth } = this.options;
    const timeouts = { roundTimeoutMs: 100, roundTimeoutCapMs: 400 };
    return clique.initial({ chainId, self: member.id, primitives, confirmationDepth: depth, ...timeouts });
  }

  private start(host: Host, restored: Uint8Array | null): void {
    const tip = host.disk.chain.at(-1);
    const { set, epoch } = this.setAt(host.disk.chain.length + 1);
    const isMember = set.some(({ id }) => equal(id, host.member.id));
    this.feed(host, {
      type: 'start',
      height: height(host.disk.chain.length + 1),
      parentHash: tip?.blockHash ?? GENESIS,
      parentRound: tip?.certificate.round ?? null,
      validators: set,
      epoch: height(epoch),
      restored: isMember ? restored : null,
    });
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
        for (const peer of this.hosts) if (equal(peer.member.id, effect.to)) this.send(host, peer, effect.message);
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
        host.committing.push(effect);
        if (host.committing.length === 1) this.commitNext(host);
        break;
      case 'evidence':
        this.evidence.push(effect.evidence);
        break;
      case 'behind':
        for (const peer of this.hosts) if (equal(peer.member.id, effect.from)) this.sync(host, peer);
        break;
      case 'halt':
        this.halts++;
        host.halted = true;
        this.crash(host);
        break;
    }
  }

  /** The time of a block that this host has executed or stored. */
  private timeOf(host: Host, hash: Uint8Array): number | undefined {
    const key = toHex(hash);
    if (key === toHex(GENESIS)) return 0;
    const stored = host.disk.chain.some(({ blockHash }) => equal(blockHash, hash));
    return (host.executed.get(key) ?? (stored ? this.sealed.get(key) : undefined))?.timeMs;
  }

  private pace(host: Host, parentHash: Hash): void {
    const time = this.timeOf(host, parentHash);
    if (time === undefined) throw new Error(`${host.name} paces itself by an unknown block`);
    const key = toHex(parentHash);
    host.paced = key;
    const { life } = host;
    this.after(Math.max(0, time + this.options.intervalMs - this.nowMs), () => {
      if (host.life === life && host.paced === key) this.feed(host, { type: 'due', parentHash });
    });
  }

  private build(host: Host, { height: at, round, parentHash }: Effect<'build'>): void {
    const time = this.timeOf(host, parentHash);
    if (time === undefined) throw new Error(`${host.name} builds on an unknown block`);
    const proposer = host.member.id;
    const toy = {
      height: at,
      parentHash,
      proposer,
      timeMs: Math.max(time + 1, Math.floor(this.nowMs)),
      random: Math.floor(this.random() * 2 ** 32),
    };
    const block = encode(toy as unknown as Canonical);
    const blockHash = sha256(block);
    host.executed.set(toHex(blockHash), toy);
    this.sealed.set(toHex(blockHash), toy);
    this.answer(host, this.random() * 3, {
      type: 'built',
      round,
      parentHash,
      blockHash,
      block,
      changesSet: this.changesSet(at),
    });
  }

  private changesSet = (at: number): boolean => this.options.sets?.has(at) ?? false;

  private judge(host: Host, effect: Effect<'judge'>): void {
    const { blockHash, parentHash, block, leader, fresh } = effect;
    const toy = readBlock(block);
    const known = toy !== undefined && equal(sha256(block), blockHash) && equal(toy.parentHash, parentHash);
    const parentMs = this.timeOf(host, parentHash);
    const fits =
      known &&
      toy.height === effect.height &&
      equal(toy.proposer, leader) &&
      parentMs !== undefined &&
      toy.timeMs > parentMs;
    if (!fits || (fresh && this.nowMs - toy.timeMs > CLOCK_BEHIND_MS)) {
      this.verdict(host, blockHash, false, 0, false);
      return;
    }
    const waitMs = fresh ? Math.max(0, toy.timeMs - this.nowMs - CLOCK_AHEAD_MS) : 0;
    this.verdict(host, blockHash, true, waitMs + this.random() * 3, this.changesSet(toy.height), toy);
  }

  private verdict(
    host: Host,
    blockHash: Hash,
    valid: boolean,
    delayMs: number,
    changesSet: boolean,
    toy?: ToyBlock,
  ): void {
    const { life } = host;
    this.after(delayMs, () => {
      if (!host.alive || host.life !== life) return;
      if (valid && toy) host.executed.set(toHex(blockHash), toy);
      this.feed(host, { type: 'judged', blockHash, valid, changesSet });
    });
  }

  private sign(host: Host, payload: Vote): void {
    if (!clique.permits(host.disk.signingState ?? new Uint8Array(0), payload))
      this.violations.push(`${host.name} was asked to sign what is not durable`);
    const digest = voteDigest(primitives, payload);
    const place = `${host.name} ${payload.height} ${payload.round} ${payload.type}`;
    const earlier = this.places.get(place);
    if (earlier === undefined) {
      if (payload.round <= (this.newest.get(host.name) ?? 0)) this.violations.push(`rounds fall at ${place}`);
      this.newest.set(host.name, payload.round);
      this.checkRecent(host, payload);
    } else if (earlier !== toHex(digest)) this.violations.push(`two payloads at ${place}`);
    this.places.set(place, toHex(digest));
    const signature = primitives.sign(digest, host.member.secret);
    this.answer(host, this.random() * 2, { type: 'signed', payload, signature });
  }

  /** By the blocks themselves, without the engine's own accounts. */
  private checkRecent(host: Host, { type, height: at, blockHash }: Vote): void {
    if (type !== 'seal') return;
    const { set, epoch } = this.setAt(at);
    let block = this.sealed.get(toHex(this.sealed.get(toHex(blockHash))?.parentHash ?? GENESIS));
    for (let left = Math.floor(set.length / 2); left > 0 && block !== undefined && block.height >= epoch; left--) {
      if (equal(block.proposer, host.member.id)) this.violations.push(`${host.name} seals too soon at ${at}`);
      block = this.sealed.get(toHex(block.parentHash));
    }
  }

  private commitNext(host: Host): void {
    const { life } = host;
    this.after(this.random() * 4, () => {
      const final = host.committing[0];
      if (!host.alive || host.life !== life || final === undefined) return;
      this.append(host, final);
      host.committing.shift();
      if (host.committing.length > 0) this.commitNext(host);
      else this.start(host, null);
    });
  }

  private append(host: Host, { height: at, blockHash, block, certificate }: Final): void {
    const toy = readBlock(block) as ToyBlock;
    const parent = host.disk.chain.at(-1)?.blockHash ?? GENESIS;
    if (at !== host.disk.chain.length + 1 || !equal(toy.parentHash, parent) || !equal(sha256(block), blockHash))
      this.violations.push(`${host.name} commits what does not fit at ${at}`);
    if (!equal(certificate.signatures[0]?.validator ?? GENESIS, toy.proposer))
      this.violations.push(`${host.name} commits with a foreign seal at ${at}`);
    const other = this.decided.get(at);
    if (other !== undefined && other !== toHex(blockHash)) this.conflicts.push(at);
    this.decided.set(at, toHex(blockHash));
    host.disk.chain.push({ height: at, blockHash, block, certificate });
  }

  private send(from: Host, to: Host, bytes: Uint8Array): void {
    if (!this.link(from, to) || this.random() < this.faults.drop) return;
    const copies = this.random() < this.faults.duplicate ? 2 : 1;
    for (let i = 0; i < copies; i++)
      this.after(0.1 + this.random() * this.faults.latencyMaxMs, () => {
        const message = clique.decodeMessage(bytes);
        if (!message.ok) this.violations.push(`${from.name} sent ${message.rejection.code}`);
        else if (to.alive) this.feed(to, { type: 'message', from: from.member.id, message: message.value });
      });
  }

  private syncNow(host: Host, life: number): void {
    this.after(200 + this.random() * 200, () => {
      if (host.life !== life) return;
      this.sync(host, this.hosts[Math.floor(this.random() * this.hosts.length)] as Host);
      this.syncNow(host, life);
    });
  }

  /** The confirmed blocks above ours, as a block range request brings them. */
  private sync(host: Host, peer: Host): void {
    if (!host.alive || !peer.alive || host === peer || !this.link(peer, host)) return;
    const { life } = host;
    const from = host.disk.chain.length;
    for (const { blockHash: _, block, certificate } of peer.disk.chain.slice(from, from + 64)) {
      const parentHash = readBlock(block)?.parentHash as Hash;
      const message = clique.fromSync?.({ parentHash, block, certificate });
      if (message == null) this.violations.push(`${peer.name} has a certificate that is none`);
      else
        this.after(0, () => {
          if (host.alive && host.life === life) this.feed(host, { type: 'message', from: peer.member.id, message });
        });
    }
  }

  private answer(host: Host, delayMs: number, input: Input): void {
    const { life } = host;
    this.after(delayMs, () => {
      if (host.alive && host.life === life) this.feed(host, input);
    });
  }

  private after = (delayMs: number, run: () => void): void => this.events.after(delayMs, run);
}
