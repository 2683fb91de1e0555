import type { Address } from '../base/brand.ts';
import { equal, utf8 } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import {
  describeResource,
  isMap,
  type JsonMap,
  markPatientAuthored,
  parseBounded,
  type RecordHint,
} from '../fhir/index.ts';
import type { ReadWish } from './allowed-read.ts';
import { type OpenedRecord, readRecord } from './read-record.ts';
import type { Session } from './session.ts';
import type { Wallet } from './wallet.ts';
import { amendRecord, type WrittenRecord, writeRecord } from './write-record.ts';

/** A FHIR resource, to be sealed as a record of its own: an order, a prescription, a bill, what the patient noted. */
export interface NewResource {
  readonly owner: Address;
  readonly category: Uint8Array;
  readonly resource: JsonMap;
}

/** As `writeRecord`. What the patient writes says so, beside the author that the chain names (F41). */
export const writeResource = (session: Session, author: Wallet, given: NewResource): Promise<Result<WrittenRecord>> =>
  writeRecord(session, author, sealable(author, given));

export interface AmendedResource extends NewResource {
  readonly record: Uint8Array;
  /** The new version: one more than the present one. */
  readonly version: number;
}

/** As `amendRecord`: the earlier version stays on the chain (F38). */
export const amendResource = (
  session: Session,
  author: Wallet,
  { record, version, ...given }: AmendedResource,
): Promise<Result<WrittenRecord>> => amendRecord(session, author, { record, version, ...sealable(author, given) });

function sealable(author: Wallet, { owner, category, resource }: NewResource) {
  const marked = equal(author.id, owner) ? markPatientAuthored(resource) : resource;
  return { owner, category, plaintext: utf8(JSON.stringify(marked)) };
}

export interface OpenedResource extends OpenedRecord {
  readonly resource: JsonMap;
  /** What the resource says of itself. */
  readonly hint: RecordHint;
  /** What the chain says: its owner wrote this version (F41). */
  readonly isPatientAuthored: boolean;
}

/** A record that holds one FHIR resource: allowed, opened and looked through. */
export async function openResource(session: Session, wallet: Wallet, wish: ReadWish): Promise<Result<OpenedResource>> {
  const opened = await readRecord(session, wallet, wish);
  if (!opened.ok) return opened;
  const text = textOf(opened.value.plaintext);
  const parsed = text === undefined ? refuse('fhir-json.malformed' as const) : parseBounded(text);
  if (!parsed.ok) return parsed;
  if (!isMap(parsed.value)) return refuse('fhir-json.malformed');
  const { owner, author } = opened.value;
  const resource = parsed.value;
  return ok({
    ...opened.value,
    resource,
    hint: describeResource(resource),
    isPatientAuthored: equal(owner, author),
  });
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
