import type { Hash, TimestampMs } from '../../../src/base/brand.ts';
import { toHex } from '../../../src/base/bytes.ts';
import type { ShareJudge } from '../../../src/ledger/evaluation/share-judge.ts';
import type { Payload } from '../../../src/ledger/families/payloads.ts';
import { grantKeyOf } from '../../../src/ledger/grant-key.ts';
import type { Parameters } from '../../../src/ledger/parameters.ts';
import type { Receipt } from '../../../src/ledger/receipt.ts';
import { type Evaluation, evaluations, grants, reputations } from '../../../src/ledger/state/tables.ts';
import { expectApplied, genesisOf, hash, hospitalName, idOf, primitives, Town } from '../town.ts';

export const PATIENT = 'the patient';
export const DOCTOR = 'Dr B';
export const FRAGMENTS: readonly Hash[] = [hash('fragment of one'), hash('fragment of two')];
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export interface GrantTerms {
  /** Numbers of hospitals. */
  readonly holders?: readonly number[];
  readonly min?: number;
  readonly max?: number;
  readonly uses?: number | null;
  readonly lastsMs?: number;
  readonly request?: Hash | null;
  /** The last epoch that it covers, from 0 on. */
  readonly epochTo?: number;
}

/** A patient with a record, a doctor who reads it under a grant, and the hospitals that hold fragments. */
export class Ward extends Town {
  constructor(judgeShare?: ShareJudge, parameters: Partial<Parameters> = {}) {
    super(genesisOf(5, parameters), judgeShare);
    this.join(PATIENT, 'patient');
    this.join(DOCTOR, 'practitioner', hospitalName(2));
    this.openCategory(PATIENT);
    expectApplied(this.act(PATIENT, 'registerRecord', this.recordPayload(PATIENT, 'one')));
  }

  get nowMs(): TimestampMs {
    return this.tip.header.timestampMs;
  }

  terms({
    holders = [1, 2, 3, 4],
    min = 3,
    max = 4,
    uses = null,
    lastsMs = 10 * DAY_MS,
    request = null,
    epochTo = 0,
  }: GrantTerms) {
    const grantId = hash(`grant at ${this.tip.header.height}`);
    const { grantee } = this.grantPayload(PATIENT, DOCTOR);
    const categories = [{ category: this.category(PATIENT), epochFrom: 0, epochTo }];
    const held = this.receipts({ patient: PATIENT, grantId, grantee, categories, holders, fragmentIds: FRAGMENTS });
    const delivery = { scheme: 'umbral-v1', grantId, threshold: 1, oraclesMin: min, oraclesMax: max, holders: held };
    const expires = this.nowMs + lastsMs;
    return this.grantPayload(PATIENT, DOCTOR, { categories, delivery, uses, expires, request });
  }

  grants(terms: GrantTerms = {}): Receipt {
    const receipt = this.act(PATIENT, 'grant', this.terms(terms));
    expectApplied(receipt);
    return receipt;
  }

  reads(afterMs?: number): Hash {
    const receipt = this.read(DOCTOR, 'one', 'TREAT', afterMs);
    expectApplied(receipt);
    return receipt.transactionId;
  }

  respond(n: number, answers: Payload<'respond'>['answers'], afterMs?: number): Receipt {
    return this.act(hospitalName(n), 'respond', { answers }, afterMs);
  }

  /** A hospital commits a share of its own. */
  answers(n: number, read: Hash, afterMs?: number): Receipt {
    return this.respond(n, [{ read, shareHash: primitives.hash(shareOf(n, read)) }], afterMs);
  }

  claims(n: number, read: Hash, afterMs?: number): Receipt {
    const holder = idOf(hospitalName(n));
    return this.act(DOCTOR, 'dispute', { read, holder, claim: { kind: 'undelivered' } }, afterMs);
  }

  publishes(n: number, read: Hash, afterMs?: number, share = shareOf(n, read)): Receipt {
    return this.act(hospitalName(n), 'publishShare', { read, share }, afterMs);
  }

  passes(afterMs: number): void {
    this.seal([], afterMs);
  }

  /** Empty blocks up to a time after a read. */
  until(read: Hash, afterReadMs: number): void {
    this.passes(this.evaluation(read).readMs + afterReadMs - this.nowMs);
  }

  /** Whether its evaluation stands in the state. */
  knows(read: Hash): boolean {
    return evaluations.get(this.tip.view, toHex(read)) !== undefined;
  }

  evaluation(read: Hash): Evaluation {
    const row = evaluations.get(this.tip.view, toHex(read));
    if (row === undefined) throw new Error('the read has no evaluation');
    return row;
  }

  /** Ratings by the numbers of hospitals. */
  ratings(read: Hash): Readonly<Record<number, number>> {
    return Object.fromEntries(
      this.evaluation(read).ratings.map(({ hospital, rating }) => [numberOf(hospital), rating]),
    );
  }

  winner(read: Hash): number | null {
    const { winner } = this.evaluation(read);
    return winner === null ? null : numberOf(winner);
  }

  reputation(n: number) {
    return reputations.get(this.tip.view, toHex(idOf(hospitalName(n))));
  }

  get usesLeft(): number | null | undefined {
    const key = grantKeyOf({ type: 'person', id: toHex(idOf(DOCTOR)) }, this.category(PATIENT));
    return grants.get(this.tip.view, toHex(idOf(PATIENT)), key)?.usesLeft;
  }

  revokes(afterMs?: number): Receipt {
    const grantee = { type: 'person' as const, id: toHex(idOf(DOCTOR)) };
    return this.act(PATIENT, 'revoke', { grantee, category: this.category(PATIENT) }, afterMs);
  }

  /** What the end of the newest block told. */
  get told(): readonly string[] {
    return (this.blocks.at(-1)?.execution.endEvents ?? []).map(({ name }) => name);
  }
}

export const shareOf = (n: number, read: Hash): Uint8Array => hash(`share of ${n} for ${toHex(read)}`) as Uint8Array;

const NUMBERS = new Map([1, 2, 3, 4, 5].map((n) => [toHex(idOf(hospitalName(n))), n]));
export const numberOf = (hospital: Uint8Array): number => NUMBERS.get(toHex(hospital)) ?? 0;
