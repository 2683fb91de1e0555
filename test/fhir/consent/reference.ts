import type { Coding, Consent, ConsentProvision } from 'fhir/r4.js';
import { toHex } from '../../../src/base/bytes.ts';
import { CATEGORIES, DOCTOR_A, DOCTOR_B, FRIEND, HOSPITAL_A, HOSPITAL_B } from './cast.ts';

/**
 * What a FHIR R4 Consent permits at the least, told by its own words and with nothing of the importer's: where an element has several
 * readings, or is not known here, a permit counts only if all readings match, and a denial as soon as one may.
 */
export interface Question {
  readonly person: string;
  readonly purpose: string;
  readonly category: Uint8Array;
  readonly epoch: number;
  readonly action: 'read' | 'write';
  readonly atMs: number;
}

type Match = 'surely' | 'perhaps' | 'no';

const PEOPLE: Readonly<Record<string, { id: string; homes: readonly string[] }>> = {
  'Practitioner/a': { id: DOCTOR_A, homes: ['Organization/a'] },
  'Practitioner/b': { id: DOCTOR_B, homes: ['Organization/b'] },
  'RelatedPerson/f': { id: FRIEND, homes: ['Organization/a'] },
};
export const HOMES: Readonly<Record<string, string>> = {
  [DOCTOR_A]: HOSPITAL_A,
  [DOCTOR_B]: HOSPITAL_B,
  [FRIEND]: HOSPITAL_A,
};
const BROADER: Readonly<Record<string, readonly string[]>> = {
  ETREAT: ['TREAT'],
  BTG: ['TREAT', 'ETREAT'],
  FAMRQT: ['PATRQT'],
};
const LABELS = ['N', 'R', 'V'];

export function surelyPermits({ provision }: Consent, question: Question): boolean {
  if (provision === undefined) return false;
  const root = matches(provision, question);
  if (root === 'no') return false;
  const nested = (provision.provision ?? []).map((rule) => ({ rule, match: matches(rule, question) }));
  // Nested types that are missing, or deeper exceptions, may deny.
  if (nested.some(({ rule, match }) => match !== 'no' && (rule.type !== 'permit' || rule.provision !== undefined)))
    return false;
  const isNamed = nested.some(({ rule, match }) => rule.type === 'permit' && match === 'surely') && root === 'surely';
  return provision.type === 'permit' ? root === 'surely' : isNamed;
}

function matches(rule: ConsentProvision, question: Question): Match {
  const limits = [
    rule.class || rule.code || rule.dataPeriod || rule.data ? ('perhaps' as const) : ('surely' as const),
    time(rule, question),
    any(rule.actor, ({ role, reference }) => {
      const isRecipient = ['IRCP', 'PRCP'].includes(role.coding?.[0]?.code ?? '');
      const name = reference.reference ?? '';
      const person = Object.values(PEOPLE).find(({ id }) => id === question.person);
      if (!isRecipient || !(name in PEOPLE || name.startsWith('Organization/'))) return 'perhaps';
      return PEOPLE[name]?.id === question.person || person?.homes.includes(name) ? 'surely' : 'no';
    }),
    any(rule.purpose, ({ code = '' }) =>
      code === question.purpose
        ? 'surely'
        : BROADER[question.purpose]?.includes(code) || code === 'HMARKT'
          ? 'perhaps'
          : 'no',
    ),
    any(rule.action, (concept) => {
      const code = concept.coding?.[0]?.code ?? '';
      if (question.action === 'read') return code === 'access' ? 'surely' : code === 'use' ? 'perhaps' : 'no';
      return code === 'collect' || code === 'correct' ? 'perhaps' : 'no';
    }),
    labels(rule.securityLabel ?? [], question),
  ];
  // To write takes both actions.
  const codes = (rule.action ?? []).map((concept) => concept.coding?.[0]?.code);
  const both = question.action === 'write' && codes.includes('collect') && codes.includes('correct');
  const told = both ? limits.map((limit, index) => (index === 4 ? 'surely' : limit)) : limits;
  return told.includes('no') ? 'no' : told.includes('perhaps') ? 'perhaps' : 'surely';
}

function any<T>(list: readonly T[] | undefined, match: (item: T) => Match): Match {
  if (list === undefined) return 'surely';
  const found = list.map(match);
  return found.includes('surely') ? 'surely' : found.includes('perhaps') ? 'perhaps' : 'no';
}

/** All instants of these tests are written in full. */
function time({ period }: ConsentProvision, { atMs }: Question): Match {
  const isAfter = period?.start === undefined || atMs >= Date.parse(period.start);
  const isBefore = period?.end === undefined || atMs <= Date.parse(period.end);
  return isAfter && isBefore ? 'surely' : 'no';
}

/** A high-water mark, or the label itself, or from it on; several tags together, or any of them. */
function labels(tags: readonly Coding[], { category }: Question): Match {
  if (tags.length === 0) return 'surely';
  const known = CATEGORIES.find((one) => toHex(one.category) === toHex(category));
  const each = tags.map(({ system = '', code = '' }): Match => {
    if (!system.includes('Confidentiality')) return known?.sensitivities.includes(code) ? 'surely' : 'perhaps';
    if (!LABELS.includes(code)) return 'perhaps';
    return LABELS.indexOf(known?.label ?? 'V') <= LABELS.indexOf(code) ? 'surely' : 'perhaps';
  });
  return each.every((one) => one === 'surely') ? 'surely' : 'perhaps';
}
