import { equal } from '../../base/bytes.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Purpose } from '../../ledger/vocabulary.ts';
import { refused } from './read-rule.ts';
import type { GrantedCategory, Listed, Rule } from './rule.ts';
import {
  type ConsentFinding,
  type ConsentParty,
  type ConsentSetting,
  type GrantTerms,
  LABEL_ORDER,
  type Label,
} from './types.ts';

/** What a permit comes to: grants, and what of it no grant says. */
export interface Permitted {
  readonly grants: readonly GrantTerms[];
  readonly findings: readonly ConsentFinding[];
}

/**
 * The grants of a permit, within the provision that it nests in, if one: every limit of either holds. Where a limit has two readings, the
 * narrower one is granted.
 */
export function permitted(rule: Rule, within: Rule | null, setting: ConsentSetting): Permitted {
  const rules = within === null ? [rule] : [within, rule];
  const findings = rules.flatMap(({ obstacles, gaps }) => [...obstacles, ...gaps]);
  if (rules.some(({ obstacles }) => obstacles.length > 0)) return { grants: [], findings };
  const fail = (code: ConsentFinding['code']): Permitted => ({
    grants: [],
    findings: [...findings, refused(code, rule.path)],
  });

  const parties = meet(
    rules.map((one) => one.parties),
    sameParty,
  );
  if (parties === null) return fail('fhir-consent.no-recipient');
  const purposes = meet(
    rules.map((one) => one.purposes),
    (a: Purpose, b) => a === b,
  );
  if (purposes === null) return fail('fhir-consent.no-purpose');
  const access = accessOf(
    meet(
      rules.map((one) => one.actions),
      (a, b) => a === b,
    ),
  );
  if (access === null) return fail('fhir-consent.action');
  const uses = rules.map((one) => one.uses).reduce(smaller, null);
  if (uses !== null && access !== 'read') return fail('fhir-consent.uses');
  const term = termOf(rules, setting);
  if (typeof term.expires !== 'number') return fail(term.expires);
  const categories = categoriesWithin(rules, setting);
  if (categories.length === 0) return fail('fhir-consent.no-category');
  if (purposes.length === 0 || parties.length === 0) return { grants: [], findings };

  const lists = inLists(categories);
  // A count that several grants would each start anew is a larger count.
  if (uses !== null && parties.length * lists.length > 1) return fail('fhir-consent.uses');
  const notes: ConsentFinding[] = [];
  if (term.note !== null) notes.push({ code: term.note, path: rule.path, effect: 'narrowed' });
  const terms = { purposes: atMost(purposes), expires: term.expires, uses, request: null };
  const grants = parties.flatMap((party) => {
    const own = party.type === 'person' ? access : access === 'write' ? null : 'read';
    if (own !== access) notes.push({ code: 'fhir-consent.grantee-access', path: rule.path, effect: 'narrowed' });
    if (own === null) return [];
    const grantee = { type: party.type, id: party.id };
    return lists.map((list) => ({ grantee, categories: list, access: own, ...terms }));
  });
  return { grants, findings: [...findings, ...notes] };
}

const sameParty = (a: ConsentParty, b: ConsentParty): boolean => a.type === b.type && a.id === b.id;
const smaller = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);

/** What every list has; null where none limits. */
function meet<T>(lists: readonly (Listed<T> | null)[], same: (a: T, b: T) => boolean): readonly T[] | null {
  const limits = lists.filter((list) => list !== null);
  const [first, ...others] = limits.map(({ known }) => known);
  return first === undefined
    ? null
    : first.filter((item) => others.every((list) => list.some((other) => same(item, other))));
}

/** IHE PCF leaves actions out: the purpose is said to suffice. Then reading is meant, and never writing. */
function accessOf(actions: readonly string[] | null): GrantTerms['access'] | null {
  if (actions === null) return 'read';
  const reads = actions.includes('access');
  const writes = actions.includes('collect') && actions.includes('correct');
  return reads ? (writes ? 'read-write' : 'read') : writes ? 'write' : null;
}

interface Term {
  readonly expires: number | 'fhir-consent.starts-later' | 'fhir-consent.expired';
  readonly note: 'fhir-consent.no-end' | 'fhir-consent.shortened' | null;
}

/** A grant covers from its block on, and until its block time is `expires`; a period's end is included. */
function termOf(rules: readonly Rule[], { nowMs, longestMs }: ConsentSetting): Term {
  if (rules.some(({ start }) => start !== null && start.startsToMs > nowMs))
    return { expires: 'fhir-consent.starts-later', note: null };
  const latest = nowMs + longestMs;
  const ends = rules.flatMap(({ end }) => (end === null ? [] : [end.endsFromMs + 1]));
  if (ends.length === 0) return { expires: latest, note: 'fhir-consent.no-end' };
  const end = Math.min(...ends);
  if (end <= nowMs) return { expires: 'fhir-consent.expired', note: null };
  return end > latest ? { expires: latest, note: 'fhir-consent.shortened' } : { expires: end, note: null };
}

/** The patient's categories that every rule names, and whose label and sensitivities no rule excludes. */
export function categoriesWithin(rules: readonly Rule[], { categories }: ConsentSetting): readonly GrantedCategory[] {
  const labels = rules.flatMap((rule) => rule.labels);
  const wanted = rules.flatMap((rule) => rule.sensitivities);
  const suits = (id: Uint8Array): boolean => {
    const known = categories.find(({ category }) => equal(category, id));
    if (known === undefined || !wanted.every((code) => known.sensitivities.includes(code))) return false;
    return labels.every((label) => isAtMost(known.label, label));
  };
  const named = rules.flatMap((rule) => (rule.categories === null ? [] : [rule.categories.known]));
  const all = categories.map(({ category, epoch }) => ({ category, epochFrom: 0, epochTo: epoch }));
  const [first = all, ...others] = named;
  return others.reduce(overlap, first).filter(({ category }) => suits(category));
}

const isAtMost = (label: Label, mark: Label): boolean => LABEL_ORDER.indexOf(label) <= LABEL_ORDER.indexOf(mark);

const overlap = (a: readonly GrantedCategory[], b: readonly GrantedCategory[]): readonly GrantedCategory[] =>
  a.flatMap((one) =>
    b
      .filter(({ category }) => equal(category, one.category))
      .map((other) => ({
        category: one.category,
        epochFrom: Math.max(one.epochFrom, other.epochFrom),
        epochTo: Math.min(one.epochTo, other.epochTo),
      }))
      .filter(({ epochFrom, epochTo }) => epochFrom <= epochTo),
  );

const atMost = (purposes: readonly Purpose[]): readonly Purpose[] =>
  purposes.length > LIMITS.purposesMax ? [...new Set(purposes)] : purposes;

/** One grant names so many categories. */
function inLists(categories: readonly GrantedCategory[]): readonly (readonly GrantedCategory[])[] {
  const lists: (readonly GrantedCategory[])[] = [];
  for (let at = 0; at < categories.length; at += LIMITS.grantCategoriesMax)
    lists.push(categories.slice(at, at + LIMITS.grantCategoriesMax));
  return lists;
}
