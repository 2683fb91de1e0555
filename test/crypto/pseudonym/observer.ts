import { DAY_MS, DURATIONS_DAYS, type GrantRow, PERIOD_MS, type Rows, type World } from './world.ts';

/*
 * The observer has all chain bytes and hospital A's disk, so it knows who stands behind A's pseudonyms, and wants to know who they are
 * at B. It knows how devices behave (the delays' window), scores every pair of pseudonyms by the logarithm of how much likelier its
 * coincidences are for one person than for two, and names the best.
 */
export interface Eyes {
  readonly times: boolean;
  readonly sizes: boolean;
  readonly ends: boolean;
}

/** Share of the patients known at A and at B whose pseudonym at B the observer names. */
export function success({ hospitals, windowMs }: World, eyes: Eyes): { success: number; guess: number } {
  const [a, b] = hospitals as [readonly Rows[], readonly Rows[]];
  const sizeRarity = rarityOf(hospitals.flat().flatMap(({ ciphertextBytes }) => ciphertextBytes));
  const dayRarity = rarityOf(hospitals.flat().flatMap(endsOf));
  // An instant in milliseconds is equal by chance hardly ever, however often it occurs.
  const endRarity = (end: number) => (end % DAY_MS === 0 ? dayRarity(end) : Math.log(PERIOD_MS));
  const sizesOfB = new Map(b.map((rows) => [rows, new Set(rows.ciphertextBytes)]));
  const endsOfB = new Map(b.map((rows) => [rows, new Set(endsOf(rows))]));
  const grantsOfB = new Map(b.map((rows) => [rows, rows.grants.map(graded)]));
  const known = new Set(b.map(({ patient }) => patient));
  let right = 0;
  let asked = 0;
  for (const one of a) {
    if (!known.has(one.patient)) continue;
    asked++;
    const grants = one.grants.map(graded);
    let best = Number.NEGATIVE_INFINITY;
    let named = -1;
    for (const other of b) {
      let score = 0;
      if (eyes.times) score += timeScore(grants, grantsOfB.get(other) ?? [], windowMs, eyes.ends);
      if (eyes.sizes) score += coincidences(one.ciphertextBytes, sizesOfB.get(other), sizeRarity);
      if (eyes.ends) score += coincidences(endsOf(one), endsOfB.get(other), endRarity);
      if (score > best) {
        best = score;
        named = other.patient;
      }
    }
    if (named === one.patient) right++;
  }
  return { success: right / asked, guess: 1 / b.length };
}

const endsOf = ({ grants }: Rows): number[] => grants.map(({ expiresMs }) => expiresMs);

/** −log of the share of rows that have a value: what its coincidence is worth. */
function rarityOf(values: readonly number[]): (value: number) => number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return (value) => Math.log(values.length / (counts.get(value) as number));
}

function coincidences(
  left: readonly number[],
  there: ReadonlySet<number> | undefined,
  rarity: (value: number) => number,
): number {
  let sum = 0;
  for (const value of left) if (there?.has(value)) sum += rarity(value);
  return sum;
}

/** The share of grants that come of a decision for several hospitals, as the observer assumes. */
const JOINT_SHARE = 0.5;

/**
 * For each of A's grants: it may be of a joint decision, and then one of B's lies near. The density of the distance of two uniform
 * delays is a triangle of base 2W; without delays it is one block. Grants of one decision last equally long.
 */
function timeScore(ones: readonly Graded[], others: readonly Graded[], windowMs: number, seesEnds: boolean): number {
  const width = Math.max(windowMs, 1_000);
  let score = 0;
  for (const grant of ones) {
    let density = 0;
    for (const candidate of others) {
      const near = Math.max(0, 1 - Math.abs(candidate.atMs - grant.atMs) / width) / width;
      const alike = seesEnds ? (grant.durationDays === candidate.durationDays ? DURATIONS_DAYS.length : 0) : 1;
      density += near * alike;
    }
    const ratio = others.length === 0 ? 0 : (density * PERIOD_MS) / others.length;
    score += Math.log(1 - JOINT_SHARE + JOINT_SHARE * ratio);
  }
  return score;
}

interface Graded {
  readonly atMs: number;
  readonly durationDays: number;
}

/** Which of the durations on offer a grant has: the nearest, since delay and rounding move its end by days. */
function graded({ atMs, expiresMs }: GrantRow): Graded {
  const days = (expiresMs - atMs) / DAY_MS;
  const durationDays = DURATIONS_DAYS.reduce(
    (best, each) => (Math.abs(each - days) < Math.abs(best - days) ? each : best),
    30 as number,
  );
  return { atMs, durationDays };
}
