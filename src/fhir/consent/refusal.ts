import { equal } from '../../base/bytes.ts';
import type { Purpose } from '../../ledger/vocabulary.ts';
import { withNarrower } from '../sensitivity-codes.ts';
import { categoriesWithin } from './permit.ts';
import { refused } from './read-rule.ts';
import type { Listed, Rule } from './rule.ts';
import type { ConsentFinding, ConsentParty, ConsentRefusal, ConsentSetting } from './types.ts';

/** What a denial comes to; `isWhole` is false where it could not be said in full: then whatever it might limit stays closed. */
export interface Refused {
  readonly refusals: readonly ConsentRefusal[];
  readonly findings: readonly ConsentFinding[];
  readonly isWhole: boolean;
}

/** HL7 v3 ActReason: the chain's codes that stand below another. A denial of treatment denies emergency treatment. */
const NARROWER_PURPOSES: Readonly<Partial<Record<Purpose, readonly Purpose[]>>> = {
  TREAT: ['ETREAT', 'BTG'],
  ETREAT: ['BTG'],
  PATRQT: ['FAMRQT'],
};
const closed = (purposes: readonly Purpose[]): readonly Purpose[] => [
  ...new Set(purposes.flatMap((purpose) => [purpose, ...(NARROWER_PURPOSES[purpose] ?? [])])),
];

/**
 * The refusals of a denial, within the provision that it nests in, if one. Where a limit of the denial has two readings, the wider one is
 * denied; where it cannot be said at all, nothing is, and the finding says so.
 */
export function refusedBy(rule: Rule, within: Rule | null, setting: ConsentSetting): Refused {
  const rules = within === null ? [rule] : [within, rule];
  const findings = rules.flatMap(({ obstacles, gaps }) => [...obstacles, ...gaps]);
  if (rules.some((one) => one.type !== 'permit' && one.labels.length > 0))
    findings.push(refused('fhir-consent.denied-label', rule.path));
  if (rule.uses !== null) findings.push(refused('fhir-consent.uses', rule.path));
  const categories = deniedCategories(rules, setting);
  if (categories !== null && categories.length === 0) findings.push(refused('fhir-consent.sensitivity', rule.path));
  if (findings.length > 0) return { refusals: [], findings, isWhole: false };

  const fromMs = latest(rules.map(({ start }) => start?.startsFromMs ?? null));
  const untilMs = earliest(rules.map(({ end }) => end?.endsToMs ?? null));
  if (untilMs !== null && untilMs < setting.nowMs)
    return { refusals: [], findings: [refused('fhir-consent.expired', rule.path)], isWhole: true };
  const purposes = deniedPurposes(rules);
  const actions = rule.actions?.known ?? null;
  const scope = {
    purposes,
    categories,
    fromMs,
    untilMs,
    reading: actions === null || actions.includes('access'),
    writing: actions === null || actions.some((action) => action !== 'access'),
  };
  const refusals = purposes?.length === 0 ? [] : partiesOf(rules).map((parties) => ({ parties, ...scope }));
  return { refusals, findings, isWhole: true };
}

/** One refusal for each way in which a reader may be named by every rule. */
function partiesOf(rules: readonly Rule[]): readonly (readonly ConsentParty[])[] {
  const lists = rules.flatMap(({ parties }) => (parties === null ? [] : [parties.known]));
  return lists.reduce<readonly (readonly ConsentParty[])[]>(
    (ways, list) => ways.flatMap((way) => list.flatMap((party) => joined(way, party))),
    [[]],
  );
}

/** Nobody is two persons. */
function joined(way: readonly ConsentParty[], party: ConsentParty): readonly (readonly ConsentParty[])[] {
  if (way.some((one) => one.type === party.type && one.id === party.id)) return [way];
  const isAnother = party.type === 'person' && way.some(({ type }) => type === 'person');
  return isAnother ? [] : [[...way, party]];
}

/** What a permit names is exact; what a denial names includes what stands below it. */
function deniedPurposes(rules: readonly Rule[]): readonly Purpose[] | null {
  const lists = rules.flatMap(({ purposes, type }) => {
    const known = knownOf(purposes);
    return known === null ? [] : [type === 'permit' ? known : closed(known)];
  });
  const [first, ...others] = lists;
  return first === undefined ? null : first.filter((purpose) => others.every((list) => list.includes(purpose)));
}

const knownOf = <T>(list: Listed<T> | null): readonly T[] | null => list?.known ?? null;

/** Null: all. A permit is limited to categories that are known; a denial's sensitivities are those marked with any of them. */
function deniedCategories(rules: readonly Rule[], setting: ConsentSetting): readonly Uint8Array[] | null {
  const lists: (readonly Uint8Array[])[] = [];
  for (const rule of rules) {
    const isLimited = rule.categories !== null || rule.sensitivities.length > 0 || rule.labels.length > 0;
    if (rule.type === 'permit' && isLimited) lists.push(idsOf(categoriesWithin([rule], setting)));
    else if (rule.type !== 'permit') {
      if (rule.categories !== null) lists.push(idsOf(rule.categories.known));
      if (rule.sensitivities.length > 0) lists.push(marked(rule.sensitivities, setting));
    }
  }
  const [first, ...others] = lists;
  return first === undefined ? null : first.filter((id) => others.every((list) => list.some((one) => equal(one, id))));
}

const idsOf = (categories: readonly { readonly category: Uint8Array }[]): readonly Uint8Array[] =>
  categories.map(({ category }) => category);

const marked = (codes: readonly string[], { categories }: ConsentSetting): readonly Uint8Array[] => {
  const denied = new Set(codes.flatMap(withNarrower));
  return idsOf(categories.filter(({ sensitivities }) => sensitivities.some((code) => denied.has(code))));
};

const bounds = (values: readonly (number | null)[]): readonly number[] => values.filter((value) => value !== null);
const latest = (values: readonly (number | null)[]): number | null =>
  bounds(values).length === 0 ? null : Math.max(...bounds(values));
const earliest = (values: readonly (number | null)[]): number | null =>
  bounds(values).length === 0 ? null : Math.min(...bounds(values));
