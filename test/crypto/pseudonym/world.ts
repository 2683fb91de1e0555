import { DELAY_ENTROPY_BYTES, grantEnd, scheduleDelays } from '../../../src/crypto/delays.ts';
import { padmeLength } from '../../../src/crypto/padme.ts';
import { bytesFrom } from '../support/vectors.ts';

/*
 * A model of what the chain shows of 1,000 patients at four hospitals in half a year, in the fields that the ledger writes: who
 * (a pseudonym), when (block time), size after padding, a grant's end. Bytes of keys and ids are judged with real ones, elsewhere.
 */
export const DAY_MS = 86_400_000;
export const PERIOD_MS = 180 * DAY_MS;
export const PATIENTS = 1_000;
const HOSPITALS = 4;
const BLOCK_MS = 1_000;

export interface GrantRow {
  readonly atMs: number;
  readonly expiresMs: number;
}

/** All that the chain shows of one pseudonym. */
export interface Rows {
  readonly patient: number;
  readonly grants: readonly GrantRow[];
  readonly ciphertextBytes: readonly number[];
}

export interface World {
  /** Pseudonyms of each hospital, in an order that says nothing. */
  readonly hospitals: readonly (readonly Rows[])[];
  readonly windowMs: number;
}

export interface Habits {
  /** The window of the random delays; 0 for none. */
  readonly windowMs: number;
  /** A grant's end: the decision's to the millisecond, the decision's day, or the day counted from its own sending. */
  readonly ends: 'exact' | 'day of the decision' | 'own day';
  /** Decisions in the half year that concern every hospital of the patient at once. */
  readonly jointDecisions: number;
  /** The share of documents that are registered at two hospitals, byte for byte. */
  readonly copiedDocuments: number;
}

export function worldOf(habits: Habits, random: () => number): World {
  const hospitals: Rows[][] = Array.from({ length: HOSPITALS }, () => []);
  for (let patient = 0; patient < PATIENTS; patient++)
    for (const [hospital, rows] of rowsOf(patient, habits, random)) hospitals[hospital]?.push(rows);
  for (const rows of hospitals) rows.sort((a, b) => orderOf(a) - orderOf(b));
  return { hospitals, windowMs: habits.windowMs };
}

/** As scattered as ids in byte order are. */
const orderOf = ({ patient }: Rows): number => (patient * 7_919) % 1_009;

function rowsOf(patient: number, habits: Habits, random: () => number): Map<number, Rows> {
  const attended = attendedBy(random);
  const grants = new Map<number, GrantRow[]>(attended.map((hospital) => [hospital, []]));
  const sizes = new Map<number, number[]>(attended.map((hospital) => [hospital, []]));
  // Grants for one hospital alone, at its desk.
  for (const hospital of attended)
    for (let n = Math.floor(3 * random()); n > 0; n--)
      grants.get(hospital)?.push(grantAt(random() * PERIOD_MS, habits, random));
  // Decisions for all of them.
  for (let n = 0; n < habits.jointDecisions; n++) {
    const decidedMs = random() * PERIOD_MS;
    const lasting = durationMs(random);
    const entropy = bytesFrom(`delays ${patient} ${n} ${random()}`, attended.length * DELAY_ENTROPY_BYTES);
    const delays =
      habits.windowMs === 0 ? attended.map(() => 0) : scheduleDelays(entropy, attended.length, habits.windowMs);
    attended.forEach((hospital, i) => {
      const sentMs = decidedMs + (delays[i] as number);
      grants.get(hospital)?.push({ atMs: blockTime(sentMs), expiresMs: endOf(decidedMs, sentMs, lasting, habits) });
    });
  }
  // Documents, some of them brought from one hospital to the next.
  for (const hospital of attended)
    for (let n = Math.floor(6 * random()); n > 0; n--) {
      const size = padmeLength(Math.floor(1_000 * Math.exp(8 * random())));
      sizes.get(hospital)?.push(size);
      const other = attended[Math.floor(random() * attended.length)] as number;
      if (other !== hospital && random() < habits.copiedDocuments) sizes.get(other)?.push(size);
    }
  return new Map(
    attended.map((hospital) => [
      hospital,
      { patient, grants: grants.get(hospital) ?? [], ciphertextBytes: sizes.get(hospital) ?? [] },
    ]),
  );
}

const attendedBy = (random: () => number): number[] => {
  const attended = Array.from({ length: HOSPITALS }, (_, hospital) => hospital).filter(() => random() < 0.5);
  return attended.length > 0 ? attended : [Math.floor(random() * HOSPITALS)];
};

/** The short list that every device offers. */
export const DURATIONS_DAYS = [30, 90, 365] as const;
const durationMs = (random: () => number): number =>
  (DURATIONS_DAYS[Math.floor(DURATIONS_DAYS.length * random())] as number) * DAY_MS;

function grantAt(decidedMs: number, habits: Habits, random: () => number): GrantRow {
  return { atMs: blockTime(decidedMs), expiresMs: endOf(decidedMs, decidedMs, durationMs(random), habits) };
}

function endOf(decidedMs: number, sentMs: number, lasting: number, { ends }: Habits): number {
  if (ends === 'exact') return Math.floor(decidedMs + lasting);
  return grantEnd(ends === 'own day' ? sentMs : decidedMs, lasting);
}

const blockTime = (ms: number): number => Math.ceil(ms / BLOCK_MS) * BLOCK_MS;
