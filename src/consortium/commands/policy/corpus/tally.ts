/** What a corpus and we disagree on, as `carechain policy test` prints it. */
export interface Tally {
  tests: number;
  requests: number;
  decisionDisagreements: number;
  reasonDisagreements: number;
  errorDisagreements: number;
  validationDisagreements: number;
  /** With `--validation`: per policy, per entity and per request. */
  verdictDisagreements: number;
}

export type DisagreementKind = Exclude<keyof Tally, 'tests' | 'requests'>;

/** One disagreement: in which test, about what, what was expected and what we say. */
export interface Failure {
  readonly kind: DisagreementKind;
  readonly test: string;
  readonly about: string;
  readonly expected: string;
  readonly found: string;
}

export class Tallying {
  readonly tally: Tally = {
    tests: 0,
    requests: 0,
    decisionDisagreements: 0,
    reasonDisagreements: 0,
    errorDisagreements: 0,
    validationDisagreements: 0,
    verdictDisagreements: 0,
  };
  readonly failures: Failure[] = [];

  disagree(failure: Failure): void {
    this.tally[failure.kind]++;
    this.failures.push(failure);
  }

  get agreed(): boolean {
    return this.failures.length === 0;
  }
}
