import { defineCodes } from '../base/result.ts';

/** Why a file is not loaded as a FHIR R4 record, or a question about FHIR not answered. None repeats a word of the file. */
export const FHIR_CODES = defineCodes({
  'fhir-json.too-large': { status: 413, meaning: 'The file is larger than one record may be.' },
  'fhir-json.too-deep': { status: 400, meaning: 'The file nests deeper than the limit.' },
  'fhir-json.malformed': { status: 400, meaning: 'The file is not JSON.' },
  'fhir-json.duplicate-name': { status: 400, meaning: 'A name stands twice in one object of the file.' },
  'fhir-json.forbidden-name': { status: 400, meaning: 'The file uses a name that no resource has.' },
  'fhir-json.inexact-number': { status: 400, meaning: 'A whole number of the file would lose digits.' },
  'fhir-bundle.not-a-bundle': { status: 422, meaning: 'The file is JSON, but no FHIR Bundle.' },
  'fhir-bundle.type': { status: 422, meaning: 'The Bundle is no transaction, batch, collection or document.' },
  'fhir-bundle.empty': { status: 422, meaning: 'The Bundle holds no resource.' },
  'fhir-bundle.too-many-entries': { status: 413, meaning: 'The Bundle holds more resources than the limit.' },
  'fhir-bundle.malformed-entry': { status: 422, meaning: 'An entry of the Bundle holds no resource with a type.' },
  'fhir-bundle.duplicate-entry': { status: 422, meaning: 'Two entries of the Bundle have one address.' },
  'fhir-bundle.request': {
    status: 422,
    meaning: 'An entry of a transaction or batch asks for something other than to store its resource.',
  },
  'fhir-bundle.no-composition': { status: 422, meaning: 'The document does not begin with its Composition.' },
  'fhir-bundle.several-patients': { status: 422, meaning: 'The Bundle speaks of more than one patient.' },
  'fhir-bundle.no-subject': {
    status: 422,
    meaning: 'The Bundle is about no patient, and is no list of hospitals or practitioners.',
  },
  'fhir-bundle.no-identifier': {
    status: 422,
    meaning: 'The patient, hospital or practitioner has no identifier and no id.',
  },
  'fhir-page.limit': { status: 400, meaning: 'A page holds at least one resource, and no more than the limit.' },
  'fhir-page.too-many': { status: 413, meaning: 'The search is too wide to be answered page by page.' },
  'fhir-sensitive.malformed': { status: 422, meaning: 'The encrypted part is not of its form.' },
  'fhir-external.url': {
    status: 422,
    meaning: 'The address of an external reference is no https address without credentials.',
  },
  'fhir-external.digest': { status: 422, meaning: 'The external reference has no SHA-256 of what it points to.' },
  'fhir-research.too-few': {
    status: 403,
    meaning: 'The export covers fewer patients than the smallest published count.',
  },
  'fhir-research.threshold': { status: 400, meaning: 'The smallest published count is at least 2.' },
  'fhir-research.too-wide': { status: 413, meaning: 'The table has more rows, values or sources than the limit.' },
});
export type FhirCode = keyof typeof FHIR_CODES;

