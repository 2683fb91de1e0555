import { equal } from '../../base/bytes.ts';
import type { Purpose } from '../../ledger/vocabulary.ts';
import { permitted } from './permit.ts';
import { refused } from './read-rule.ts';
import { type Refused, refusedBy } from './refusal.ts';
import type { Rule } from './rule.ts';
import type { ConsentFinding, ConsentImport, ConsentRefusal, ConsentSetting, GrantTerms } from './types.ts';

/** The first provision with its exceptions. A nested denial wins over every permit; a nested permit counts only within the first. */
export function combine(root: Rule, setting: ConsentSetting): ConsentImport {
  const faults = formFaults(root);
  const nested = root.nested.filter(({ type, nested: deeper }) => type !== null && deeper.length === 0);
  const denials = nested
    .filter(({ type }) => type === 'deny')
    .map((rule) => ({ rule, ...refusedBy(rule, root, setting) }));
  const permits = root.type === 'permit' ? [] : nested.filter(({ type }) => type === 'permit');
  const opened =
    root.type === 'permit' ? [permitted(root, null, setting)] : permits.map((rule) => permitted(rule, root, setting));
  const findings = [...faults, ...denials.flatMap((one) => one.findings), ...opened.flatMap((one) => one.findings)];

  const own = root.type === 'deny' ? refusedBy(root, null, setting) : NOT_REFUSED;
  // A policy of the patient's would deny the nested permits too: there, closing what stands is all that can be done.
  const [ownRefusals, revocations] = permits.length === 0 ? [own.refusals, []] : [[], own.refusals];
  const refusals = [...ownRefusals, ...denials.flatMap((one) => one.refusals)];

  const unclear = [...denials.filter(({ isWhole }) => !isWhole).map(({ rule }) => rule.path), ...formPaths(root)];
  const exceptions = unclear.map((path) => refused('fhir-consent.exception', path));
  const grants = unclear.length > 0 ? [] : opened.flatMap((one) => one.grants);
  const lost = opened.some((one) => one.grants.length > 0) ? exceptions : [];
  const kept = withoutExceptions(grants, refusals);
  const joined = withoutOverlap(kept.grants, root.path);
  return {
    grants: joined.grants,
    refusals,
    revocations,
    findings: [...findings, ...own.findings, ...lost, ...kept.findings, ...joined.findings],
  };
}

const NOT_REFUSED: Refused = { refusals: [], findings: [], isWhole: true };

/** A nested provision whose sense is not known may be a denial. */
const formPaths = (root: Rule): readonly string[] =>
  root.nested.filter(({ type, nested }) => type === null || nested.length > 0).map(({ path }) => path);

function formFaults(root: Rule): readonly ConsentFinding[] {
  const faults = root.type === null ? [refused('fhir-consent.root-without-type', root.path)] : [];
  for (const { type, nested, path } of root.nested) {
    if (type === null) faults.push(refused('fhir-consent.without-type', path));
    if (nested.length > 0) faults.push(refused('fhir-consent.nesting', path));
  }
  return faults;
}

const mayMeet = (refusal: ConsentRefusal, { grantee, categories }: GrantTerms): boolean => {
  const isAboutAnother = refusal.parties.some(
    ({ type, id }) => type === 'person' && grantee.type === type && id !== grantee.id,
  );
  const named = refusal.categories;
  const isElsewhere = named !== null && !categories.some(({ category }) => named.some((one) => equal(one, category)));
  return !isAboutAnother && !isElsewhere;
};

/** No policy of a patient's reaches break-glass (T-44) or writing (T-42): beside an exception to either, that is not granted. */
function withoutExceptions(
  grants: readonly GrantTerms[],
  refusals: readonly ConsentRefusal[],
): { readonly grants: readonly GrantTerms[]; readonly findings: readonly ConsentFinding[] } {
  const findings: ConsentFinding[] = [];
  const narrow = (code: ConsentFinding['code']) =>
    findings.push({ code, path: 'Consent.provision', effect: 'narrowed' });
  const kept = grants.flatMap((grant) => {
    const met = refusals.filter((refusal) => mayMeet(refusal, grant));
    const breaks = met.some(({ reading, purposes }) => reading && (purposes === null || purposes.includes('BTG')));
    const writes = met.some(({ writing }) => writing);
    const purposes: readonly Purpose[] = breaks ? grant.purposes.filter((one) => one !== 'BTG') : grant.purposes;
    const access = writes && grant.access !== 'read' ? (grant.access === 'write' ? null : 'read') : grant.access;
    if (purposes.length < grant.purposes.length) narrow('fhir-consent.break-glass');
    if (access !== grant.access) narrow('fhir-consent.write-exception');
    return access === null || purposes.length === 0 ? [] : [{ ...grant, purposes, access }];
  });
  return { grants: kept, findings };
}

/** A second grant for the same grantee and category replaces the first (T-27): alike ones are joined, others are not made. */
function withoutOverlap(
  grants: readonly GrantTerms[],
  path: string,
): { readonly grants: readonly GrantTerms[]; readonly findings: readonly ConsentFinding[] } {
  const kept: GrantTerms[] = [];
  const findings: ConsentFinding[] = [];
  for (const grant of grants) {
    const at = kept.findIndex((one) => overlaps(one, grant));
    const earlier = kept[at];
    if (earlier === undefined) kept.push(grant);
    else if (isAlike(earlier, grant))
      kept[at] = { ...earlier, purposes: [...new Set([...earlier.purposes, ...grant.purposes])] };
    else findings.push(refused('fhir-consent.overlap', path));
  }
  return { grants: kept, findings };
}

const sameGrantee = (a: GrantTerms, b: GrantTerms): boolean =>
  a.grantee.type === b.grantee.type && a.grantee.id === b.grantee.id;

const overlaps = (a: GrantTerms, b: GrantTerms): boolean =>
  sameGrantee(a, b) && a.categories.some((one) => b.categories.some(({ category }) => equal(category, one.category)));

const isAlike = (a: GrantTerms, b: GrantTerms): boolean =>
  a.access === b.access &&
  a.expires === b.expires &&
  a.uses === b.uses &&
  a.categories.length === b.categories.length &&
  a.categories.every((one, index) => {
    const other = b.categories[index];
    return (
      other !== undefined &&
      equal(one.category, other.category) &&
      one.epochFrom === other.epochFrom &&
      one.epochTo === other.epochTo
    );
  });
