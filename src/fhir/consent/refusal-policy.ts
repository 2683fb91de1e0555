import { toHex } from '../../base/bytes.ts';
import type { ConsentParty, ConsentRefusal } from './types.ts';

/** Categories that one policy names: a policy of a patient's has at most 1,024 characters (T-41). */
const CATEGORIES_A_POLICY = 16;
const ROLE_TYPES: Readonly<Record<string, string>> = {
  patient: 'Patient',
  practitioner: 'Practitioner',
  administrator: 'Administrator',
  payer: 'Payer',
};

/**
 * A refusal as policies of the patient's own (T-41 to T-45), each to be deployed under an id of its own. None for a refusal of writing alone:
 * there, what is not granted is denied anyway.
 */
export function refusalPolicies(refusal: ConsentRefusal): readonly string[] {
  if (!refusal.reading) return [];
  const { categories } = refusal;
  if (categories === null) return [policyText(refusal, null)];
  const texts: string[] = [];
  for (let at = 0; at < categories.length; at += CATEGORIES_A_POLICY)
    texts.push(policyText(refusal, categories.slice(at, at + CATEGORIES_A_POLICY)));
  return texts;
}

function policyText(refusal: ConsentRefusal, categories: readonly Uint8Array[] | null): string {
  const { parties, purposes, fromMs, untilMs } = refusal;
  const [first, ...others] = [...parties].sort(personFirst);
  const begins = fromMs !== null && fromMs > 0 ? [`context.nowMs >= ${fromMs}`] : [];
  const ends = untilMs === null ? [] : [`context.nowMs <= ${untilMs}`];
  const times = [...begins, ...ends];
  const conditions = [
    ...others.map(partyTest),
    ...(purposes === null ? [] : [`[${purposes.map(quoted).join(', ')}].contains(context.purpose)`]),
    ...(categories === null
      ? []
      : [`[${categories.map((id) => quoted(toHex(id))).join(', ')}].contains(resource.category)`]),
    ...times,
  ];
  // Only a read knows the time (E-6).
  const actions =
    times.length > 0 ? 'action == Action::"readRecord"' : 'action in [Action::"requestAccess", Action::"readRecord"]';
  const scope = `forbid (${first === undefined ? 'principal' : partyTest(first)}, ${actions}, resource)`;
  return conditions.length === 0 ? `${scope};` : `${scope}\nwhen { ${conditions.join(' && ')} };`;
}

/** A person is named in the scope, where a comparison with somebody of another type is no mistake. */
const personFirst = (a: ConsentParty, b: ConsentParty): number =>
  Number(b.type === 'person') - Number(a.type === 'person');

function partyTest(party: ConsentParty): string {
  switch (party.type) {
    case 'person':
      return `principal == ${party.entity}::${quoted(party.id)}`;
    case 'hospital':
      return `principal in Hospital::${quoted(party.id)}`;
    case 'role':
      return `principal is ${ROLE_TYPES[party.id] ?? 'Stranger'}`;
  }
}

/** Ids, codes and hexadecimal digits: nothing in them needs an escape, and nothing else is let through. */
function quoted(word: string): string {
  if (!/^[A-Za-z0-9-]*$/.test(word)) throw new TypeError('no id, code or hexadecimal word');
  return `"${word}"`;
}
