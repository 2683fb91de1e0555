import { describe, expect, it } from 'vitest';
import { height } from '../../src/base/brand.ts';
import { utf8 } from '../../src/base/bytes.ts';
import {
  decodeEvidence,
  EVIDENCE_BYTES_MAX,
  type Evidence,
  encodeEvidence,
  evidenceId,
  evidenceOf,
  verifyEvidence,
} from '../../src/consensus/evidence.ts';
import { chainId, type Member, members, primitives, setOf, sha256, signed } from './fakes.ts';

const all = members(4);
const set = setOf(all);
const [a, b] = all as [Member, Member];
const [one, two, three] = ['one', 'two', 'three'].map((text) => sha256(utf8(text))) as [
  ReturnType<typeof sha256>,
  ReturnType<typeof sha256>,
  ReturnType<typeof sha256>,
];
const verify = (evidence: Evidence) => {
  const result = verifyEvidence(primitives, chainId, set, evidence);
  return result.ok ? 'holds' : result.rejection.code;
};

describe('evidence', () => {
  it('holds for two proposals, prepares or commits of one place, in whatever order they came', () => {
    for (const type of ['proposal', 'prepare', 'commit']) {
      const votes = [signed(a, type, { hash: one }), signed(a, type, { hash: two })] as const;
      expect(verify(evidenceOf('qbft', ...votes))).toBe('holds');
      expect(evidenceOf('qbft', votes[1], votes[0])).toEqual(evidenceOf('qbft', ...votes));
    }
  });

  it('holds for two round changes that report different prepared blocks', () => {
    const nothing = signed(a, 'round-change', { at: 2 });
    const something = signed(a, 'round-change', { at: 2, prepared: { round: 1, hash: one } });
    expect(verify(evidenceOf('qbft', nothing, something))).toBe('holds');
  });

  it('is refused for the same payload, other places, other signers', () => {
    const vote = signed(a, 'commit', { hash: one });
    expect(verify(evidenceOf('qbft', vote, vote))).toBe('consensus-evidence.same-payload');
    const elsewhere = [
      signed(a, 'commit', { hash: two, at: 1 }),
      signed(a, 'commit', { hash: two, height: height(2) }),
      signed(a, 'prepare', { hash: two }),
      signed(b, 'commit', { hash: two }),
    ];
    for (const other of elsewhere)
      expect(verify(evidenceOf('qbft', vote, other))).toBe('consensus-evidence.different-offence');
  });

  it('is refused in the wrong order, from a stranger, and with a forged signature', () => {
    const evidence = evidenceOf('qbft', signed(a, 'commit', { hash: one }), signed(a, 'commit', { hash: two }));
    const { first, second } = evidence;
    expect(verify({ ...evidence, first: second, second: first })).toBe('consensus-evidence.wrong-order');
    expect(verify({ ...evidence, second: { ...second, signature: first.signature } })).toBe(
      'consensus-vote.bad-signature',
    );
    const others = setOf(all.slice(1));
    expect(verifyEvidence(primitives, chainId, others, evidence)).toMatchObject({
      rejection: { code: 'consensus-vote.stranger' },
    });
  });

  it('has one id for one offence, whichever votes show it', () => {
    const [x, y, z] = [one, two, three].map((hash) => signed(a, 'commit', { hash })) as [
      ReturnType<typeof signed>,
      ReturnType<typeof signed>,
      ReturnType<typeof signed>,
    ];
    const id = evidenceId(primitives, evidenceOf('qbft', x, y));
    expect(evidenceId(primitives, evidenceOf('qbft', z, x))).toEqual(id);
    const next = [one, two].map((hash) => signed(a, 'commit', { hash, at: 1 })) as [typeof x, typeof x];
    expect(evidenceId(primitives, evidenceOf('qbft', ...next))).not.toEqual(id);
  });

  it('decodes to what was encoded', () => {
    const prepared = (hash: typeof one) =>
      signed(a, 'round-change', { at: 2 ** 31, prepared: { round: 2 ** 30, hash } });
    const bytes = encodeEvidence(evidenceOf('qbft', prepared(one), prepared(two)));
    expect(bytes.length).toBeLessThanOrEqual(EVIDENCE_BYTES_MAX);
    const read = decodeEvidence(bytes);
    expect(read.ok && verify(read.value)).toBe('holds');
    expect(read.ok && encodeEvidence(read.value)).toEqual(bytes);
  });
});
