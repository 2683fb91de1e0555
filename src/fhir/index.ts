/* Everything that other rooms call. Plain data in, plain data out: nothing here reads, writes or asks. */
export { auditEventOf } from './audit/audit-event.ts';
export type { AuditAudience, AuditSetting } from './audit/audit-setting.ts';
export { decisionEvent } from './audit/decision-event.ts';
export {
  ACCOUNTING_YEARS,
  type Disclosure,
  disclosureBundle,
  disclosuresOf,
  type Exemption,
  type RepeatedDisclosure,
  repeatedDisclosures,
} from './audit/disclosures.ts';
export { profileFaults } from './audit/profile-faults.ts';
export { isPatientAuthored, markPatientAuthored } from './authorship.ts';
export { type BundleKind, type Member, type RecognisedBundle, recogniseBundle } from './bundle.ts';
export { type BundleEntries, type BundleEntry, type BundleType, bundleEntries } from './bundle-entries.ts';
export { type CapabilitySetting, capabilityStatement } from './capability.ts';
export { CONSENT_CODES, type ConsentCode, FHIR_CODES, type FhirCode } from './codes.ts';
export { consentOf, type GrantSource } from './consent/export.ts';
export { type GrantedRow, type StandingTerms, standingTerms } from './consent/from-state.ts';
export { importConsent } from './consent/import.ts';
export { refusalPolicies } from './consent/refusal-policy.ts';
export { grantsWithin, type StandingGrant, type Whereabouts } from './consent/standing.ts';
export type {
  ConsentFinding,
  ConsentImport,
  ConsentParty,
  ConsentRefusal,
  ConsentSetting,
  ForeignReference,
  GrantTerms,
  KnownCategory,
  Label,
} from './consent/types.ts';
export { describeResource, RECORD_CATEGORIES, type RecordHint, type RecordKind } from './describe.ts';
export { documentReferenceOf, type RecordSource } from './document-reference.ts';
export { type ExternalReference, externalReferenceOf, readExternalReference } from './external-reference.ts';
export { FHIR_ROUTES, type FhirRoute, INTERACTIONS, type Served } from './interactions.ts';
export { isMap, type JsonMap, parseBounded } from './json.ts';
export { keywordsOf } from './keywords.ts';
export { FHIR_LIMITS } from './limits.ts';
export { operationOutcomeOf } from './operation-outcome.ts';
export { type LoadItem, type LoadPlan, type NamedText, planLoad } from './plan.ts';
export { provenanceOf, type VersionSource } from './provenance.ts';
export { type Recipient, recipientsOf } from './recipients.ts';
export { kindOfRole, type Party } from './references.ts';
export { measureReportOf, type ReportSetting } from './research/measure-report.ts';
export { type Published, type SafeTable, SMALLEST_COUNT, suppress } from './research/suppress.ts';
export { type CountTable, countTable, type ResearchRow } from './research/table.ts';
export { type Asked, choosePage, type SearchPage, searchPage, searchset } from './search-page.ts';
export { decodeSensitivePart, encodeSensitivePart, labelFor, type SensitivePart } from './sensitive-part.ts';
export { type BundlePart, categoryName, categoryNames, splitBundle } from './split.ts';
export { type Span, spanOf } from './times.ts';
