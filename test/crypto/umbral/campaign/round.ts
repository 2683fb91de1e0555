import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import process from 'node:process';
import type { Hash } from '../../../../src/base/brand.ts';
import { equal } from '../../../../src/base/bytes.ts';
import type { Primitives } from '../../../../src/base/primitives.ts';
import type { Result } from '../../../../src/base/result.ts';
import { verifyCapsule } from '../../../../src/crypto/umbral/capsule.ts';
import { signCapsule, verifyCapsuleSignature } from '../../../../src/crypto/umbral/capsule-signature.ts';
import { decapsulateReencrypted } from '../../../../src/crypto/umbral/combination.ts';
import {
  capsuleMsgpack,
  capsuleSimple,
  cfragMsgpack,
  cfragSimple,
  type Encoding,
  kfragMsgpack,
} from '../../../../src/crypto/umbral/encoding.ts';
import { verifyFragment } from '../../../../src/crypto/umbral/fragments.ts';
import { verifyCfrag } from '../../../../src/crypto/umbral/reencryption.ts';
import type { Capsule, Cfrag, Verified } from '../../../../src/crypto/umbral/types.ts';
import { entropyOf, flipped, type Grant, makeCapsule, makeCfrags, makeGrant } from '../support.ts';

const judge = createRequire(import.meta.url)('@nucypher/umbral-pre') as typeof import('@nucypher/umbral-pre');
const SHARES_MAX = 7;
/** The judge is slow: one grant in so many. */
const JUDGED_EVERY = 8;

/** Counts of what was seen; `violations` of what must not be. */
export interface Tally {
  grants: number;
  reencryptions: number;
  opened: number;
  belowThreshold: number;
  mixed: number;
  altered: number;
  judged: number;
  violations: number;
}

/** One grant with keys, sizes, capsule and alterations that follow from the seed. */
export function runGrant(primitives: Primitives, seed: number, tally: Tally): void {
  const choose = (label: string, count: number): number => {
    const digest = createHash('sha256').update(`${seed} ${label}`).digest();
    return digest.readUInt32BE() % count;
  };
  const demand = (holds: boolean, what: string): boolean => {
    if (!holds) tally.violations++;
    if (!holds) process.stderr.write(`seed ${seed}: ${what}\n`);
    return holds;
  };

  const shares = 1 + choose('shares', SHARES_MAX);
  const threshold = 1 + choose('threshold', shares);
  const names = { owner: `owner ${seed}`, reader: `reader ${seed}` };
  const grant = makeGrant(primitives, `grant ${seed}`, { threshold, shares, ...names });
  const { capsule, shared, authorScalar } = makeCapsule(primitives, grant.keys.delegatingPk, `${seed}`);
  const cfrags = makeCfrags(primitives, grant, capsule);
  tally.grants++;
  tally.reencryptions += shares;

  const from = choose('from', shares);
  const chosen = (count: number) =>
    Array.from({ length: count }, (_, i) => cfrags[(from + i) % shares] as Verified<Cfrag>);
  const open = (some: readonly Verified<Cfrag>[], of = capsule) =>
    decapsulateReencrypted(
      primitives,
      { receivingSk: grant.receivingSk, delegatingPk: grant.keys.delegatingPk },
      of,
      some,
    );
  const opened = open(chosen(threshold));
  if (demand(opened.ok && equal(opened.value, shared), 't shares do not open')) tally.opened++;
  if (demand(!open(chosen(threshold - 1)).ok, 't − 1 shares open')) tally.belowThreshold++;
  const other = makeCapsule(primitives, grant.keys.delegatingPk, `other ${seed}`).capsule;
  if (demand(!open(chosen(threshold), other).ok, 'shares of another capsule open')) tally.mixed++;

  const message = entropyOf(`message ${seed}`) as Hash;
  const signature = signCapsule(primitives, { capsule, authorScalar, message, nonceEntropy: entropyOf(`n ${seed}`) });
  const isSignature = (bytes: Uint8Array) => verifyCapsuleSignature(primitives, capsule, message, bytes).ok;
  const altered: readonly (readonly [string, Uint8Array, (bytes: Uint8Array) => boolean])[] = [
    ['capsule', capsuleSimple.encode(capsule), reads(primitives, capsuleSimple, (c) => verifyCapsule(primitives, c))],
    ['signature', signature, isSignature],
    ...grant.kfrags.map((kfrag, i) => {
      const isFragment = reads(primitives, kfragMsgpack, (k) => verifyFragment(primitives, k, grant.keys));
      return [`fragment ${i}`, kfragMsgpack.encode(kfrag), isFragment] as const;
    }),
    ...cfrags.map((cfrag, i) => {
      const isShare = reads(primitives, cfragSimple, (c) => verifyCfrag(primitives, capsule, c, grant.keys));
      return [`share ${i}`, cfragSimple.encode(cfrag), isShare] as const;
    }),
  ];
  for (const [name, bytes, isAccepted] of altered) {
    const bit = choose(name, 8 * bytes.length);
    if (demand(!isAccepted(flipped(bytes, bit >> 3, bit & 7)), `${name} is accepted with bit ${bit} flipped`))
      tally.altered++;
  }
  if (seed % JUDGED_EVERY === 0 && demand(isJudgedGood(grant, capsule, cfrags), 'the judge refuses ours'))
    tally.judged++;
}

const reads =
  <T>(primitives: Primitives, encoding: Encoding<T>, verify: (value: T) => Result<unknown>) =>
  (bytes: Uint8Array): boolean => {
    const read = encoding.decode(primitives, bytes);
    return read.ok && verify(read.value).ok;
  };

/** The library verifies our fragments and shares, and writes them as we do. */
function isJudgedGood(grant: Grant, capsule: Capsule, cfrags: readonly Cfrag[]): boolean {
  const read = (bytes: Uint8Array) => judge.PublicKey.fromCompressedBytes(bytes);
  const { verifyingPk, delegatingPk, receivingPk } = grant.keys;
  const [verifying, delegating, receiving] = [read(verifyingPk), read(delegatingPk), read(receivingPk)];
  const theirs = judge.Capsule.fromBytes(capsuleMsgpack.encode(capsule));
  const fragments = grant.kfrags.every((kfrag) => {
    const bytes = kfragMsgpack.encode(kfrag);
    return equal(judge.KeyFrag.fromBytes(bytes).verify(verifying, delegating, receiving).toBytes(), bytes);
  });
  return (
    fragments &&
    cfrags.every((cfrag) => {
      const bytes = cfragMsgpack.encode(cfrag);
      return equal(
        judge.CapsuleFrag.fromBytes(bytes).verify(theirs, verifying, delegating, receiving).toBytes(),
        bytes,
      );
    })
  );
}
