import { type Hash, height, type Round, type Signature } from '../../src/base/brand.ts';
import { equal, toHex } from '../../src/base/bytes.ts';
import type { ValidatorSet } from '../../src/base/validators.ts';
import { verifyCertificate } from '../../src/consensus/certificate.ts';
import type { Certificate, EngineEffect, EngineInput, Vote } from '../../src/consensus/engine.ts';
import { type QbftMessage, type QbftState, qbft } from '../../src/consensus/qbft/index.ts';
import { voteDigest } from '../../src/consensus/vote.ts';
import { chainId, type Member, members, primitives, random, readToy, setOf, sha256, toyBlock } from './fakes.ts';

/** Chances are per message or per effect, times in virtual milliseconds. */
export interface Faults {
  readonly drop: number;
  readonly duplicate: number;
  readonly latencyMaxMs: number;
  readonly crash: number;
}
export const QUIET: Faults = { drop: 0, duplicate: 0, latencyMaxMs: 5, crash: 0 };

export interface Block {
  readonly block: Uint8Array;
  readonly certificate: Certificate;
}

/** `disk` survives a crash, the rest does not. */
export interface Host {
  readonly name: string;
  readonly member: Member;
  readonly disk: { signingState: Uint8Array | null; readonly chain: Block[] };
  state: QbftState;
  /** Counts lives: events of an earlier life are void. */
  life: number;
  alive: boolean;
  /** The engine of this life has been started. */
  started: boolean;
  /** Blocks judged valid or built in this life: no other can be committed without executing it again. */
  readonly executed: Set<string>;
}

export interface ClusterOptions {
  readonly n: number;
  readonly seed: number;
  readonly faults?: Faults;
  /** The first member runs twice under one key: a Byzantine validator made of two honest halves. */
  readonly twins?: boolean;
  readonly intervalMs?: number;
  /** Who decides a height; without it, all members. */
  readonly setAt?: (all: readonly Member[], height: number) => readonly Member[];
}

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A network, clocks and disks in virtual time. Every random choice comes from the seed. */
export class Cluster {
  readonly setAt: (height: number) => ValidatorSet;
  readonly hosts: readonly Host[];
  readonly evidence: Uint8Array[] = [];
  readonly violations: string[] = [];
  faults: Faults;
  nowMs = 0;
  /** Whether a message may pass from one host to another. */
  link: (from: Host, to: Host) => boolean = () => true;
  observe: (host: Host, input: EngineInput<QbftMessage>, effects: readonly EngineEffect[]) => void = () => {};
  /** Every numbered rule that took effect anywhere. */
  readonly rules = new Set<string>();
  private readonly random: () => number;
  private readonly intervalMs: number;
  private readonly decided = new Map<number, string>();
  private readonly signatures = new Map<string, string>();
  private events: Event[] = [];
  private order = 0;

  constructor({ n, seed, faults = QUIET, twins = false, intervalMs = 20, setAt = (all) => all }: ClusterOptions) {
    const all = members(n);
    this.setAt = (height) => setOf(setAt(all, height));
    this.random = random(seed);
    this.faults = faults;
    this.intervalMs = intervalMs;
    const seats = twins ? [all[0] as Member, ...all] : all;
    this.hosts = seats.map((member, i) => ({
      name: twins && i === 0 ? 'twin' : `v${all.indexOf(member)}`,
      member,
      disk: { signingState: null, chain: [] },
      state: this.blank(member),
      life: 0,
      alive: false,
      started: false,
      executed: new Set(),
    }));
    for (const host of this.hosts) this.boot(host);
  }

  private blank(member: Member): QbftState {
    return qbft.initial({
      chainId,
      self: member.id,
      primitives,
      roundTimeoutMs: 100,
      roundTimeoutCapMs: 800,
      confirmationDepth: 6,
    });
  }

  /** Runs events until `until` holds or the time is over. True where it held. */
  run(untilMs: number, until: () => boolean = () => false): boolean {
    while (!until()) {
      const next = this.pop();
      if (next === undefined || next.atMs > untilMs) {
        if (next) this.push(next);
        this.nowMs = untilMs;
        return until();
      }
      this.nowMs = next.atMs;
      next.run();
    }
    return true;
  }

  boot(host: Host): void {
    if (host.alive) return;
    host.alive = true;
    host.started = false;
    host.executed.clear();
    host.state = this.blank(host.member);
    this.startNext(host);
    this.announce(host, host.life);
  }

  crash(host: Host): void {
    host.alive = false;
    host.life++;
  }

  heights = (): readonly number[] => this.hosts.map((host) => host.disk.chain.length);

  /** Feeds one input and runs its effects in order; a crash may fall after any of them. */
  feed(host: Host, input: EngineInput<QbftMessage>): void {
    const { state, effects, rules } = qbft.step(host.state, input);
    for (const rule of rules) this.rules.add(rule);
    host.state = state;
    this.observe(host, input, effects);
    for (const effect of effects) {
      this.perform(host, effect);
      if (this.random() >= this.faults.crash) continue;
      this.crash(host);
      this.after(this.random() * 300, () => this.boot(host));
      return;
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
        throw new Error('this engine only broadcasts');
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
        this.answer(host, this.random() * 3, {
          type: 'judged',
          blockHash: effect.blockHash,
          valid: isValid(effect),
          changesSet: false,
        });
        if (isValid(effect)) host.executed.add(toHex(effect.blockHash));
        break;
      case 'commit':
        if (!host.executed.has(toHex(effect.blockHash)))
          this.violations.push(`${host.name} committed a block that it never judged or built`);
        this.append(host, effect);
        this.startNext(host);
        break;
      case 'evidence':
        this.evidence.push(effect.evidence);
        break;
      case 'behind': {
        const ahead = this.hosts.filter((peer) => equal(peer.member.id, effect.from));
        for (const peer of ahead) this.sync(host, peer);
        break;
      }
      case 'halt':
        throw new Error('this engine never halts');
    }
  }

