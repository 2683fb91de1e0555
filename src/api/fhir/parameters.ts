import type { Address } from '../../base/brand.ts';
import { FHIR_LIMITS, spanOf } from '../../fhir/index.ts';
import { refusal } from '../errors.ts';
import { hexParameter } from '../reading.ts';
import type { AccessRule, Call, JsonSchema, Question, ViewAction } from '../route.ts';
import { text } from '../schemas.ts';

/*
 * Search parameters (R4, 3.1.1). A parameter that a route does not know is refused and not ignored: whoever filters by it would be told more
 * than was asked for.
 */

const COUNT_DEFAULT = 50;
const DATES_MAX = 4;
const date: JsonSchema = { type: 'string', maxLength: 40, pattern: '^(eq|ge|gt|le|lt)?[0-9][0-9T:.Z+-]*$' };

export const patientQuery = { patient: text(64, 'Required: Patient/ and the address.') };
export const pageQuery = {
  _count: {
    type: 'string',
    pattern: '^[1-9][0-9]{0,2}$',
    description: `Resources of one page, at most ${FHIR_LIMITS.pageEntriesMax}.`,
  },
  _after: text(64, 'The place behind which the page begins, from a next link.'),
} as const;
export const dateQuery = {
  date: {
    anyOf: [date, { type: 'array', items: date, maxItems: DATES_MAX }],
    description: 'When, with eq, ge, gt, le or lt before it; twice for a range.',
  },
} as const;

export const countOf = ({ query }: Call): number =>
  Math.min(Number(query._count ?? COUNT_DEFAULT), FHIR_LIMITS.pageEntriesMax);

const REFERENCE = /^(?:(?:Patient|Practitioner|RelatedPerson|Organization)\/)?([0-9a-f]{40})$/;
const RECORD = /^(?:DocumentReference\/)?([0-9a-f]{64})$/;

/** Whom the search is about. The policies are asked before the schema is: what is missing or of another form is refused here. */
export function patientOf({ query }: Call): Address {
  const id = typeof query.patient === 'string' ? REFERENCE.exec(query.patient)?.[1] : undefined;
  const address = hexParameter<Address>(id, 20);
  if (address === undefined) throw refusal('api-request.invalid', { at: '/patient' });
  return address;
}

export function targetOf({ query }: Call): string {
  const record = typeof query.target === 'string' ? RECORD.exec(query.target)?.[1] : undefined;
  if (record === undefined) throw refusal('api-request.invalid', { at: '/target' });
  return record;
}

/** About the person that the search names. */
export const aboutPatient = (action: ViewAction): AccessRule => ({
  action,
  questions: (call) => [[{ resource: { type: 'Participant', id: patientOf(call) } }]],
});

export const aboutRecord = (record: string): readonly Question[] => [
  { resource: { type: 'Record', id: hexParameter(record, 32) as Uint8Array } },
];

/**
 * Whether a time is within all that `date` says, ms. What a date leaves open counts (a day may begin 14 hours earlier or 12 later):
 * the trail is one's own, and a filter that hid a line would mislead.
 */
export function dateFilter({ query }: Call): (timestampMs: number) => boolean {
  const tests = ([query.date].flat() as (string | undefined)[]).flatMap((one) =>
    one === undefined ? [] : [dateTest(one)],
  );
  return (timestampMs) => tests.every((test) => test(timestampMs));
}

function dateTest(given: string): (timestampMs: number) => boolean {
  const [, prefix = 'eq', when = ''] = /^(eq|ge|gt|le|lt)?(.*)$/.exec(given) ?? [];
  const span = spanOf(when);
  if (span === undefined) throw refusal('api-request.invalid', { at: '/date' });
  const { startsFromMs, startsToMs, endsFromMs, endsToMs } = span;
  switch (prefix) {
    case 'ge':
      return (ms) => ms >= startsFromMs;
    case 'gt':
      return (ms) => ms > endsFromMs;
    case 'le':
      return (ms) => ms <= endsToMs;
    case 'lt':
      return (ms) => ms < startsToMs;
    default:
      return (ms) => ms >= startsFromMs && ms <= endsToMs;
  }
}