/** Why a Consent, or a part of it, does not become grants and refusals as it stands. What is refused is never guessed. */
export const CONSENT_CODES = defineCodes({
  'fhir-consent.malformed': {
    status: 422,
    meaning: 'The resource is no FHIR R4 Consent, or an element is not of its form.',
  },
  'fhir-consent.unknown-element': { status: 422, meaning: 'A provision has an element that R4 does not know.' },
  'fhir-consent.modifier': {
    status: 422,
    meaning: 'The Consent carries a modifier or implicit rules that are not understood.',
  },
  'fhir-consent.not-active': { status: 422, meaning: 'The Consent is not active.' },
  'fhir-consent.scope': { status: 422, meaning: 'The Consent is not about patient privacy.' },
  'fhir-consent.patient': { status: 422, meaning: 'The Consent is of another patient, or of nobody known.' },
  'fhir-consent.unverified': { status: 422, meaning: 'The Consent says that it was not verified.' },
  'fhir-consent.policy-rule': { status: 422, meaning: 'The base policy of the Consent is neither opt-in nor opt-out.' },
  'fhir-consent.base-permits': {
    status: 422,
    meaning: 'Opt-in permits whatever is not denied; a grant names whom it is for, so only what is named is imported.',
  },
  'fhir-consent.no-provision': { status: 422, meaning: 'The Consent has no provision, so it names nothing to grant.' },
  'fhir-consent.root-without-type': {
    status: 422,
    meaning: 'The first provision says neither permit nor deny, and its readings contradict each other.',
  },
  'fhir-consent.without-type': { status: 422, meaning: 'A nested provision says neither permit nor deny.' },
  'fhir-consent.nesting': { status: 422, meaning: 'A provision nests deeper than exceptions to the first.' },
  'fhir-consent.no-recipient': { status: 422, meaning: 'A provision permits everybody; a grant names whom it is for.' },
  'fhir-consent.actor-role': {
    status: 422,
    meaning: 'An actor is no recipient: a grant knows no custodian or author.',
  },
  'fhir-consent.unknown-actor': { status: 422, meaning: 'An actor is nobody on this chain.' },
  'fhir-consent.action': { status: 422, meaning: 'An action is none that a grant gives.' },
  'fhir-consent.grantee-access': {
    status: 422,
    meaning: 'Hospitals and roles are granted reading only: an author is somebody.',
  },
  'fhir-consent.no-purpose': { status: 422, meaning: 'A provision permits every purpose; a grant names its purposes.' },
  'fhir-consent.purpose': { status: 422, meaning: 'A purpose is none of the eight that this chain knows.' },
  'fhir-consent.label': { status: 422, meaning: 'A security label is none that this chain or this device knows.' },
  'fhir-consent.denied-label': {
    status: 422,
    meaning: 'A confidentiality label in a denial has two readings, which deny different records.',
  },
  'fhir-consent.sensitivity': {
    status: 422,
    meaning: 'No category of this device is marked with a sensitivity that is named.',
  },
  'fhir-consent.class': {
    status: 422,
    meaning: 'A provision is limited to kinds of content, which the chain does not know.',
  },
  'fhir-consent.code': {
    status: 422,
    meaning: 'A provision is limited to clinical codes, which the chain does not know.',
  },
  'fhir-consent.data': {
    status: 422,
    meaning: 'A provision is limited to data other than categories of this patient.',
  },
  'fhir-consent.data-period': {
    status: 422,
    meaning: 'A provision is limited to data of a time, which the chain does not know.',
  },
  'fhir-consent.no-category': { status: 422, meaning: 'No category of this patient is within the provision.' },
  'fhir-consent.starts-later': { status: 422, meaning: 'A provision begins later; a grant covers from its block on.' },
  'fhir-consent.expired': { status: 422, meaning: 'A provision has ended.' },
  'fhir-consent.no-end': { status: 422, meaning: 'A provision has no end; a grant ends as late as the chain allows.' },
  'fhir-consent.shortened': { status: 422, meaning: 'A provision ends later than any grant of this chain may.' },
  'fhir-consent.uses': { status: 422, meaning: 'Uses are counted for reading only, from 1 on.' },
  'fhir-consent.overlap': {
    status: 422,
    meaning: 'Two provisions would be two grants to one grantee for one category, of which one replaces the other.',
  },
  'fhir-consent.break-glass': {
    status: 422,
    meaning: 'An exception to break-glass cannot be kept: no refusal of a patient reaches a read under it.',
  },
  'fhir-consent.write-exception': {
    status: 422,
    meaning: 'An exception to writing cannot be kept beside a grant to write.',
  },
  'fhir-consent.exception': {
    status: 422,
    meaning: 'An exception that denies is not understood, so nothing that it might limit is granted.',
  },
});
export type ConsentCode = keyof typeof CONSENT_CODES;
