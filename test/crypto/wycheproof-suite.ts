import { describe, expect, it } from 'vitest';
import type { PublicKey, SecretKey } from '../../src/base/brand.ts';
import { concat, toHex } from '../../src/base/bytes.ts';
import type { Primitives } from '../../src/base/primitives.ts';
import { hasValidForm } from '../../src/crypto/signature-form.ts';
import { compactFromDer } from './support/der.ts';
import {
  compactToRecoverable,
  compressPoint,
  needsLargeX,
  negateS,
  publicKeyFromSpki,
  scalar32,
} from './support/points.ts';
import { hex, loadWycheproof, tally, type WycheproofCase, type WycheproofGroup } from './support/vectors.ts';

/** Wycheproof through one implementation's wrappers. Each count is asserted, so that no case is skipped in silence. */
export function describeWycheproof(primitives: Primitives): void {
  describe(`Wycheproof, ${primitives.name}`, () => {
    it('ECDSA "bitcoin": accepts 161 valid signatures, refuses 301 invalid and one valid one by rule', () => {
      expect(runEcdsa(primitives, 'ecdsa_secp256k1_sha256_bitcoin_test.json', compactFromDer)).toEqual({
        'valid accepted': 161,
        'valid refused by rule: R.x ≥ n': 1,
        'invalid refused': 301,
      });
    });

    it('ECDSA P1363: accepts 95 valid low-s signatures, refuses 85 invalid ones and 72 valid ones by rule', () => {
      const fixedLength = (sig: Uint8Array) => (sig.length === 64 ? sig : undefined);
      expect(runEcdsa(primitives, 'ecdsa_secp256k1_sha256_p1363_test.json', fixedLength)).toEqual({
        'valid accepted': 95,
        'valid refused by rule: high s, whose low-s twin is accepted': 70,
        'valid refused by rule: R.x ≥ n': 2,
        'invalid refused': 85,
      });
    });

    it('ECDH: gives the shared point of 474 keys in our form, refuses 3 off the curve and 275 in other forms', () => {
      expect(runEcdh(primitives)).toEqual({
        'valid, our form: agreed': 473,
        'acceptable, our form: agreed': 1,
        'acceptable, other form: refused': 229,
        'invalid, our form: refused': 3,
        'invalid, other form: refused': 46,
      });
    });

    it('AES-GCM: opens and makes 39 valid messages, refuses 27 forged ones; 250 have other key or nonce sizes', () => {
      expect(runAesGcm(primitives)).toEqual({ 'valid opened': 39, 'invalid refused': 27, 'out of scope': 250 });
    });
  });
}

function runEcdsa(
  primitives: Primitives,
  file: string,
  compactOf: (sig: Uint8Array) => Uint8Array | undefined,
): Record<string, number> {
  const outcomes = tally();
  for (const group of loadWycheproof(file)) {
    const { uncompressed } = group.publicKey as { uncompressed: string };
    const publicKey = compressPoint(hex(uncompressed)) as PublicKey;
    for (const test of group.tests) outcomes.add(judgeSignature(primitives, test, publicKey, compactOf));
  }
  return outcomes.counts();
}

function judgeSignature(
  primitives: Primitives,
  test: WycheproofCase,
  publicKey: PublicKey,
  compactOf: (sig: Uint8Array) => Uint8Array | undefined,
): string {
  const digest = primitives.hash(hex(test.msg));
  const compact = compactOf(hex(test.sig));
  const accepts = (form: Uint8Array) => compactToRecoverable(primitives, digest, form, publicKey) !== undefined;
  const accepted = compact !== undefined && accepts(compact);
  if (accepted || test.result === 'invalid') return `${test.result} ${accepted ? 'accepted' : 'refused'}`;
  if (compact === undefined) return `valid, not understood: ${test.tcId}`;
  const twin = hasValidForm(concat(compact, Uint8Array.of(0))) ? undefined : negateS(compact);
  if (twin !== undefined && accepts(twin)) return 'valid refused by rule: high s, whose low-s twin is accepted';
  return needsLargeX(digest, compact, publicKey) ? 'valid refused by rule: R.x ≥ n' : `valid refused: ${test.tcId}`;
}

function runEcdh(primitives: Primitives): Record<string, number> {
  const outcomes = tally();
  for (const test of loadWycheproof('ecdh_secp256k1_test.json').flatMap((group) => group.tests)) {
    const publicKey = publicKeyFromSpki(hex(test.public));
    const secretKey = scalar32(hex(test.private)) as SecretKey;
    const point = publicKey === undefined ? undefined : primitives.ecdh(secretKey, publicKey);
    const form = publicKey === undefined ? 'other form' : 'our form';
    const outcome = point === undefined ? 'refused' : toHex(point.subarray(1)) === test.shared ? 'agreed' : 'WRONG';
    outcomes.add(`${test.result}, ${form}: ${outcome}`);
  }
  return outcomes.counts();
}

function runAesGcm(primitives: Primitives): Record<string, number> {
  const outcomes = tally();
  for (const group of loadWycheproof('aes_gcm_test.json'))
    for (const test of group.tests) outcomes.add(isOurs(group) ? judgeSealed(primitives, test) : 'out of scope');
  return outcomes.counts();
}

const isOurs = ({ keySize, ivSize, tagSize }: WycheproofGroup): boolean =>
  keySize === 256 && ivSize === 96 && tagSize === 128;

function judgeSealed(primitives: Primitives, test: WycheproofCase): string {
  const [key, nonce, aad, message] = [hex(test.key), hex(test.iv), hex(test.aad), hex(test.msg)];
  const sealed = concat(hex(test.ct), hex(test.tag));
  const opened = primitives.open(key, nonce, sealed, aad);
  if (opened === undefined) return `${test.result} refused`;
  const same = toHex(opened) === toHex(message) && toHex(primitives.seal(key, nonce, message, aad)) === toHex(sealed);
  return same ? `${test.result} opened` : `${test.result} DIFFERENT`;
}
