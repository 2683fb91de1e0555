import type { Address, Hash, PublicKey, SecretKey } from '../base/brand.ts';
import { concat, copyOf, equal, u64be, utf8 } from '../base/bytes.ts';
import { type Canonical, decode, encode } from '../base/canonical.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import type { CryptoCode, ReadCode } from './codes.ts';
import { BOX_OVERHEAD_BYTES } from './committed-box.ts';
import { UMBRAL_SCHEME } from './envelope.ts';
import { hkdfSha256 } from './hkdf.ts';
import { SCALAR_ENTROPY_BYTES } from './keys.ts';
import { CRYPTO_LIMITS } from './limits.ts';
import { type BoxLabel, openBox, sealBox } from './sealed-box.ts';
import { cfragSimple } from './umbral/encoding.ts';
import { UMBRAL_ENTROPY_BYTES } from './umbral/parameters.ts';
import { reencrypt, verifyCfrag } from './umbral/reencryption.ts';
import type { Capsule, Cfrag, GrantKeys, Kfrag, Verified } from './umbral/types.ts';

/*
 * One holder's answer to one read: the record's capsule, re-encrypted by its fragment, with the proof of that, sealed to the fresh key of
 * the read. The holder commits its hash on chain (PRIVACY.md, "A record", 5).
 */

/** What a share answers. */
export interface ShareName {
  readonly chainId: Hash;
  /** The id of the applied `readRecord` transaction. */
  readonly readId: Hash;
  readonly holder: Address;
  /** A key of this one read, made by the reader's device. */
  readonly freshKey: PublicKey;
}

const shareShape = shape.struct({
  scheme: shape.oneOf(UMBRAL_SCHEME),
  capsule: shape.publicKey,
  sealed: shape.bytes(cfragSimple.bytes + BOX_OVERHEAD_BYTES),
});

/** What a holder commits to on chain. */
export const shareHashOf = (primitives: Primitives, share: Uint8Array): Hash => primitives.hash(share);

export interface ShareInput {
  readonly capsule: Verified<Capsule>;
  readonly kfrag: Verified<Kfrag>;
  readonly dutySecret: SecretKey;
  /** From 0. */
  readonly attempt: number;
}

/**
 * On a holder's node, after an applied read whose grant stands. The randomness comes from the duty secret, the read and the attempt: the same
 * gives the same bytes after a restart, so what was committed on chain can always be delivered, and nothing need be kept. A further attempt
 * is made where another hospital has committed this one's hash before it (`evaluation.copied-share`).
 */
export function answerRead(
  primitives: Primitives,
  name: ShareName,
  { capsule, kfrag, dutySecret, attempt }: ShareInput,
): Result<Uint8Array, CryptoCode> {
  const { chainId, readId, freshKey } = name;
  const entropy = hkdfSha256(
    dutySecret,
    concat(chainId, readId),
    concat(utf8('carechain/share/v1\0'), kfrag.id, u64be(attempt), capsule.e, capsule.v, capsule.s, freshKey),
    UMBRAL_ENTROPY_BYTES + SCALAR_ENTROPY_BYTES,
  );
  const cfrag = reencrypt(primitives, capsule, kfrag, copyOf(entropy, 0, UMBRAL_ENTROPY_BYTES));
  const box = sealBox(
    primitives,
    { recipient: freshKey, entropy: copyOf(entropy, UMBRAL_ENTROPY_BYTES), label: boxLabel(name) },
    cfragSimple.encode(cfrag),
  );
  return box.ok ? ok(encode({ scheme: UMBRAL_SCHEME, ...box.value } as unknown as Canonical)) : box;
}

/** What the reader's device, and the chain in a dispute, hold a share to. */
export interface ShareCheck {
  readonly share: Uint8Array;
  readonly freshSecret: SecretKey;
  readonly capsule: Verified<Capsule>;
  readonly keys: GrantKeys;
  /** Of this holder, as the grant on chain names them: a share by another holder's fragment is none. */
  readonly fragmentIds: readonly Hash[];
}

/** The share's content, where it answers this read by a fragment of this holder. */
export function openShare(
  primitives: Primitives,
  name: ShareName,
  { share, freshSecret, capsule, keys, fragmentIds }: ShareCheck,
): Result<Verified<Cfrag>, ReadCode> {
  const value = decode(share, CRYPTO_LIMITS.shareBytesMax);
  const box = value.ok ? shareShape(value.value, 'share') : value;
  if (!box.ok) return box;
  const opened = openBox(primitives, { secretKey: freshSecret, label: boxLabel(name) }, box.value);
  if (!opened.ok)
    return opened.rejection.code === 'crypto-box.wrong-key' ? refuse('crypto-share.wrong-binding') : opened;
  const cfrag = cfragSimple.decode(primitives, opened.value);
  if (!cfrag.ok) return cfrag;
  const { id } = cfrag.value;
  if (!fragmentIds.some((known) => equal(known, id))) return refuse('crypto-share.foreign-fragment');
  return verifyCfrag(primitives, capsule, cfrag.value, keys);
}

const boxLabel = ({ chainId, readId, holder, freshKey }: ShareName): BoxLabel => ({
  purpose: 'share',
  context: encode({ chainId, readId, holder, freshKey }),
});