  private build(host: Host, { height, round, parentHash }: Extract<EngineEffect, { type: 'build' }>): void {
    const random = Math.floor(this.random() * 2 ** 32);
    const block = toyBlock({ height, proposer: host.member.id, random });
    host.executed.add(toHex(sha256(block)));
    this.answer(host, this.random() * 3, {
      type: 'built',
      round,
      parentHash,
      blockHash: sha256(block),
      block,
      changesSet: false,
    });
  }

  /** The second lock, and the record of every signature a key ever made. */
  private sign(host: Host, payload: Vote): void {
    if (!qbft.permits(host.disk.signingState ?? new Uint8Array(0), payload))
      this.violations.push(`${host.name} was asked to sign what is not durable`);
    const digest = voteDigest(primitives, payload);
    const place = `${host.name} ${payload.height} ${payload.round} ${payload.type}`;
    const earlier = this.signatures.get(place);
    if (earlier !== undefined && earlier !== toHex(digest)) this.violations.push(`two payloads at ${place}`);
    this.signatures.set(place, toHex(digest));
    const signature: Signature = primitives.sign(digest, host.member.secret);
    this.answer(host, this.random() * 2, { type: 'signed', payload, signature });
  }

  private append(host: Host, { block, certificate }: Block): void {
    const verified = verifyCertificate(primitives, chainId, this.setAt(certificate.height), certificate);
    const toy = readToy(block);
    if (!verified.ok || !equal(sha256(block), certificate.blockHash) || toy?.height !== certificate.height)
      this.violations.push(`${host.name} committed without proof at ${certificate.height}`);
    if (certificate.height !== host.disk.chain.length + 1) this.violations.push(`${host.name} skipped a height`);
    const hash = toHex(certificate.blockHash);
    const other = this.decided.get(certificate.height);
    if (other !== undefined && other !== hash) this.violations.push(`two blocks at height ${certificate.height}`);
    this.decided.set(certificate.height, hash);
    host.disk.chain.push({ block, certificate });
  }

  private startNext(host: Host): void {
    const tip = host.disk.chain.at(-1)?.certificate;
    const next = height(host.disk.chain.length + 1);
    this.answer(host, 0, {
      type: 'start',
      height: next,
      parentHash: tip?.blockHash ?? chainId,
      parentRound: (tip?.round ?? null) as Round | null,
      validators: this.setAt(next),
      epoch: height(1),
      restored: host.started ? null : host.disk.signingState,
    });
    host.started = true;
  }

  private pace(host: Host, parentHash: Hash): void {
    this.answer(host, this.intervalMs * (0.5 + this.random()), { type: 'due', parentHash });
  }

  private send(from: Host, to: Host, bytes: Uint8Array): void {
    if (!this.link(from, to) || this.random() < this.faults.drop) return;
    const copies = this.random() < this.faults.duplicate ? 2 : 1;
    for (let i = 0; i < copies; i++)
      this.after(0.1 + this.random() * this.faults.latencyMaxMs, () => {
        const message = qbft.decodeMessage(bytes);
        if (!message.ok) this.violations.push(`${from.name} sent ${message.rejection.code}`);
        else if (to.alive) this.feed(to, { type: 'message', from: from.member.id, message: message.value });
      });
  }

  /** Now and then a host asks another for its blocks, as announcements make real nodes do. */
  private announce(host: Host, life: number): void {
    this.after(150 + this.random() * 100, () => {
      if (host.life !== life) return;
      this.sync(host, this.hosts[Math.floor(this.random() * this.hosts.length)] as Host);
      this.announce(host, life);
    });
  }

  private sync(host: Host, peer: Host): void {
    if (!host.alive || !peer.alive || !this.link(peer, host)) return;
    const missing = peer.disk.chain.slice(host.disk.chain.length);
    for (const block of missing) this.append(host, block);
    if (missing.length > 0) this.startNext(host);
  }

  private answer(host: Host, delayMs: number, input: EngineInput<QbftMessage>): void {
    const { life } = host;
    this.after(delayMs, () => {
      if (host.alive && host.life === life) this.feed(host, input);
    });
  }

  private after(delayMs: number, run: () => void): void {
    this.push({ atMs: this.nowMs + delayMs, order: this.order++, run });
  }

  private push(event: Event): void {
    let low = 0;
    let high = this.events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isLater(this.events[middle] as Event, event)) low = middle + 1;
      else high = middle;
    }
    this.events.splice(low, 0, event);
  }

  private pop(): Event | undefined {
    return this.events.pop();
  }
}

/** The queue is sorted from the last event to the next. */
const isLater = (a: Event, b: Event): boolean => a.atMs > b.atMs || (a.atMs === b.atMs && a.order > b.order);

/** What a ledger would check: the bytes are that block, of this height and, where fresh, of this leader. */
function isValid(effect: Extract<EngineEffect, { type: 'judge' }>): boolean {
  const toy = readToy(effect.block);
  if (toy === undefined || !equal(sha256(effect.block), effect.blockHash) || toy.height !== effect.height) return false;
  return !effect.fresh || equal(toy.proposer, effect.leader);
}
