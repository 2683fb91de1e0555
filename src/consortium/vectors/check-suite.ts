import type { PublicKey, SecretKey } from '../../base/brand.ts';
import { equal, toHex } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import type { Rejection, Result } from '../../base/result.ts';
import { decapsulateOriginal, verifyCapsule } from '../../crypto/umbral/capsule.ts';
import { decapsulateReencrypted } from '../../crypto/umbral/combination.ts';
import {
  capsuleMsgpack,
  capsuleSimple,
  cfragMsgpack,
  cfragSimple,
  type Encoding,
  kfragMsgpack,
} from '../../crypto/umbral/encoding.ts';
import { verifyFragment } from '../../crypto/umbral/fragments.ts';
import { verifyCfrag } from '../../crypto/umbral/reencryption.ts';
import { isScalar } from '../../crypto/umbral/scalars.ts';
import type { Capsule, Cfrag, GrantKeys, Kfrag, Verified } from '../../crypto/umbral/types.ts';
import { combinations } from './combinations.ts';
import { openAsLibrary } from './dem.ts';
import { liesOnPolynomial } from './polynomial.ts';
import type { VectorSuite } from './read-vectors.ts';

/** The first relation that does not hold, by the field that stands in it. */
export interface Finding {
  /** A field of the suite, or two that disagree. */
  readonly check: string;
  readonly code: string;
}

/** Thrown and caught within this file: a suite is a long row of checks, and the first that fails ends it. */
class CheckFailed extends Error {
  readonly finding: Finding;
  constructor(finding: Finding) {
    super(finding.check);
    this.finding = finding;
  }
}

/** What is wrong with a suite; `undefined` where every value follows from the others. */
export function checkSuite(primitives: Primitives, suite: VectorSuite): Finding | undefined {
  try {
    const keys = checkKeys(primitives, suite);
    const capsule = checkCapsule(primitives, suite);
    const shared = checkOriginal(primitives, suite, capsule);
    const kfrags = checkKfrags(primitives, suite, keys);
    const cfrags = checkCfrags(primitives, { suite, keys, capsule, kfrags });
    checkCombinations(primitives, { suite, capsule, shared, cfrags });
    return undefined;
  } catch (error) {
    if (error instanceof CheckFailed) return error.finding;
    throw error;
  }
}

function demand(holds: boolean, check: string): asserts holds {
  if (!holds) throw new CheckFailed({ check, code: 'consortium-vectors.wrong' });
}

function accepted<T>(result: Result<T>, check: string): T {
  if (result.ok) return result.value;
  const { code }: Rejection = result.rejection;
  throw new CheckFailed({ check, code });
}

/** The public keys are those of the secret ones. */
function checkKeys(primitives: Primitives, suite: VectorSuite): GrantKeys {
  const publicOf = (secret: Uint8Array, stated: Uint8Array, check: string): PublicKey => {
    demand(isScalar(secret), check);
    const key = primitives.publicKeyOf(secret as SecretKey);
    demand(equal(key, stated), check);
    return key;
  };
  return {
    delegatingPk: publicOf(suite.delegating_sk, suite.delegating_pk, 'delegating_pk'),
    verifyingPk: publicOf(suite.signing_sk, suite.verifying_pk, 'verifying_pk'),
    receivingPk: publicOf(suite.receiving_sk, suite.receiving_pk, 'receiving_pk'),
  };
}

/** A value that is read, and written again to the same bytes. */
function decoded<T>(primitives: Primitives, encoding: Encoding<T>, bytes: Uint8Array, check: string): T {
  const value = accepted(encoding.decode(primitives, bytes), check);
  demand(equal(encoding.encode(value), bytes), check);
  return value;
}

function checkCapsule(primitives: Primitives, suite: VectorSuite): Verified<Capsule> {
  const capsule = decoded(primitives, capsuleSimple, suite.capsule_simple, 'capsule_simple');
  decoded(primitives, capsuleMsgpack, suite.capsule_msgpack, 'capsule_msgpack');
  demand(equal(capsuleMsgpack.encode(capsule), suite.capsule_msgpack), 'capsule_msgpack, capsule_simple');
  return accepted(verifyCapsule(primitives, capsule), 'capsule_simple');
}

/** The owner finds the shared point, and the plaintext under it. */
function checkOriginal(primitives: Primitives, suite: VectorSuite, capsule: Verified<Capsule>): Uint8Array {
  const shared = accepted(
    decapsulateOriginal(primitives, suite.delegating_sk as SecretKey, capsule),
    'shared_point_compressed',
  );
  demand(equal(shared, suite.shared_point_compressed), 'shared_point_compressed');
  const opened = openAsLibrary(shared, suite.capsule_simple, suite.ciphertext);
  demand(opened !== undefined, 'ciphertext');
  demand(equal(opened, suite.plaintext), 'plaintext');
  demand(suite.decrypted_ok, 'decrypted_ok');
  return shared;
}

