import type { Address, Hash, PublicKey, SecretKey } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import { type Canonical, decode, encode } from '../base/canonical.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import type { CryptoCode, ReadCode } from './codes.ts';
import { DIRECT_SCHEME } from './envelope.ts';
import { CRYPTO_LIMITS } from './limits.ts';
import { BOX_OVERHEAD_BYTES, type BoxLabel, openBox, sealBox } from './sealed-box.ts';

/** One holder's answer to one read: the fragment, sealed to the fresh key of that read. The holder commits its hash on chain. */
export interface ReadShare {
  readonly scheme: typeof DIRECT_SCHEME;
  readonly readId: Hash;
  readonly holder: Address;
  readonly fragmentId: Hash;
  readonly freshKey: PublicKey;
  readonly capsule: PublicKey;
  readonly sealedFragment: Uint8Array;
}

/** What a share answers. */
export interface ShareBinding {
  readonly readId: Hash;
  readonly holder: Address;
  readonly fragmentId: Hash;
  readonly freshKey: PublicKey;
}

const shareShape: shape.Shape<ReadShare> = shape.struct({
  scheme: shape.oneOf(DIRECT_SCHEME),
  readId: shape.hash,
  holder: shape.address,
  fragmentId: shape.hash,
  freshKey: shape.publicKey,
  capsule: shape.publicKey,
  sealedFragment: shape.bytes(BOX_OVERHEAD_BYTES, CRYPTO_LIMITS.fragmentBytesMax + BOX_OVERHEAD_BYTES),
});

export const encodeShare = (share: ReadShare): Uint8Array => encode(share as unknown as Canonical);

export function decodeShare(bytes: Uint8Array): Result<ReadShare, ReadCode> {
  const value = decode(bytes, CRYPTO_LIMITS.shareBytesMax);
  return value.ok ? shareShape(value.value, 'share') : value;
}

/** What a holder commits to on chain. */
export const shareHashOf = (primitives: Primitives, share: Uint8Array): Hash => primitives.hash(share);

export function sealShare(
  primitives: Primitives,
  binding: ShareBinding,
  { fragment, entropy }: { readonly fragment: Uint8Array; readonly entropy: Uint8Array },
): Result<ReadShare, CryptoCode> {
  const { readId, holder, fragmentId, freshKey } = binding;
  const box = sealBox(primitives, { recipient: freshKey, entropy, label: boxLabel(binding) }, fragment);
  if (!box.ok) return box;
  const { capsule, sealed: sealedFragment } = box.value;
  return ok({ scheme: DIRECT_SCHEME, readId, holder, fragmentId, freshKey, capsule, sealedFragment });
}

/** The fragment's bytes; refused where the share answers anything but `binding`. */
export function openShare(
  primitives: Primitives,
  binding: ShareBinding,
  { share, freshSecret }: { readonly share: ReadShare; readonly freshSecret: SecretKey },
): Result<Uint8Array, CryptoCode> {
  const label = boxLabel(share);
  if (!equal(label.context, boxLabel(binding).context)) return refuse('crypto-share.wrong-binding');
  return openBox(
    primitives,
    { secretKey: freshSecret, label },
    { capsule: share.capsule, sealed: share.sealedFragment },
  );
}

const boxLabel = ({ readId, holder, fragmentId, freshKey }: ShareBinding): BoxLabel => ({
  purpose: 'share',
  context: encode({ readId, holder, fragmentId, freshKey }),
});
