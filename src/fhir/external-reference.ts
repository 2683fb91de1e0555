import type { DocumentReference } from 'fhir/r4.js';
import { ok, type Result, refuse } from '../base/result.ts';
import type { FhirCode } from './codes.ts';
import { isMap, mapField, mapsField, textField, typeOf } from './json.ts';
import { FHIR_LIMITS } from './limits.ts';
import { referenceTo } from './references.ts';

/** A pointer to a record in a provider's own system (F60). It is sealed like any record: where somebody was treated is medical. */
export interface ExternalReference {
  /** https, without credentials. */
  readonly url: string;
  readonly contentType: string;
  /** SHA-256 of what the address gives: 32 bytes in base64url without padding. */
  readonly sha256: string;
  readonly title: string;
}

/** RFC 6920: a name by digest, `ni:///sha-256;…`. FHIR's own `hash` is SHA-1. */
const NAMED = /^ni:\/\/\/sha-256;([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])$/;
const NAMES = 'urn:ietf:rfc:6920';
/** Scheme, a host without user or password, and a rest without spaces or a fragment. */
const ADDRESS = /^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[^\s#@\\]*)?$/;

/** The pointer as a FHIR DocumentReference, to be sealed as a record. */
export function externalReferenceOf(
  { url, contentType, sha256, title }: ExternalReference,
  patient: string,
): Result<DocumentReference, FhirCode> {
  if (!isAddress(url)) return refuse('fhir-external.url');
  const name = `ni:///sha-256;${sha256}`;
  if (!NAMED.test(name)) return refuse('fhir-external.digest');
  return ok({
    resourceType: 'DocumentReference',
    masterIdentifier: { system: NAMES, value: name },
    status: 'current',
    subject: referenceTo({ kind: 'patient', id: patient }),
    content: [{ attachment: { contentType, url, title } }],
  });
}

/** What a sealed pointer says, after opening. A device fetches only what it can check: without a digest it is refused. */
export function readExternalReference(resource: unknown): Result<ExternalReference, FhirCode> {
  const map = isMap(resource) && typeOf(resource) === 'DocumentReference' ? resource : {};
  const attachment = mapField(mapsField(map, 'content')[0] ?? {}, 'attachment') ?? {};
  const url = textField(attachment, 'url') ?? '';
  if (!isAddress(url)) return refuse('fhir-external.url');
  const identifier = mapField(map, 'masterIdentifier') ?? {};
  const named = textField(identifier, 'system') === NAMES ? NAMED.exec(textField(identifier, 'value') ?? '') : null;
  if (named === null) return refuse('fhir-external.digest');
  return ok({
    url,
    contentType: textField(attachment, 'contentType') ?? 'application/octet-stream',
    sha256: named[1] ?? '',
    title: textField(attachment, 'title') ?? '',
  });
}

const isAddress = (url: string): boolean => url.length <= FHIR_LIMITS.externalUrlMax && ADDRESS.test(url);