/** Signed, of one grant, each with its own id, and together a sharing of the delegating secret among `shares` by `threshold`. */
function checkKfrags(primitives: Primitives, suite: VectorSuite, keys: GrantKeys): readonly Kfrag[] {
  const { threshold, shares, delegating_sk, receiving_sk } = suite;
  demand(threshold <= shares, 'threshold, shares');
  demand(suite.kfrags_msgpack.length === shares, 'kfrags_msgpack, shares');
  const kfrags = suite.kfrags_msgpack.map((bytes, i) => {
    const kfrag = decoded(primitives, kfragMsgpack, bytes, `kfrags_msgpack[${i}]`);
    return accepted(verifyFragment(primitives, kfrag, keys), `kfrags_msgpack[${i}]`);
  });
  const { precursor } = kfrags[0] as Kfrag;
  demand(
    kfrags.every((kfrag) => equal(kfrag.precursor, precursor)),
    'kfrags_msgpack of one grant',
  );
  demand(new Set(kfrags.map(({ id }) => toHex(id))).size === shares, 'kfrags_msgpack without repeats');

  const shared = primitives.ecdh(receiving_sk as SecretKey, precursor) as Uint8Array;
  const grant = { precursor, receivingPk: keys.receivingPk, shared };
  const delegatingSk = delegating_sk as SecretKey;
  demand(liesOnPolynomial(primitives, { grant, kfrags, threshold, delegatingSk }), 'threshold, kfrags_msgpack');
  return kfrags;
}

interface CfragInput {
  readonly suite: VectorSuite;
  readonly keys: GrantKeys;
  readonly capsule: Verified<Capsule>;
  readonly kfrags: readonly Kfrag[];
}

/** Proven, the same in both encodings, and each made by the fragment of its own index. */
function checkCfrags(primitives: Primitives, { suite, keys, capsule, kfrags }: CfragInput) {
  demand(suite.cfrags_simple.length === suite.shares, 'cfrags_simple, shares');
  demand(suite.cfrags_msgpack.length === suite.shares, 'cfrags_msgpack, shares');
  return kfrags.map((kfrag, i) => {
    const cfrag = decoded(primitives, cfragSimple, suite.cfrags_simple[i] as Uint8Array, `cfrags_simple[${i}]`);
    const packed = suite.cfrags_msgpack[i] as Uint8Array;
    decoded(primitives, cfragMsgpack, packed, `cfrags_msgpack[${i}]`);
    demand(equal(cfragMsgpack.encode(cfrag), packed), `cfrags_msgpack[${i}], cfrags_simple[${i}]`);
    demand(isMadeBy(primitives, { capsule, kfrag, cfrag }), `cfrags_simple[${i}], kfrags_msgpack[${i}]`);
    return accepted(verifyCfrag(primitives, capsule, cfrag, keys), `cfrags_simple[${i}]`);
  });
}

function isMadeBy(
  primitives: Primitives,
  { capsule, kfrag, cfrag }: { readonly capsule: Capsule; readonly kfrag: Kfrag; readonly cfrag: Cfrag },
): boolean {
  const isProduct = (point: PublicKey, base: PublicKey): boolean =>
    equal(point, primitives.ecdh(kfrag.key, base) as Uint8Array);
  return (
    equal(cfrag.id, kfrag.id) &&
    equal(cfrag.precursor, kfrag.precursor) &&
    equal(cfrag.commitment, kfrag.commitment) &&
    equal(cfrag.signature, kfrag.signatureForReceiver) &&
    isProduct(cfrag.e1, capsule.e) &&
    isProduct(cfrag.v1, capsule.v)
  );
}

interface CombinationInput {
  readonly suite: VectorSuite;
  readonly capsule: Verified<Capsule>;
  readonly shared: Uint8Array;
  readonly cfrags: readonly Verified<Cfrag>[];
}

/** Any t cfrags open, all of them together too, and t − 1 do not. */
function checkCombinations(primitives: Primitives, { suite, capsule, shared, cfrags }: CombinationInput): void {
  const { threshold, shares } = suite;
  const keys = {
    receivingSk: suite.receiving_sk as SecretKey,
    delegatingPk: suite.delegating_pk as PublicKey,
  };
  const combine = (indices: readonly number[]) =>
    decapsulateReencrypted(
      primitives,
      keys,
      capsule,
      indices.map((i) => cfrags[i] as Verified<Cfrag>),
    );
  for (const indices of [...combinations(shares, threshold), [...cfrags.keys()]])
    demand(equal(accepted(combine(indices), 'cfrags_simple'), shared), 'cfrags_simple, shared_point_compressed');
  const tooFew = [...cfrags.keys()].slice(0, threshold - 1);
  demand(!combine(tooFew).ok, 'threshold, cfrags_simple');
}
