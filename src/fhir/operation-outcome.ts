import type { OperationOutcome } from 'fhir/r4.js';
import type { CodeEntry } from '../base/result.ts';

type IssueType = OperationOutcome['issue'][number]['code'];

/** R4's issue types by HTTP status. Denied and not found are one answer: otherwise a denial would tell that something exists. */
const ISSUE_TYPES: Readonly<Record<number, IssueType>> = {
  400: 'invalid',
  401: 'login',
  403: 'forbidden',
  404: 'forbidden',
  405: 'not-supported',
  409: 'conflict',
  413: 'too-costly',
  422: 'processing',
  429: 'throttled',
  503: 'transient',
};

/** A refusal, with its code of the house's one catalogue, as FHIR clients read it. */
export const operationOutcomeOf = (code: string, { status, meaning }: CodeEntry): OperationOutcome => ({
  resourceType: 'OperationOutcome',
  issue: [
    {
      severity: 'error',
      code: ISSUE_TYPES[status] ?? 'exception',
      details: { coding: [{ system: 'urn:carechain:code', code }], text: meaning },
    },
  ],
});
