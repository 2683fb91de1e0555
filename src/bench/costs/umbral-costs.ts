import process from 'node:process';
import { assert } from '../../base/assert.ts';
import type { Address, Hash, SecretKey } from '../../base/brand.ts';
import type { Primitives } from '../../base/primitives.ts';
import { must } from '../../consortium/people.ts';
import { dataKeyIn, openEnvelope, sealEnvelope, verifyEnvelope } from '../../crypto/envelope.ts';
import { issueFragments, openFragment } from '../../crypto/grant-fragment.ts';
import { SCALAR_ENTROPY_BYTES, scalarFromUniform } from '../../crypto/keys.ts';
import { answerRead, openShare } from '../../crypto/read-share.ts';
import { encapsulate } from '../../crypto/umbral/capsule.ts';
import { decapsulateReencrypted } from '../../crypto/umbral/combination.ts';
import { UMBRAL_ENTROPY_BYTES } from '../../crypto/umbral/parameters.ts';

/** What a step of a record's delivery costs, µs of user CPU on one core. */
export interface UmbralCosts {
  /** The yardstick by the same measure: one signature check. */
  readonly signatureCheck: number;
  /** A capsule for a delegating key (author's device). */
  readonly encapsulation: number;
  /** The envelope around it: capsule, wrapped data key, the author's signature with the capsule's secret. */
  readonly envelope: number;
  /** Both proofs of an envelope checked: by each holder for each share, and by the reader's device. */
  readonly envelopeCheck: number;
  /** One holder's fragment, made, signed and sealed to its duty key (patient's device, one in a grant to four holders, three needed). */
  readonly fragment: number;
  /** A fragment opened and verified (holder). */
  readonly fragmentCheck: number;
  /** A capsule re-encrypted with its proof, and sealed to the read's fresh key (holder). */
  readonly share: number;
  /** A share opened and its proof verified (reader's device). */
  readonly shareVerification: number;
  /** Three verified shares combined into the capsule's key (reader's device). */
  readonly combination: number;
  /** The data key unwrapped with it. */
  readonly opening: number;
  /** What the owner does instead of all this: the envelope opened with the delegating secret. */
  readonly ownerOpening: number;
}

const HOLDERS = 4;
const THRESHOLD = 3;
const ROUNDS = 5;
/** µs of CPU: of each round of one step, and of the one before that does not count. */
const ROUND_MICROSECONDS = 50_000;

export function measureUmbral(primitives: Primitives, roundMicroseconds = ROUND_MICROSECONDS): UmbralCosts {
  const works = worksWith(primitives);
  return Object.fromEntries(
    Object.entries(works).map(([name, work]) => [name, microsecondsOf(work, roundMicroseconds)]),
  ) as unknown as UmbralCosts;
}

