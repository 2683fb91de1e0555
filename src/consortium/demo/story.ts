import type { Hash } from '../../base/brand.ts';
import type { AllowedRead } from '../../client/allowed-read.ts';
import type { HolderShare } from '../../crypto/combine-shares.ts';
import type { Output } from '../output.ts';
import { type Desk, type Person, type Surroundings, withSubmissions } from '../people.ts';
import type { Checklist } from './checklist.ts';
import type { Guarded } from './guardians.ts';
import type { RecordText } from './record-files.ts';
import type { DisputedShare } from './wrong-share.ts';

/** Something somebody tried with a patient's record, which the patient's trail must hold. */
export interface Attempt {
  readonly id: Hash;
  readonly kind: string;
  readonly outcome: 'applied' | 'denied';
}

/** One patient and one record on its way through the story. */
export interface RecordStory {
  readonly text: RecordText;
  readonly patient: Person;
  readonly attempts: Attempt[];
  /** On chain from registration on. */
  record?: Uint8Array;
  registeredAt?: number;
  /** The last read that went through with every hospital up, and what the holders sent. */
  watched?: { readonly allowed: AllowedRead; readonly shares: readonly HolderShare[] };
  /** A made-up share that was disputed; its rating comes later. */
  disputed?: DisputedShare;
  /** The attempt after the revocation: what the offline proof is about. */
  denial?: { readonly id: Hash; readonly height: number };
}

/** Which hospital plays which part. The last one is killed: no person of the story is at home there. */
export const HOSPITAL_A = 1;
export const HOSPITAL_B = 2;
export const VICTIM = 4;
export const HOSPITALS = 4;

/** The label of the category that all records of the story are in. */
export const CATEGORY = 'general';

/** What the chapters share. */
export interface Story extends Surroundings {
  readonly folder: string;
  readonly checks: Checklist;
  readonly records: readonly RecordStory[];
  readonly doctorA: Person;
  readonly doctorB: Person;
  /** Of doctor A and doctor B, for their hospitals' desks only. */
  readonly doctorIdentifiers: readonly [string, string];
  readonly deskA: Desk;
  readonly deskB: Desk;
  /** Planted in a record, or else found in one. */
  readonly markers: readonly string[];
  readonly output: Output;
  /** A patient of the chapters on guardians. */
  guarded?: Guarded;
  /** When one hospital was killed. */
  killedAtHeight?: number;
  /** A sentence of the story. */
  tell(sentence: string): void;
}

/** The record's id, once it is registered. */
export function recordOf({ record, text }: RecordStory): Uint8Array {
  if (record === undefined) throw new Error(`${text.name} was not registered`);
  return record;
}

/**
 * Lets somebody try something and notes the last transaction that came of it: what was tried comes last, after whatever it needed.
 */
export async function attempt<T extends { readonly ok: boolean }>(
  story: RecordStory,
  kind: string,
  work: () => Promise<T>,
): Promise<{ readonly answer: T; readonly id: Hash | undefined }> {
  const { answer, ids } = await withSubmissions(work);
  const id = ids.at(-1);
  if (id !== undefined) story.attempts.push({ id, kind, outcome: answer.ok ? 'applied' : 'denied' });
  return { answer, id };
}
