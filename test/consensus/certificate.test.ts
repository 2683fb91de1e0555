import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Hash, height, round } from '../../src/base/brand.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { LIMITS } from '../../src/base/limits.ts';
import {
  CERTIFICATE_BYTES_MAX,
  decodeCertificate,
  encodeCertificate,
  PATH_HEADERS_MAX,
  verifyCertificate,
} from '../../src/consensus/certificate.ts';
import type { Certificate } from '../../src/consensus/engine.ts';
import { chainId, type Member, members, primitives, setOf, sha256, signed } from './fakes.ts';

const block = sha256(utf8('block'));
const all = members(4);
const set = setOf(all);

function certificate(signers: readonly Member[], at = 0, change: Partial<Certificate> = {}): Certificate {
  const signatures = signers.map((member) => {
    const { validator, signature } = signed(member, 'commit', { at, hash: block });
    return { validator, signature };
  });
  return { engine: 'qbft', height: height(1), round: round(at), blockHash: block, signatures, path: [], ...change };
}
const verify = (c: Certificate, chain: Hash = chainId) => {
  const result = verifyCertificate(primitives, chain, set, c);
  return result.ok ? 'holds' : result.rejection.code;
};
const [a, b, c, d] = all as [Member, Member, Member, Member];

describe('a certificate', () => {
  it('holds with a quorum of one round in validator order, whichever quorum', () => {
    for (const signers of [all, [a, b, c], [a, b, d], [a, c, d], [b, c, d]])
      for (const at of [0, 3]) expect(verify(certificate(signers, at))).toBe('holds');
  });

  it('is refused below a quorum', () => {
    expect(verify(certificate([a, b]))).toBe('consensus-certificate.too-few');
  });

  it('is refused out of validator order, and where a member signs twice', () => {
    expect(verify(certificate([b, a, c]))).toBe('consensus-certificate.wrong-order');
    expect(verify(certificate([a, b, b]))).toBe('consensus-certificate.wrong-order');
  });

  it('is refused with a signer from outside the set', () => {
    const strangers = members(9).filter(({ id }) => !all.some((member) => member.id.join() === id.join()));
    const signers = [a, b, strangers[0] as Member].sort((x, y) => Buffer.compare(x.id, y.id));
    expect(verify(certificate(signers))).toBe('consensus-vote.stranger');
  });

  it('is refused where signatures come from different rounds', () => {
    const mixed = certificate([a, b, c], 1);
    const other = certificate([c], 2).signatures;
    expect(verify({ ...mixed, signatures: [...mixed.signatures.slice(0, 2), ...other] })).toBe(
      'consensus-vote.bad-signature',
    );
  });

  it('is refused when any field that the votes sign is another one', () => {
    const good = certificate([a, b, c], 1);
    expect(verify({ ...good, height: height(2) })).toBe('consensus-vote.bad-signature');
    expect(verify({ ...good, round: round(0) })).toBe('consensus-vote.bad-signature');
    expect(verify({ ...good, blockHash: sha256(block) })).toBe('consensus-vote.bad-signature');
    expect(verify(good, sha256(chainId))).toBe('consensus-vote.bad-signature');
  });

  it('is refused when it is made of prepares', () => {
    const prepares = [a, b, c].map((member) => signed(member, 'prepare', { hash: block }));
    expect(verify(certificate([], 0, { signatures: prepares }))).toBe('consensus-vote.bad-signature');
  });

  it('is refused for an engine whose blocks no certificate finalises, whatever it holds', () => {
    const seals = all.map((member) => signed(member, 'seal', { hash: block, engine: 'clique' }));
    for (const signatures of [certificate(all).signatures, seals, seals.slice(0, 1)])
      expect(verify(certificate(all, 0, { engine: 'clique', signatures }))).toBe('consensus-certificate.no-finality');
  });

  it('of qbft has no path: its votes name the final block itself', () => {
    const path = [utf8('a header')];
    expect(verify(certificate(all, 0, { path }))).toBe('consensus-certificate.needless-path');
  });

  it('decodes to what was encoded, at the largest set too', () => {
    const large = certificate(members(LIMITS.validatorsMax));
    const bytes = encodeCertificate(large);
    expect(bytes.length).toBeLessThanOrEqual(CERTIFICATE_BYTES_MAX);
    const read = decodeCertificate(bytes);
    expect(read.ok && encodeCertificate(read.value)).toEqual(bytes);
  });

  it('is refused, never thrown, when a byte of it changes', () => {
    const bytes = encodeCertificate(certificate([a, b, c]));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Uint8Array.from(bytes);
        changed[at] = (changed[at] as number) ^ flip;
        const read = decodeCertificate(changed);
        expect(read.ok && verify(read.value) === 'holds').toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a certificate of simplex', () => {
  const at = 2 ** 20 + 3;
  const votes = (signers: readonly Member[], type: string, view = at) =>
    signers.map((member) => {
      const { validator, signature } = signed(member, type, { at: view, hash: block, engine: 'simplex' });
      return { validator, signature };
    });
  const finalised = (signers: readonly Member[], change: Partial<Certificate> = {}) =>
    certificate([], at, { engine: 'simplex', signatures: votes(signers, 'finalise'), ...change });

  it('holds with a quorum of finalisations of one view, whichever quorum', () => {
    for (const signers of [all, [a, b, c], [a, b, d], [a, c, d], [b, c, d]])
      expect(verify(finalised(signers))).toBe('holds');
  });

  it('is refused below a quorum, out of order, and made of notarisations', () => {
    expect(verify(finalised([a, b]))).toBe('consensus-certificate.too-few');
    expect(verify(finalised([b, a, c]))).toBe('consensus-certificate.wrong-order');
    expect(verify(finalised([], { signatures: votes([a, b, c], 'notarise') }))).toBe('consensus-vote.bad-signature');
  });

  it('is refused with votes of another view or engine', () => {
    const mixed = [...votes([a, b], 'finalise'), ...votes([c], 'finalise', at + 1)];
    expect(verify(finalised([], { signatures: mixed }))).toBe('consensus-vote.bad-signature');
    expect(verify(finalised([a, b, c], { engine: 'qbft' }))).toBe('consensus-vote.bad-signature');
    expect(verify(certificate([a, b, c], 0, { engine: 'simplex' }))).toBe('consensus-vote.bad-signature');
  });

  it('says the same with a path: whether that leads to the block voted on is for the finality of a block to check', () => {
    expect(verify(finalised([a, b, c], { path: [utf8('a header')] }))).toBe('holds');
    const too = Array.from({ length: PATH_HEADERS_MAX + 1 }, () => utf8('a header'));
    const long = decodeCertificate(encodeCertificate(finalised([a, b, c], { path: too })));
    expect(long).toMatchObject({ rejection: { code: 'shape.out-of-range' } });
  });
});
