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
  'below-threshold-fails',
  'capsule-reuse-refused',
  'threshold-read',
  'wrong-share-rated',
  'survives-kill',
  'reputation',
  'unlinkable',
  'fhir-consent-roundtrip',
  'caught-up',
  'audit-complete',
  'audit-event-valid',
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
  readonly detail: Facts;
}

/** One answer for each check. What was never reached does not hold. */
export class Checklist {
  readonly #found = new Map<CheckName, Check>();
  /** Names of the records that every check is about. */
  readonly #records: readonly string[];

  constructor(records: readonly string[]) {
    this.#records = records;
  }

  /** A check about the consortium as a whole. */
  add(name: CheckName, ok: boolean, facts: Facts): void {
    this.#found.set(name, { name, ok, detail: { record: this.#records, ...facts } });
  }

  /** A check that holds where it holds for every record. */
  addForEach(
    name: CheckName,
    found: readonly { readonly record: string; readonly ok: boolean; readonly facts: Facts }[],
  ): void {
    const ok = found.length > 0 && found.every((one) => one.ok);
    const record = found.map((one) => one.record);
    const each = found.map((one) => ({ record: one.record, ok: one.ok, ...one.facts }));
    this.#found.set(name, { name, ok, detail: { record, each } });
  }

  get all(): readonly Check[] {
    const missing = (name: CheckName): Check => ({
      name,
      ok: false,
      detail: { record: this.#records, reason: 'not reached' },
    });
    return CHECKS.map((name) => this.#found.get(name) ?? missing(name));
  }

  /** A chapter ended early: what it had to show does not hold, and why. */
  failed(names: readonly CheckName[], reason: string): void {
    for (const name of names) if (!this.#found.has(name)) this.add(name, false, { reason });
  }
}
