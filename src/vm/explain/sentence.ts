import { VM_CODES } from '../codes.ts';
import type { ClauseTrace, Explanation, PolicyTrace } from './explain.ts';
import { EXPLAIN_LIMITS } from './limits.ts';
import type { ValueMet } from './values-met.ts';

/** Why it was decided so, in one sentence, with the clause and its values. For the patient and for reviewers: never for who was denied. */
export function sentenceOf({ decision, policies, nearest }: Explanation): string {
  const traceOf = (id: string | undefined) => policies.find(({ policyId }) => policyId === id);
  const { allowed, reasons, errors, outOfGas, gasUsed } = decision;
  if (outOfGas) return `Denied: deciding would cost more than ${gasUsed} gas.`;
  if (allowed) return `Allowed by ${listed(reasons.map(quoted))}.`;
  const forbidding = traceOf(reasons[0]);
  if (reasons.length > 0)
    return `Denied: ${listed(reasons.map(quoted))} ${verb(reasons.length)} it${because(forbidding)}.`;
  const erring = errors.map(({ policyId }) => traceOf(policyId)).find((trace) => trace?.effect === 'forbid');
  if (erring?.failed)
    return `Denied: ${quoted(erring.policyId)} may forbid it and cannot be evaluated, because ${stopped(erring.failed)}.`;
  const near = traceOf(nearest ?? undefined);
  if (!near?.failed) return 'Denied: no policy permits it.';
  return `Denied: no policy permits it; the nearest is ${quoted(near.policyId)}, but ${stopped(near.failed)}.`;
}

const quoted = (id: string): string => JSON.stringify(id);
const verb = (count: number): string => (count === 1 ? 'forbids' : 'forbid');

const listed = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;

function because(trace: PolicyTrace | undefined): string {
  const held = trace?.held ?? [];
  if (held.length === 0) return '';
  const said = held.slice(0, EXPLAIN_LIMITS.heldMax).map(stopped);
  return `, because ${listed(held.length > said.length ? [...said, 'more'] : said)}`;
}

function stopped({ text, outcome, error, values }: ClauseTrace): string {
  const told = values.filter((value) => value.text !== text);
  const met = told.length === 0 ? '' : ` (${told.map(valueSentence).join(', ')})`;
  if (error === null) return `${text} is ${outcome}${met}`;
  const where = error.text === text ? text : `${error.text}, in ${text},`;
  return `${where} fails with ${error.code}: ${lowerFirst(VM_CODES[error.code].meaning)}${met}`;
}

const valueSentence = ({ text, value, code }: ValueMet): string =>
  value === null ? `${text} fails with ${code}` : `${text} is ${value}`;

const lowerFirst = (sentence: string): string =>
  `${sentence.slice(0, 1).toLowerCase()}${sentence.slice(1)}`.replace(/\.$/, '');
