import { assert } from '../base/assert.ts';
import type { Hash, PublicKey, SecretKey } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import { type Canonical, decode, encode } from '../base/canonical.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import type { CryptoCode, ReadCode } from './codes.ts';
import { DIRECT_SCHEME, recordIdShape, versionShape, wrappedKeyShape } from './envelope.ts';
import { CRYPTO_LIMITS } from './limits.ts';
import type { RecordName } from './record.ts';
import { type BoxLabel, openBox, sealBox } from './sealed-box.ts';

/**
 * What a holder keeps for one grant and one record: in scheme 'direct-v1' the data key, sealed to the grantee by the patient's
 * device. Its id is the hash of its bytes; the grant's transaction, signed by the patient, carries the id, so the fragment needs
 * no signature of its own.
 */
export interface Fragment {
  readonly scheme: typeof DIRECT_SCHEME;
  readonly chainId: Hash;
  readonly grantId: Uint8Array;
  readonly recordId: Uint8Array;
  readonly version: number;
  readonly grantee: PublicKey;
  readonly capsule: PublicKey;
  readonly wrappedKey: Uint8Array;
}

/** What a fragment is for. */
export interface FragmentBinding {
  readonly name: RecordName;
  readonly grantId: Uint8Array;
  readonly grantee: PublicKey;
}

const fragmentShape: shape.Shape<Fragment> = shape.struct({
  scheme: shape.oneOf(DIRECT_SCHEME),
  chainId: shape.hash,
  grantId: shape.bytes(1, CRYPTO_LIMITS.grantIdBytesMax),
  recordId: recordIdShape,
  version: versionShape,
  grantee: shape.publicKey,
  capsule: shape.publicKey,
  wrappedKey: wrappedKeyShape,
});

export const encodeFragment = (fragment: Fragment): Uint8Array => encode(fragment as unknown as Canonical);

export function decodeFragment(bytes: Uint8Array): Result<Fragment, ReadCode> {
  const value = decode(bytes, CRYPTO_LIMITS.fragmentBytesMax);
  return value.ok ? fragmentShape(value.value, 'fragment') : value;
}

export const fragmentIdOf = (primitives: Primitives, fragment: Uint8Array): Hash => primitives.hash(fragment);

/** The fragment, where its bytes are the ones that the grant names. */
export function readFragment(primitives: Primitives, bytes: Uint8Array, fragmentId: Hash): Result<Fragment, ReadCode> {
  if (bytes.length > CRYPTO_LIMITS.fragmentBytesMax || !equal(fragmentIdOf(primitives, bytes), fragmentId))
    return refuse('crypto-fragment.wrong-id');
  return decodeFragment(bytes);
}

export function sealFragment(
  primitives: Primitives,
  binding: FragmentBinding,
  { dataKey, entropy }: { readonly dataKey: Uint8Array; readonly entropy: Uint8Array },
): Result<Fragment, CryptoCode> {
  const { name, grantId, grantee } = binding;
  assert(grantId.length > 0 && grantId.length <= CRYPTO_LIMITS.grantIdBytesMax, 'a grant id is bounded');
  const box = sealBox(primitives, { recipient: grantee, entropy, label: boxLabel(binding) }, dataKey);
  if (!box.ok) return box;
  const { capsule, sealed: wrappedKey } = box.value;
  const { chainId, recordId, version } = name;
  return ok({ scheme: DIRECT_SCHEME, chainId, grantId, recordId, version, grantee, capsule, wrappedKey });
}

/** The data key, for the grantee; refused where the fragment serves anything but `binding`. */
export function openFragment(
  primitives: Primitives,
  binding: FragmentBinding,
  { fragment, receivingSecret }: { readonly fragment: Fragment; readonly receivingSecret: SecretKey },
): Result<Uint8Array, CryptoCode> {
  const { chainId, grantId, recordId, version, grantee, capsule, wrappedKey } = fragment;
  const held: FragmentBinding = { name: { chainId, recordId, version }, grantId, grantee };
  const label = boxLabel(held);
  if (!equal(label.context, boxLabel(binding).context)) return refuse('crypto-fragment.wrong-binding');
  return openBox(primitives, { secretKey: receivingSecret, label }, { capsule, sealed: wrappedKey });
}

const boxLabel = ({ name, grantId, grantee }: FragmentBinding): BoxLabel => {
  const { chainId, recordId, version } = name;
  return { purpose: 'fragment', context: encode({ chainId, grantId, recordId, version, grantee }) };
};
