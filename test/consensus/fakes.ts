import { createHash } from 'node:crypto';
import {
  type Address,
  type Hash,
  type Height,
  height,
  type PublicKey,
  type Round,
  round,
  type SecretKey,
  type Signature,
} from '../../src/base/brand.ts';
import { compareBytes, concat, equal, toHex, utf8 } from '../../src/base/bytes.ts';
import { type Canonical, decode, encode } from '../../src/base/canonical.ts';
import type { Primitives } from '../../src/base/primitives.ts';
import type { Validator, ValidatorSet } from '../../src/base/validators.ts';
import type { EngineName } from '../../src/consensus/engine.ts';
import { type Ballot, NO_BLOCK, type SignedVote, signedVoteOf, voteDigest, voteOf } from '../../src/consensus/vote.ts';

/** Keyed-hash signatures, for speed: whoever knows the table of secrets can verify. `verifications` counts the calls. */
export interface FakePrimitives extends Primitives {
  readonly verifications: { count: number };
}

export const sha256 = (bytes: Uint8Array): Hash =>
  Uint8Array.from(createHash('sha256').update(bytes).digest()) as unknown as Hash;

const secrets = new Map<string, SecretKey>();
const mac = (secret: Uint8Array, digest: Uint8Array): Signature => {
  const half = sha256(concat(secret, digest));
  return concat(half, half, Uint8Array.of(0)) as Signature;
};
const unused = (): never => {
  throw new Error('the consensus engine does not need this');
};

export function fakePrimitives(): FakePrimitives {
  const verifications = { count: 0 };
  return {
    name: 'keyed hash (tests only)',
    verifications,
    hash: sha256,
    hashPairs: unused,
    sign: (digest, secret) => mac(secret, digest),
    verify(digest, signature, publicKey) {
      verifications.count++;
      const secret = secrets.get(toHex(publicKey));
      return secret !== undefined && equal(mac(secret, digest), signature);
    },
    recover: unused,
    publicKeyOf(secret) {
      const publicKey = concat(Uint8Array.of(2), sha256(secret)) as PublicKey;
      secrets.set(toHex(publicKey), secret);
      return publicKey;
    },
    ecdh: unused,
    addPoints: unused,
    multiplyPublic: unused,
    addScalars: unused,
    multiplyScalars: unused,
    seal: unused,
    sealDetached: unused,
    open: unused,
  };
}

export const primitives = fakePrimitives();
export const chainId = sha256(utf8('a test chain'));

export interface Member extends Validator {
  readonly secret: SecretKey;
}

/** n members in validator order. */
export function members(n: number): readonly Member[] {
  const made = Array.from({ length: n }, (_, i): Member => {
    const secret = sha256(utf8(`secret ${i}`)) as Uint8Array as SecretKey;
    const publicKey = primitives.publicKeyOf(secret);
    return { id: sha256(publicKey).slice(12) as Address, publicKey, secret };
  });
  return made.sort((a, b) => compareBytes(a.id, b.id));
}

export const setOf = (all: readonly Member[]): ValidatorSet => all.map(({ id, publicKey }) => ({ id, publicKey }));

/** A toy block: its height, its builder and a number that makes it unique. */
export interface ToyBlock {
  readonly height: number;
  readonly proposer: Uint8Array;
  readonly random: number;
}
export const toyBlock = (block: ToyBlock): Uint8Array => encode(block as unknown as Canonical);
export const readToy = (bytes: Uint8Array): ToyBlock | undefined => {
  const value = decode(bytes, 1_000);
  return value.ok ? (value.value as ToyBlock) : undefined;
};

interface BallotOptions {
  readonly at?: number;
  readonly hash?: Hash;
  readonly prepared?: { readonly round: number; readonly hash: Hash };
  readonly height?: Height;
  readonly engine?: EngineName;
}

/** A vote as its signer would sign it. */
export function signed(member: Member, type: string, options: BallotOptions = {}): SignedVote {
  const ballot: Ballot = {
    type,
    round: round(options.at ?? 0),
    blockHash: type === 'round-change' ? NO_BLOCK : (options.hash ?? NO_BLOCK),
    preparedRound: options.prepared === undefined ? null : (round(options.prepared.round) as Round),
    preparedHash: options.prepared?.hash ?? null,
  };
  const vote = voteOf({ chainId, engine: options.engine ?? 'qbft' }, options.height ?? height(1), ballot);
  return signedVoteOf(vote, member.id, primitives.sign(voteDigest(primitives, vote), member.secret));
}

/** mulberry32: a small seeded generator of numbers in [0, 1). */
export function random(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
