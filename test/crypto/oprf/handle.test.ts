import { createOPRF } from '@noble/curves/abstract/oprf.js';
import { secp256k1, secp256k1_hasher } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash, PublicKey, SecretKey } from '../../../src/base/brand.ts';
import { toHex } from '../../../src/base/bytes.ts';
import { CRYPTO_LIMITS } from '../../../src/crypto/limits.ts';
import { noblePrimitives } from '../../../src/crypto/noble.ts';
import {
  type Blinding,
  blindIdentifier,
  combineHandle,
  type Evaluation,
  evaluateBlinded,
  evaluationShape,
  type HandleKey,
  handleCommitment,
  handleInput,
  interpolate,
  verifyEvaluation,
} from '../../../src/crypto/oprf/handle.ts';
import { finalizeHash, SUITE } from '../../../src/crypto/oprf/suite.ts';
import { bytesFrom } from '../support/vectors.ts';
import { ceremony, entropyOf, primitives, value } from './ceremony.ts';

const { Point } = secp256k1;
const { Fn } = Point;
/** RFC 9497 as somebody else wrote it, with our curve and name. */
const judge = createOPRF({
  name: SUITE,
  Point,
  hash: sha256,
  hashToGroup: (message, options) => secp256k1_hasher.hashToCurve(message, options),
  hashToScalar: (message, options) => secp256k1_hasher.hashToScalar(message, options),
}).voprf;

const town = ceremony(3, 4);
const identifier = { type: 'urn:oid:2.16.756.5.32', value: '756.1234.5678.97' };
const blinding = blindIdentifier(primitives, identifier, entropyOf('blind', 48));
const answer = (holder: number, share = town.shares[holder - 1] as SecretKey, blinded = blinding.blinded): Evaluation =>
  value(evaluateBlinded(primitives, { holder, share, entropy: entropyOf(`proof ${holder}`, 48) }, blinded));
const answers = [1, 2, 3, 4].map((holder) => answer(holder));
const some = (...holders: number[]) => holders.map((holder) => answers[holder - 1] as Evaluation);
const combined = (evaluations: readonly Evaluation[], key: HandleKey = town.key) =>
  combineHandle(primitives, { key, blinding }, evaluations);

/** The joint secret, which nobody ever has: from all shares, by solving for f(0) with the curve library's own arithmetic. */
function jointSecret(shares: readonly SecretKey[], threshold: number): bigint {
  let sum = 0n;
  for (let i = 1; i <= threshold; i++) {
    let weight = 1n;
    for (let j = 1; j <= threshold; j++)
      if (j !== i) weight = Fn.mul(weight, Fn.div(BigInt(j), Fn.sub(BigInt(j), BigInt(i))));
    sum = Fn.add(sum, Fn.mul(weight, Fn.fromBytes(shares[i - 1] as Uint8Array)));
  }
  return sum;
}
const secret = jointSecret(town.shares, 3);

/** The judge's own client and its server with the whole key. */
function judged(key: bigint): Uint8Array {
  const input = handleInput(identifier);
  const publicKey = Point.BASE.multiply(key).toBytes();
  const { blind, blinded } = judge.blind(input);
  const { evaluated, proof } = judge.blindEvaluate(Fn.toBytes(key), publicKey, blinded);
  return judge.finalize(input, blind, evaluated, blinded, publicKey, proof);
}

describe('the hash to the curve', () => {
  it('is that of RFC 9380, J.8.1', () => {
    const DST = 'QUUX-V01-CS02-with-secp256k1_XMD:SHA-256_SSWU_RO_';
    const { x, y } = secp256k1_hasher.hashToCurve(new Uint8Array(0), { DST }).toAffine();
    expect(x.toString(16)).toBe('c1cae290e291aee617ebaef1be6d73861479c48b841eaba9b7b5852ddfeb1346');
    expect(y.toString(16)).toBe('64fa678e07ae116126f08b022a94af6de15985c996c3a91b64c406a960e51067');
  });
});

