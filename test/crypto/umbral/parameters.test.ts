import { secp256k1, secp256k1_hasher } from '@noble/curves/secp256k1.js';
import { expect, it } from 'vitest';
import { toHex, utf8 } from '../../../src/base/bytes.ts';
import { G, U } from '../../../src/crypto/umbral/parameters.ts';

it('takes U from nobody: hash_to_curve of POINT_U under PARAMETERS, by an independent implementation of RFC 9380', () => {
  expect(toHex(U)).toBe(secp256k1_hasher.hashToCurve(utf8('POINT_U'), { DST: 'PARAMETERS' }).toHex(true));
});

it("takes the curve's own generator as G", () => {
  expect(toHex(G)).toBe(secp256k1.Point.BASE.toHex(true));
});
