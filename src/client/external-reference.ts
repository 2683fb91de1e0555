import type { Address } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { toBase64 } from '../crypto/base64.ts';
import { type ExternalReference, externalReferenceOf, readExternalReference } from '../fhir/index.ts';
import type { ReadWish } from './allowed-read.ts';
import type { Device } from './device.ts';
import { type OpenedResource, openResource, writeResource } from './resource.ts';
import type { Session } from './session.ts';
import type { Wallet } from './wallet.ts';
import type { WrittenRecord } from './write-record.ts';

/*
 * A pointer to a record in a provider's own database (F60). It is sealed like any record, because where somebody was treated is medical. No
 * device and no hospital fetches what it leads to by itself: that would tell the provider who reads, and when. A person does, and the device
 * checks what came.
 */

export interface NewExternalReference {
  readonly owner: Address;
  readonly category: Uint8Array;
  readonly reference: ExternalReference;
}

export async function writeExternalReference(
  session: Session,
  author: Wallet,
  { owner, category, reference }: NewExternalReference,
): Promise<Result<WrittenRecord>> {
  const resource = externalReferenceOf(reference, toHex(owner));
  return resource.ok ? writeResource(session, author, { owner, category, resource: { ...resource.value } }) : resource;
}

export interface OpenedReference extends OpenedResource {
  readonly reference: ExternalReference;
}

/** A pointer without the digest of what it leads to is refused. */
export async function openExternalReference(
  session: Session,
  wallet: Wallet,
  wish: ReadWish,
): Promise<Result<OpenedReference>> {
  const opened = await openResource(session, wallet, wish);
  if (!opened.ok) return opened;
  const reference = readExternalReference(opened.value.resource);
  return reference.ok ? ok({ ...opened.value, reference: reference.value }) : reference;
}

/** Whether what a person brought from the provider's address is what the author pointed to. */
export async function checkExternalContent(
  { hasher }: Pick<Device, 'hasher'>,
  { sha256 }: Pick<ExternalReference, 'sha256'>,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Result<{ readonly bytes: number }>> {
  const hash = hasher();
  let bytes = 0;
  for await (const piece of content) {
    hash.update(piece);
    bytes += piece.length;
  }
  return base64Url(hash.digest()) === sha256 ? ok({ bytes }) : refuse('client-external.other-content');
}

const base64Url = (bytes: Uint8Array): string =>
  toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