describe('a handle', () => {
  const { handle } = value(combined(some(1, 2, 3)));

  it('is what one hospital with the whole key would answer, by an implementation of RFC 9497 that is not ours', () => {
    expect(toHex(handle)).toBe(toHex(judged(secret)));
  });

  it('is SHA-256 over the input and the joint secret times its point, recomputed with the curve alone', () => {
    const input = handleInput(identifier);
    const DST = `HashToGroup-OPRFV1-\u0001-${SUITE}`;
    const point = secp256k1_hasher.hashToCurve(input, { DST }).multiply(secret).toBytes();
    const text = Buffer.concat([
      Buffer.from([0, input.length]),
      input,
      Buffer.from([0, 33]),
      point,
      Buffer.from('Finalize'),
    ]);
    expect(toHex(handle)).toBe(toHex(sha256(text)));
  });

  it('is the same whichever t holders answer, in whatever order, for t-of-n from 1-of-1 to 4-of-7', () => {
    for (const [t, n] of [
      [1, 1],
      [2, 3],
      [3, 4],
      [4, 7],
    ] as const) {
      const { key, shares } = t === 3 ? town : ceremony(t, n, `town of ${n}`);
      const all = shares.map((share, i) => answer(i + 1, share));
      const expected = toHex(judged(jointSecret(shares, t)));
      fc.assert(
        fc.property(fc.shuffledSubarray(all, { minLength: t, maxLength: t }), (chosen) => {
          expect(toHex(value(combined(chosen, key)).handle)).toBe(expected);
        }),
        { numRuns: 5 },
      );
    }
  });

  it('is the same at every asking, though no two questions are alike', () => {
    const again = blindIdentifier(primitives, identifier, entropyOf('another blind', 48));
    expect(toHex(again.blinded)).not.toBe(toHex(blinding.blinded));
    const replies = [2, 3, 4].map((holder) => answer(holder, town.shares[holder - 1], again.blinded));
    expect(value(combineHandle(primitives, { key: town.key, blinding: again }, replies)).handle).toEqual(handle);
  });

  it('is another for another value, type or key; type and value do not run into one another', () => {
    const handleOf = (type: string, text: string, { key, shares } = town) => {
      const asked: Blinding = blindIdentifier(primitives, { type, value: text }, entropyOf('blind', 48));
      const replies = [1, 2, 3].map((holder) => answer(holder, shares[holder - 1], asked.blinded));
      return toHex(value(combineHandle(primitives, { key, blinding: asked }, replies)).handle);
    };
    const handles = [
      toHex(handle),
      handleOf('mrn', '12'),
      handleOf('mrn', '13'),
      handleOf('mrn1', '2'),
      handleOf('mrn', '12', ceremony(3, 4, 'others')),
    ];
    expect(new Set(handles).size).toBe(5);
  });

  it('is the same under the JavaScript primitives', () => {
    const asked = blindIdentifier(noblePrimitives, identifier, entropyOf('blind', 48));
    expect(asked.blinded).toEqual(blinding.blinded);
    const reply = value(
      evaluateBlinded(
        noblePrimitives,
        { holder: 1, share: town.shares[0] as SecretKey, entropy: entropyOf('proof 1', 48) },
        asked.blinded,
      ),
    );
    expect(reply).toEqual(answers[0]);
    expect(verifyEvaluation(noblePrimitives, town.key, asked.blinded, reply).ok).toBe(true);
  });
});

describe('fewer than t honest holders', () => {
  it('give no handle, and one twice counts once', () => {
    expect(combined(some(1, 4))).toMatchObject({ ok: false, rejection: { code: 'crypto-oprf.too-few' } });
    expect(combined(some(1, 4, 4, 1))).toMatchObject({ ok: false, rejection: { code: 'crypto-oprf.too-few' } });
  });

  it('give none with a stranger who proves under a key of its own', () => {
    const foreign = answer(2, bytesFrom('stranger', 32) as SecretKey);
    expect(combined([...some(1, 3), foreign])).toMatchObject({
      ok: false,
      rejection: { code: 'crypto-oprf.too-few', detail: { valid: 2, threshold: 3 } },
    });
  });

  it('come to another value with a wrong share, where nobody checks proofs', () => {
    const wrong = primitives.ecdh(bytesFrom('stranger', 32) as SecretKey, blinding.blinded) as PublicKey;
    const unblinded = (points: [number, PublicKey][]) => {
      const joint = Point.fromBytes(interpolate(primitives, new Map(points)) as Uint8Array);
      return joint.multiply(Fn.inv(Fn.fromBytes(blinding.blind))).toBytes() as Uint8Array as PublicKey;
    };
    const pick = (...holders: number[]): [number, PublicKey][] =>
      some(...holders).map((each) => [each.holder, each.evaluated]);
    const right = toHex(value(combined(some(1, 2, 3))).handle);
    const hashed = (points: [number, PublicKey][]) =>
      toHex(finalizeHash(primitives, blinding.input, unblinded(points)));
    expect(hashed(pick(1, 3, 4))).toBe(right);
    expect(hashed([...pick(1, 3), [2, wrong]])).not.toBe(right);
    expect(hashed(pick(1, 3))).not.toBe(right);
  });

  it('name the wrong one where t others are right', () => {
    const foreign = answer(2, bytesFrom('stranger', 32) as SecretKey);
    const result = value(combined([foreign, ...some(1, 3, 4)]));
    expect(result.wrong).toEqual([2]);
    expect(result.handle).toEqual(value(combined(some(1, 2, 3))).handle);
  });
});

