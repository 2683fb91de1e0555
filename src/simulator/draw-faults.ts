import {
  DISK_KINDS,
  type Fault,
  type FaultKind,
  type Links,
  NETWORK_KINDS,
  PROCESS_KINDS,
  STATE_LOSING_KINDS,
} from './fault.ts';
import type { Random } from './random.ts';

export interface FaultSetting {
  readonly validators: number;
  readonly followers: number;
  /** Nodes whose disks lie or are lost. */
  readonly losing: readonly number[];
  readonly quietFromMs: number;
  /** clique's promise shall hold: delays stay below the block interval. */
  readonly calm: boolean;
}

/** Kinds that only make a member slow, or absent for a while. */
const CALM_KINDS: readonly FaultKind[] = ['duplication', 'reordering', 'slow-disk', 'pruning'];
/** Strikes of one kind in one run, from gentle to rough. */
const STRIKES_MAX = [1, 2, 4];
const FIRST_MS = 1_500;

/** What strikes in one run: a random part of all kinds, each as often and as hard as chance will have it. */
export function drawFaults(random: Random, setting: FaultSetting): readonly Fault[] {
  const kinds = setting.calm ? CALM_KINDS : [...NETWORK_KINDS, ...PROCESS_KINDS, ...DISK_KINDS];
  const share = random.pick([0, 0.2, 0.4, 0.7]);
  const faults: Fault[] = [];
  for (const kind of kinds) {
    if (!random.chance(share)) continue;
    const strikes = random.integer(1, random.pick(STRIKES_MAX));
    for (let i = 0; i < strikes; i++) faults.push(drawFault(random, kind, setting));
  }
  for (const node of setting.losing) faults.push(...drawLosses(random, node, setting));
  if (setting.followers > 0 && !setting.calm && random.chance(0.7)) faults.push(lateStart(random, setting));
  return faults.sort((a, b) => a.atMs - b.atMs);
}

/** A start and an end before the quiet phase, no longer than `longestMs` apart. */
function drawSpan(random: Random, { quietFromMs }: FaultSetting, longestMs: number) {
  const atMs = random.integer(FIRST_MS, Math.max(FIRST_MS, quietFromMs - 500));
  return { atMs, untilMs: Math.min(quietFromMs, atMs + random.integer(300, longestMs)) };
}

function drawFault(random: Random, kind: FaultKind, setting: FaultSetting): Fault {
  const all = setting.validators + setting.followers;
  const node = random.integer(0, all - 1);
  switch (kind) {
    case 'loss':
      return { kind, ...drawSpan(random, setting, 15_000), links: drawLinks(random, all), share: percent(random, 30) };
    case 'duplication':
      return { kind, ...drawSpan(random, setting, 15_000), links: drawLinks(random, all), share: percent(random, 50) };
    case 'delay': {
      const delayMaxMs = random.pick([300, 1_000, 3_000, 10_000]);
      return { kind, ...drawSpan(random, setting, 10_000), links: drawLinks(random, all), delayMaxMs };
    }
    case 'reordering':
      return { kind, ...drawSpan(random, setting, 15_000), links: drawLinks(random, all) };
    case 'partition':
      return { kind, ...drawSpan(random, setting, 8_000), group: drawGroup(random, all) };
    case 'one-way':
      return {
        kind,
        ...drawSpan(random, setting, 8_000),
        from: drawGroup(random, all),
        to: drawGroup(random, all),
      };
    case 'flapping': {
      const periodMs = random.pick([200, 700, 2_000]);
      return { kind, ...drawSpan(random, setting, 10_000), group: drawGroup(random, all), periodMs };
    }
    case 'disconnect':
      return { kind, ...drawSpan(random, setting, 5_000), nodes: [node, (node + random.integer(1, all - 1)) % all] };
    case 'crash':
    case 'pause':
      return { kind, ...drawSpan(random, setting, 6_000), node };
    case 'restart-storm': {
      const periodMs = random.pick([300, 800, 2_500]);
      return { kind, ...drawSpan(random, setting, 6_000), nodes: drawCasualties(random, all), periodMs };
    }
    case 'power-cut':
      return {
        kind,
        ...drawSpan(random, setting, 6_000),
        nodes: drawCasualties(random, all),
        on: random.pick(['persistSigningState', 'commit', 'commit']),
        afterMs: random.pick([0, 1, 3, 10, 40]),
      };
    case 'clock-jump':
      return { kind, ...drawSpan(random, setting, 10_000), node, byMs: random.integer(-3_000, 3_000) };
    case 'torn-write':
    case 'io-error':
      return { kind, ...drawSpan(random, setting, 4_000), node };
    case 'full-disk':
      return { kind, ...drawSpan(random, setting, 6_000), node };
    case 'slow-disk':
      return { kind, ...drawSpan(random, setting, 10_000), node, writeMs: random.pick([30, 150, 600]) };
    case 'pruning':
      return { kind, ...drawSpan(random, setting, 1_000), node, keepHeights: random.pick([0, 1, 5]) };
    default:
      throw new RangeError(`${kind} is drawn elsewhere`);
  }
}

const percent = (random: Random, most: number): number => random.integer(1, most) / 100;

function drawLinks(random: Random, all: number): Links {
  if (random.chance(0.5)) return { from: null, to: null };
  return random.chance(0.5) ? { from: drawGroup(random, all), to: null } : { from: null, to: drawGroup(random, all) };
}

/** Neither nobody nor everybody. */
const drawGroup = (random: Random, all: number): readonly number[] =>
  random
    .shuffle(Array.from({ length: all }, (_, i) => i))
    .slice(0, random.integer(1, all - 1))
    .sort((a, b) => a - b);

/** Some, or all at once: a power cut. */
const drawCasualties = (random: Random, all: number): readonly number[] =>
  random.chance(0.4) ? Array.from({ length: all }, (_, i) => i) : drawGroup(random, all);

function drawLosses(random: Random, node: number, setting: FaultSetting): readonly Fault[] {
  return Array.from({ length: random.pick([1, 1, 2]) }, (): Fault => {
    const span = drawSpan(random, setting, 8_000);
    const kind = random.pick(STATE_LOSING_KINDS);
    if (kind === 'flipped-bit') return { kind, ...span, node, where: random.pick(['chain', 'chain', 'signing']) };
    if (kind === 'wiped-disk') return { kind, ...span, node, from: random.pick(['genesis', 'snapshot']) };
    return { kind, ...span, node };
  });
}

const lateStart = (random: Random, setting: FaultSetting): Fault => ({
  kind: 'late-start',
  atMs: 0,
  untilMs: random.integer(FIRST_MS, setting.quietFromMs),
  node: setting.validators,
  from: random.pick(['genesis', 'snapshot', 'snapshot']),
});
