import { describe, expect, it } from 'vitest';
import { type Hash, type Height, height, round } from '../../src/base/brand.ts';
import { utf8 } from '../../src/base/bytes.ts';
import type { Certificate } from '../../src/consensus/engine.ts';
import { type BlockLink, verifyFinality } from '../../src/consensus/finality.ts';
import { signedVoteOf, voteDigest, voteOf } from '../../src/consensus/vote.ts';
import { chainId, members, primitives, setOf, sha256 } from './fakes.ts';

const all = members(4);
const set = setOf(all);
const hashOf = (n: number): Hash => sha256(utf8(`block ${n}`));

/** Headers as two numbers: to consensus a header is what its reader says. */
const encoded = (n: number, parent = n - 1): Uint8Array => Uint8Array.of(n, parent);
const readLink = (bytes: Uint8Array): BlockLink | undefined => {
  const [n, parent] = bytes;
  if (n === undefined || parent === undefined) return undefined;
  return { height: n as Height, hash: hashOf(n), parentHash: hashOf(parent) };
};

/** A finalisation of block `n` in view 9, with a path. */
function finalisation(n: number, path: readonly Uint8Array[], signers = all.slice(0, 3)): Certificate {
  const ballot = {
    round: round(9),
    type: 'finalise',
    blockHash: hashOf(n),
    preparedRound: null,
    preparedHash: null,
  };
  const vote = voteOf({ chainId, engine: 'simplex' }, height(n), ballot);
  const signatures = set.flatMap(({ id }) => {
    const signer = signers.find((member) => member.id === id);
    if (signer === undefined) return [];
    const signature = primitives.sign(voteDigest(primitives, vote), signer.secret);
    const { validator } = signedVoteOf(vote, id, signature);
    return [{ validator, signature }];
  });
  return { engine: 'simplex', height: height(n), round: round(9), blockHash: hashOf(n), signatures, path };
}

const verify = (n: number, certificate: Certificate) => {
  const result = verifyFinality(
    primitives,
    chainId,
    set,
    { height: height(n), hash: hashOf(n) },
    certificate,
    readLink,
  );
  return result.ok ? 'final' : result.rejection.code;
};

describe('finality', () => {
  it('is shown by a quorum for the block itself', () => {
    expect(verify(5, finalisation(5, []))).toBe('final');
  });

  it('is shown by a quorum for a descendant that a path of headers leads to', () => {
    expect(verify(5, finalisation(7, [encoded(6), encoded(7)]))).toBe('final');
  });

  it('is not shown by a quorum for another block, or by too few', () => {
    expect(verify(5, finalisation(6, []))).toBe('consensus-certificate.other-block');
    expect(verify(5, finalisation(8, [encoded(6), encoded(7)]))).toBe('consensus-certificate.other-block');
    expect(verify(5, finalisation(7, [encoded(6), encoded(7)], all.slice(0, 2)))).toBe('consensus-certificate.too-few');
  });

  it('is not shown by a path with a gap, a wrong parent or bytes that are no header', () => {
    for (const path of [[encoded(7)], [encoded(6, 4), encoded(7)], [encoded(6), new Uint8Array(0), encoded(7)]])
      expect(verify(5, finalisation(7, path))).toBe('consensus-certificate.broken-path');
  });
});