describe('the proof of an evaluation', () => {
  it('holds for the judge, and the judge’s holds for us', () => {
    const { evaluated, proof } = answers[0] as Evaluation;
    const { input, blind, blinded } = blinding;
    const shareKey = town.key.shareKeys[0] as Uint8Array;
    expect(() => judge.finalize(input, blind, evaluated, blinded, shareKey, proof)).not.toThrow();
    const theirs = judge.blindEvaluate(town.shares[0] as Uint8Array, shareKey, blinded);
    const reply = { holder: 1, evaluated: theirs.evaluated as Uint8Array as PublicKey, proof: theirs.proof };
    expect(verifyEvaluation(primitives, town.key, blinded, reply)).toEqual({ ok: true, value: null });
  });

  it('is refused with any bit of it, of the answer or of the question turned', () => {
    const whole = answers[2] as Evaluation;
    const turn = (bytes: Uint8Array, bit: number) => {
      const turned = bytes.slice();
      const at = (bit >> 3) % bytes.length;
      turned[at] = (turned[at] as number) ^ (1 << (bit & 7));
      return turned;
    };
    const holds = (change: Partial<Evaluation>, blinded = blinding.blinded) =>
      verifyEvaluation(primitives, town.key, blinded, { ...whole, ...change }).ok;
    expect(holds({})).toBe(true);
    fc.assert(
      fc.property(fc.nat(64 * 8 - 1), (bit) => {
        expect(holds({ proof: turn(whole.proof, bit) })).toBe(false);
        expect(holds({ evaluated: turn(whole.evaluated, bit % 264) as PublicKey })).toBe(false);
        expect(holds({}, turn(blinding.blinded, bit % 264) as PublicKey)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['another holder', { holder: 1 }],
    ['no holder', { holder: 0 }],
    ['a holder that is not there', { holder: 5 }],
    ['a negated answer', { evaluated: negated((answers[2] as Evaluation).evaluated) }],
    ['half a proof', { proof: (answers[2] as Evaluation).proof.slice(0, 32) }],
    ['zeros', { proof: new Uint8Array(64) }],
    ['scalars above the order', { proof: new Uint8Array(64).fill(0xff) }],
  ])('is refused for %s', (_, change) => {
    const changed = { ...(answers[2] as Evaluation), ...change };
    expect(verifyEvaluation(primitives, town.key, blinding.blinded, changed)).toMatchObject({
      ok: false,
      rejection: { code: 'crypto-oprf.bad-proof' },
    });
  });
});

function negated(point: PublicKey): PublicKey {
  const other = point.slice();
  other[0] = (other[0] as number) ^ 1;
  return other as PublicKey;
}

describe('limits and forms', () => {
  it('a holder answers no question that is off the curve', () => {
    const off = new Uint8Array(33).fill(2) as PublicKey;
    const bad = { holder: 1, share: town.shares[0] as SecretKey, entropy: entropyOf('x', 48) };
    const notOnCurve = [off, new Uint8Array(33) as PublicKey].filter((point) => {
      try {
        Point.fromBytes(point);
        return false;
      } catch {
        return true;
      }
    });
    expect(notOnCurve.length).toBeGreaterThan(0);
    for (const point of notOnCurve)
      expect(evaluateBlinded(primitives, bad, point)).toMatchObject({
        rejection: { code: 'crypto-oprf.invalid-point' },
      });
  });

  it('bounds identifiers (identifierCharactersMax) and answers (handleHoldersMax)', () => {
    const long = 'x'.repeat(CRYPTO_LIMITS.identifierCharactersMax + 1);
    for (const bad of [
      { type: long, value: '1' },
      { type: 't', value: long },
      { type: '', value: '1' },
      { type: 't', value: '' },
    ])
      expect(() => handleInput(bad)).toThrow('bounded');
    const many = Array.from({ length: CRYPTO_LIMITS.handleHoldersMax + 1 }, () => answers[0] as Evaluation);
    expect(combined(many)).toMatchObject({ rejection: { code: 'crypto-oprf.too-many' } });
  });

  it('an answer is read by its shape: 33 bytes, 64 bytes, a number', () => {
    expect(evaluationShape(answers[0], 'evaluation').ok).toBe(true);
    expect(evaluationShape({ ...answers[0], proof: new Uint8Array(63) }, 'evaluation').ok).toBe(false);
  });

  it('a commitment hides the handle behind its salt, and binds it', () => {
    const { handle } = value(combined(some(1, 2, 3)));
    const salt = bytesFrom('salt', 32);
    const commitment = handleCommitment(primitives, salt, handle);
    expect(commitment).toEqual(handleCommitment(primitives, salt.slice(), handle));
    expect(commitment).not.toEqual(handleCommitment(primitives, bytesFrom('salt 2', 32), handle));
    expect(commitment).not.toEqual(handleCommitment(primitives, salt, bytesFrom('other', 32) as Hash));
    expect(() => handleCommitment(primitives, salt.slice(1), handle)).toThrow('salt length');
  });
});
