/** What the demonstration has to show, in the order in which it is told. */
export const CHECKS = [
  'first-block',
  'enrolled',
  'stranger-refused',
  'register-without-write-denied',
  'registered',
  'denied-before-grant',
  'granted',
  'read-after-grant',
  'cid-matches-ipfs',
  'search-hit',
  'denied-after-revoke',
  'break-glass-reviewed',
  'below-threshold-fails',
  'capsule-reuse-refused',
  'threshold-read',
  'wrong-share-disputed',
  'survives-kill',
  'unlinkable',
  'fhir-consent-roundtrip',
  'caught-up',
  'audit-complete',
  'audit-event-valid',
  'wrong-share-rated',
  'reputation',
  'guardian-recovery',
  'guardian-acting',
  'shredded',
  'tamper-detected',
  'proof-verified',
  'no-plaintext',
] as const;
export type CheckName = (typeof CHECKS)[number];

export type Facts = Readonly<Record<string, unknown>>;

export interface Check {
  readonly name: CheckName;
  readonly ok: boolean;
  /** `unknown` where the time was over before its end was reached. `ok` is another word for `holds`. */
  readonly verdict: Verdict;
  readonly detail: Facts;
}

export type Verdict = 'holds' | 'violated' | 'unknown';
const verdictOf = (ok: boolean): Verdict => (ok ? 'holds' : 'violated');

/** One answer for each check. What was never reached is not known to hold. */
export class Checklist {
  readonly #found = new Map<CheckName, Check>();
  /** Names of the records that every check is about. */
  readonly #records: readonly string[];

  constructor(records: readonly string[]) {
    this.#records = records;
  }

  /** A check about the consortium as a whole. */
  add(name: CheckName, ok: boolean, facts: Facts): void {
    this.#found.set(name, { name, ok, verdict: verdictOf(ok), detail: { record: this.#records, ...facts } });
  }

  /** A check that holds where it holds for every record. */
  addForEach(
    name: CheckName,
    found: readonly { readonly record: string; readonly ok: boolean; readonly facts: Facts }[],
  ): void {
    const ok = found.length > 0 && found.every((one) => one.ok);
    const record = found.map((one) => one.record);
    const each = found.map((one) => ({ record: one.record, ok: one.ok, ...one.facts }));
    this.#found.set(name, { name, ok, verdict: verdictOf(ok), detail: { record, each } });
  }

  get all(): readonly Check[] {
    const missing = (name: CheckName): Check => ({
      name,
      ok: false,
      verdict: 'unknown',
      detail: { record: this.#records, reason: 'not reached' },
    });
    return CHECKS.map((name) => this.#found.get(name) ?? missing(name));
  }

  /** Violated where anything is, else unknown where anything is. */
  get verdict(): Verdict {
    const verdicts = this.all.map(({ verdict }) => verdict);
    return (['violated', 'unknown'] as const).find((one) => verdicts.includes(one)) ?? 'holds';
  }

  /** The time was over in the middle of a chapter: what it has to show is not known. */
  notReached(name: CheckName, reason: string): void {
    if (this.#found.has(name)) return;
    const detail = { record: this.#records, reason: `not reached: ${reason}` };
    this.#found.set(name, { name, ok: false, verdict: 'unknown', detail });
  }

  /** A chapter ended early: what it had to show does not hold, and why. */
  failed(names: readonly CheckName[], reason: string): void {
    for (const name of names) if (!this.#found.has(name)) this.add(name, false, { reason });
  }
}