/** The steps in their order, each with the results of the ones before. A step that fails stops the bench. */
function worksWith(primitives: Primitives): Record<keyof UmbralCosts, () => unknown> {
  const secretOf = (n: number): SecretKey => scalarFromUniform(new Uint8Array(SCALAR_ENTROPY_BYTES).fill(n));
  const [delegating, receiving, signing, duty, fresh, author] = [1, 2, 3, 4, 5, 6].map(secretOf) as SecretKey[] as [
    SecretKey,
    SecretKey,
    SecretKey,
    SecretKey,
    SecretKey,
    SecretKey,
  ];
  const publicOf = primitives.publicKeyOf;
  const bytes = (length: number, n: number): Uint8Array => new Uint8Array(length).fill(n);
  const chainId = bytes(32, 7) as Hash;
  const cid = bytes(36, 8);
  const keyId = { category: bytes(16, 9), epoch: 0 };
  const sealing = {
    name: { chainId, recordId: bytes(32, 10), version: 1 },
    keyId,
    cid,
    dataKey: bytes(32, 11),
    delegatingKey: publicOf(delegating),
    author: publicOf(author),
    entropy: bytes(2 * UMBRAL_ENTROPY_BYTES, 12),
  };
  const holders = Array.from({ length: HOLDERS }, (_, i) => ({
    hospital: bytes(20, 20 + i) as Address,
    dutyKey: publicOf(duty),
  }));
  const issuing = {
    chainId,
    grantId: bytes(32, 13),
    keyId,
    delegatingSecret: delegating,
    grantee: publicOf(receiving),
    signingSecret: signing,
    threshold: THRESHOLD,
    holders,
    entropy: bytes(UMBRAL_ENTROPY_BYTES, 14),
  };
  const keys = {
    verifyingPk: publicOf(signing),
    delegatingPk: publicOf(delegating),
    receivingPk: publicOf(receiving),
  };
  const envelope = must(sealEnvelope(primitives, sealing), 'an envelope is sealed');
  const check = () => must(verifyEnvelope(primitives, { chainId, cid }, envelope), 'an envelope is verified');
  const capsule = check();
  const issue = () => must(issueFragments(primitives, issuing), 'fragments are issued');
  const issued = issue();
  const openHeld = (i: number) => {
    const { holder, fragment } = issued[i] as (typeof issued)[number];
    const name = { chainId, grantId: issuing.grantId, holder, keyId };
    return must(openFragment(primitives, name, { fragment, dutySecret: duty, keys }), 'a fragment is verified');
  };
  const kfrags = issued.map((_, i) => openHeld(i));
  const freshKey = publicOf(fresh);
  const nameOf = (i: number) => ({
    chainId,
    readId: bytes(32, 15) as Hash,
    holder: holders[i]?.hospital as Address,
    freshKey,
  });
  const answer = (i: number) => {
    const kfrag = kfrags[i] as (typeof kfrags)[number];
    return must(answerRead(primitives, nameOf(i), { capsule, kfrag, dutySecret: duty, attempt: 0 }), 'a share is made');
  };
  const shares = issued.map((_, i) => answer(i));
  const openAnswer = (i: number) => {
    const share = shares[i] as Uint8Array;
    const fragmentIds = issued.map(({ fragmentId }) => fragmentId);
    return must(
      openShare(primitives, nameOf(i), { share, freshSecret: fresh, capsule, keys, fragmentIds }),
      'a share holds',
    );
  };
  const cfrags = Array.from({ length: THRESHOLD }, (_, i) => openAnswer(i));
  const readKeys = { receivingSk: receiving, delegatingPk: keys.delegatingPk };
  const combine = () => must(decapsulateReencrypted(primitives, readKeys, capsule, cfrags), 'shares are combined');
  const shared = combine();
  const digest = primitives.hash(cid);
  const signature = primitives.sign(digest, signing);
  return {
    signatureCheck: () => assert(primitives.verify(digest, signature, keys.verifyingPk), 'a signature holds'),
    encapsulation: () =>
      must(encapsulate(primitives, sealing.delegatingKey, bytes(UMBRAL_ENTROPY_BYTES, 12)), 'a capsule is made'),
    envelope: () => must(sealEnvelope(primitives, sealing), 'an envelope is sealed'),
    envelopeCheck: check,
    fragment: perItem(issue, HOLDERS),
    fragmentCheck: () => openHeld(0),
    share: () => answer(0),
    shareVerification: () => openAnswer(0),
    combination: combine,
    opening: () => must(dataKeyIn(primitives, { chainId, shared }, envelope), 'the data key is unwrapped'),
    ownerOpening: () => must(openEnvelope(primitives, { chainId, delegatingSecret: delegating }, envelope), 'it opens'),
  };
}

/** Work that makes several at once, priced for one of them. */
const perItem = (work: () => unknown, items: number): (() => unknown) => Object.assign(() => work(), { items });

/** The median of some rounds, by this process's own CPU from end to end: other work on the machine neither counts nor shortens a round. */
function microsecondsOf(work: (() => unknown) & { readonly items?: number }, roundMicroseconds: number): number {
  const round = (): number => {
    const before = process.cpuUsage();
    let done = 0;
    let spent = 0;
    do {
      work();
      done++;
      spent = process.cpuUsage(before).user;
    } while (spent < roundMicroseconds);
    return spent / done / (work.items ?? 1);
  };
  round();
  const rounds = Array.from({ length: ROUNDS }, round).sort((a, b) => a - b);
  return Math.round(10 * (rounds[Math.floor(ROUNDS / 2)] as number)) / 10;
}
