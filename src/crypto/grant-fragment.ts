import type { Address, Hash, PublicKey, SecretKey } from '../base/brand.ts';
import { concat, utf8 } from '../base/bytes.ts';
import { type Canonical, decode, encode } from '../base/canonical.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import type { CryptoCode, ReadCode } from './codes.ts';
import { BOX_OVERHEAD_BYTES } from './committed-box.ts';
import { type KeyId, UMBRAL_SCHEME } from './envelope.ts';
import { hkdfSha256 } from './hkdf.ts';
import { SCALAR_ENTROPY_BYTES } from './keys.ts';
import { CRYPTO_LIMITS } from './limits.ts';
import { type BoxLabel, openBox, sealBox } from './sealed-box.ts';
import { kfragMsgpack } from './umbral/encoding.ts';
import { generateFragments, verifyFragment } from './umbral/fragments.ts';
import { UMBRAL_ENTROPY_BYTES } from './umbral/parameters.ts';
import type { GrantKeys, Kfrag, Verified } from './umbral/types.ts';

/*
 * What a holder keeps for one grant and one delegating key: its Umbral fragment, sealed to its duty key. The hospital that passes a
 * patient's fragments on to the others could collect a threshold of them otherwise.
 */

/** What a fragment is for. Whoever opens it must name the same. */
export interface FragmentName {
  readonly chainId: Hash;
  /** Chosen by the patient's device before the grant's transaction is signed: that carries the fragment ids. */
  readonly grantId: Uint8Array;
  readonly holder: Address;
  readonly keyId: KeyId;
}

export interface Holder {
  readonly hospital: Address;
  readonly dutyKey: PublicKey;
}

export interface IssueInput extends Omit<FragmentName, 'holder'> {
  readonly delegatingSecret: SecretKey;
  /** The grantee's receiving key. */
  readonly grantee: PublicKey;
  /** The patient's fragment-signing key. */
  readonly signingSecret: SecretKey;
  readonly threshold: number;
  readonly holders: readonly Holder[];
  /** 32 random bytes, never used twice. */
  readonly entropy: Uint8Array;
}

export interface IssuedFragment {
  readonly holder: Address;
  /** Umbral's own: it comes back in every share, and the grant on chain names it. */
  readonly fragmentId: Hash;
  /** For the holder alone. */
  readonly fragment: Uint8Array;
}

/** On the patient's device, when granting: one fragment for each holder, in the holders' order. */
export function issueFragments(
  primitives: Primitives,
  input: IssueInput,
): Result<readonly IssuedFragment[], CryptoCode> {
  const { delegatingSecret, grantee, signingSecret, threshold, holders, entropy } = input;
  const fragments = generateFragments(primitives, {
    delegatingSk: delegatingSecret,
    receivingPk: grantee,
    signerSk: signingSecret,
    threshold,
    shares: holders.length,
    entropy: derived(entropy, utf8('fragments'), UMBRAL_ENTROPY_BYTES),
  });
  if (!fragments.ok) return fragments;
  const issued: IssuedFragment[] = [];
  for (const [i, { hospital, dutyKey }] of holders.entries()) {
    const kfrag = fragments.value[i] as Kfrag;
    const boxEntropy = derived(entropy, concat(utf8('box'), hospital), SCALAR_ENTROPY_BYTES);
    const sealed = sealFragment(primitives, { ...input, holder: hospital }, { kfrag, dutyKey, entropy: boxEntropy });
    if (!sealed.ok) return sealed;
    issued.push({ holder: hospital, fragmentId: kfrag.id as Hash, fragment: sealed.value });
  }
  return ok(issued);
}

const derived = (entropy: Uint8Array, label: Uint8Array, bytes: number): Uint8Array =>
  hkdfSha256(entropy, new Uint8Array(0), concat(utf8('carechain/issue/v1\0'), label), bytes);

const fragmentShape = shape.struct({
  scheme: shape.oneOf(UMBRAL_SCHEME),
  capsule: shape.publicKey,
  sealed: shape.bytes(kfragMsgpack.bytes + BOX_OVERHEAD_BYTES),
});

function sealFragment(
  primitives: Primitives,
  name: FragmentName,
  { kfrag, dutyKey, entropy }: { readonly kfrag: Kfrag; readonly dutyKey: PublicKey; readonly entropy: Uint8Array },
): Result<Uint8Array, CryptoCode> {
  const box = sealBox(primitives, { recipient: dutyKey, entropy, label: boxLabel(name) }, kfragMsgpack.encode(kfrag));
  return box.ok ? ok(encode({ scheme: UMBRAL_SCHEME, ...box.value } as unknown as Canonical)) : box;
}

/** On the holder's node: the fragment, where the patient made it for this name and for these keys. */
export function openFragment(
  primitives: Primitives,
  name: FragmentName,
  { fragment, dutySecret, keys }: { fragment: Uint8Array; dutySecret: SecretKey; keys: GrantKeys },
): Result<Verified<Kfrag>, ReadCode> {
  const value = decode(fragment, CRYPTO_LIMITS.fragmentBytesMax);
  const box = value.ok ? fragmentShape(value.value, 'fragment') : value;
  if (!box.ok) return box;
  const opened = openBox(primitives, { secretKey: dutySecret, label: boxLabel(name) }, box.value);
  if (!opened.ok)
    return opened.rejection.code === 'crypto-box.wrong-key' ? refuse('crypto-fragment.wrong-binding') : opened;
  const kfrag = kfragMsgpack.decode(primitives, opened.value);
  return kfrag.ok ? verifyFragment(primitives, kfrag.value, keys) : kfrag;
}

const boxLabel = ({ chainId, grantId, holder, keyId: { category, epoch } }: FragmentName): BoxLabel => ({
  purpose: 'fragment',
  context: encode({ chainId, grantId, holder, keyId: { category, epoch } }),
});
