import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Height, Round } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { quorumOf } from '../../src/base/validators.ts';
import type { EngineEffect } from '../../src/consensus/engine.ts';
import { voteDigest } from '../../src/consensus/vote.ts';
import { listRoot } from '../../src/ledger/merkle.ts';
import { digestOfVote, quorumSize, rootOfList } from '../../src/simulator/checkers/arithmetic.ts';
import { SAMPLE_LIMITS } from '../../src/simulator/checkers/bounds.ts';
import { CHECKERS } from '../../src/simulator/checkers/index.ts';
import { hashOf, primitives, transactionOf } from '../protocol/support.ts';
import { certificateOf, GENESIS_MS, type Made, memberOf, Story, setOf, voteOf } from './checkers-support.ts';

const r = (round: number) => round as Round;
const h = (height: number) => height as Height;

/** Stories that break a promise: which checker must say so, and what. */
const planted: readonly (readonly [claim: string, checker: string, says: string, tell: (story: Story) => void])[] = [
  [
    'two blocks at one height',
    'agreement',
    'two blocks are final at height 3',
    (story) => {
      const tip = story.chain(2);
      story.commit(0, story.block(tip));
      story.commit(1, story.block(tip, { header: { stateRoot: hashOf('another state') } }));
    },
  ],
  [
    'a commit above the next height',
    'finality',
    'commits height 2 after 0',
    (story) => {
      const one = story.block(story.genesis);
      const two = story.block(one);
      story.commit(0, one);
      story.commit(0, two);
      story.commit(1, two);
    },
  ],
  [
    'a restart below what was final',
    'finality',
    'had committed height 3 and begins again at 2',
    (story) => {
      story.chain(3);
      story.happen(2, { type: 'crashed' });
      story.start(2, { height: 2 });
    },
  ],
  [
    'another state than the header names',
    'state-roots',
    'is in state',
    (story) => {
      const made = story.block(story.genesis);
      const execution = { receipts: [], transactions: [], nextValidators: made.next };
      story.commit(0, made, { execution: { ...execution, tree: { root: { hash: hashOf('elsewhere') } } } as never });
    },
  ],
  [
    'a transaction in two blocks',
    'transactions-once',
    'is in blocks 1 and 3',
    (story) => {
      const signed = transactionOf({ sender: 'a', nonce: 0 });
      story.submit(signed);
      const one = story.block(story.genesis, { transactions: [signed] });
      story.commitEverywhere(one);
      const two = story.block(one);
      story.commitEverywhere(two);
      story.commitEverywhere(story.block(two, { transactions: [signed] }));
    },
  ],
  [
    'a transaction that nobody submitted',
    'validity',
    '1 transactions that nobody submitted',
    (story) =>
      story.commitEverywhere(story.block(story.genesis, { transactions: [transactionOf({ sender: 'a', nonce: 0 })] })),
  ],
  ['a time that does not rise', 'validity', 'a time that does not rise', headed({ timestampMs: GENESIS_MS as never })],
  [
    'a proposer from outside the set',
    'validity',
    'a proposer from outside the set',
    headed({ proposer: memberOf(5).id }, 3),
  ],
  ['another version', 'validity', 'version 2', headed({ version: 2 })],
  ['another chain', 'validity', 'another chain', headed({ chainId: hashOf('elsewhere') })],
  [
    'a body that its root does not name',
    'validity',
    'transactions that its root',
    headed({ transactionsRoot: hashOf('other transactions') }),
  ],
  [
    'evidence that its root does not name',
    'validity',
    'evidence that its root',
    headed({ evidenceRoot: hashOf('other evidence') }),
  ],
  [
    'a next set that nobody executed',
    'validity',
    'a next set that is not executed',
    headed({ nextValidatorsHash: hashOf('a set') }),
  ],
  [
    'a set that its parent did not announce',
    'validity',
    'another validator set than its parent',
    (story) => {
      const tip = story.chain(1);
      story.commitEverywhere(story.block(tip, { header: { validatorsHash: hashOf('a set') } }));
    },
  ],
  [
    'a block whose time is to come',
    'validity',
    'a time to come',
    (story) => {
      const made = story.block(story.genesis, { header: { timestampMs: (GENESIS_MS + 601) as never } });
      story.commit(0, made, { atMs: GENESIS_MS });
    },
  ],
  ['too few signatures', 'certificates', '2 signatures where 3', certified({ signers: [0, 1] })],
  ['one signer twice', 'certificates', 'one signer twice', certified({ signers: [0, 1, 1] })],
  ['a signer from outside the set', 'certificates', 'a signer from outside', certified({ signers: [0, 1, 5] })],
  [
    'signatures of another round',
    'certificates',
    'a signature that does not hold',
    certified({ round: 1, signedRound: 0 }),
  ],
  [
    'a certificate of another block',
    'certificates',
    'votes for another block',
    (story) => {
      const [made, other] = [story.block(story.genesis), story.block(story.genesis, { header: { gasUsed: 9 } })];
      story.commit(0, made, { certificate: certificateOf('qbft', other) });
    },
  ],
  [
    'a certificate of the old set',
    'certificates',
    'a signer from outside the set',
    (story) => {
      const change = story.block(story.genesis, { next: setOf(1, 2, 3, 4) });
      story.commitEverywhere(change);
      const made = story.block(change);
      story.commit(0, made, { certificate: certificateOf('qbft', made, { signers: [0, 1, 2] }) });
    },
  ],
  [
    'a builder who led no round so far',
    'certificates',
    'led no round',
    (story) => story.commit(0, story.block(story.genesis, { header: { proposer: memberOf(3).id } })),
  ],
  [
    'two payloads of one key in one place',
    'one-vote',
    'signs a second prepare',
    (story) => {
      story.sign(1, { type: 'prepare' });
      story.sign(1, { type: 'prepare', blockHash: hashOf('another') });
    },
  ],
  [
    'a second vote after a restart that lost the first, by another node with the same key',
    'one-vote',
    'signs a second commit',
    (story) => {
      story.sign(1, { type: 'commit', round: r(2) });
      story.happen(1, { type: 'crashed' });
      story.start(3, { key: 1 });
      story.sign(3, { type: 'commit', round: r(2), blockHash: hashOf('another') });
    },
  ],
  [
    'a vote for another block in a later round, once a quorum less the dishonest committed to one',
    'possibly-final',
    'may be final since round 1',
    (story) => {
      for (const node of [0, 1]) story.sign(node, { type: 'commit', round: r(1) });
      story.sign(2, { type: 'prepare', round: r(3), blockHash: hashOf('another') });
    },
  ],
  [
    'that, seen the other way round',
    'possibly-final',
    'gets a vote in round 3',
    (story) => {
      story.sign(2, { type: 'prepare', round: r(3), blockHash: hashOf('another') });
      for (const node of [0, 1]) story.sign(node, { type: 'commit', round: r(1) });
    },
  ],
  [
    'a commit, and then a round change that reports nothing prepared',
    'prepared-round',
    'reports -1',
    (story) => {
      story.sign(0, { type: 'commit', round: r(1) });
      story.sign(0, { type: 'round-change', round: r(2) });
    },
  ],
  [
    'a round change that reports an older prepared round than its sender committed in',
    'prepared-round',
    'reports 2',
    (story) => {
      story.sign(0, { type: 'commit', round: r(3) });
      story.sign(0, { type: 'round-change', round: r(5), preparedRound: r(2), preparedHash: hashOf('old') });
    },
  ],
  [
    'a commit in a round that a round change had left with less',
    'prepared-round',
    'committed in round 3',
    (story) => {
      story.sign(0, { type: 'round-change', round: r(4), preparedRound: r(1), preparedHash: hashOf('old') });
      story.sign(0, { type: 'commit', round: r(3) });
    },
  ],
  [
    'a pool beyond its limit',
    'bounds',
    'poolTransactions is 16385',
    (story) =>
      story.happen(1, { type: 'sample', sizes: { poolTransactions: (SAMPLE_LIMITS.poolTransactions as number) + 1 } }),
  ],
  [
    'a size without a limit',
    'bounds',
    'secrets is 1',
    (story) => story.happen(1, { type: 'sample', sizes: { secrets: 1 } }),
  ],
  [
    'a message that peers would refuse',
    'bounds',
    'a message on consensus is 4194305',
    (story) =>
      story.happen(1, {
        type: 'effect',
        effect: { type: 'broadcast', channel: 'consensus', bytes: new Uint8Array(4_194_305) },
      }),
  ],
  [
    'a node that stops rather than contradict itself',
    'halts',
    'replica.diverged',
    (story) =>
      story.happen(1, { type: 'effect', effect: { type: 'halt', code: 'replica.diverged', detail: 'planted' } }),
  ],
  [
    'a quiet phase in which nothing becomes final',
    'progress',
    'at height 2',
    (story) => {
      story.chain(2);
      story.happen(-1, { type: 'quiet' });
      story.checkers.finish();
    },
  ],
  [
    'a block so late that a grant in it outlives its expiry',
    'expired-grants',
    'first seen 10101 ms',
    (story) => {
      const made = story.block(story.genesis);
      story.atMs = made.header.timestampMs + 10_101;
      story.step(0, judgeOf(made));
      story.commitEverywhere(made);
    },
  ],
];

function headed(header: object, height = 1): (story: Story) => void {
  return (story) => story.commitEverywhere(story.block(story.chain(height - 1), { header }));
}

function certified(parts: Parameters<typeof certificateOf>[2]): (story: Story) => void {
  return (story) => {
    const made = story.block(story.genesis);
    story.commit(0, made, { certificate: certificateOf('qbft', made, parts) });
  };
}

const judgeOf = ({ header, hash, bytes }: Made): EngineEffect => ({
  type: 'judge',
  height: header.height,
  parentHash: header.parentHash,
  blockHash: hash,
  block: bytes,
  leader: header.proposer,
  fresh: true,
});

describe('the checkers', () => {
  it.each(planted)('report %s', (_claim, checker, says, tell) => {
    const story = new Story();
    tell(story);
    const words = story.checkers.violations.filter((each) => each.checker === checker).map(({ what }) => what);
    expect(words.join('; ')).toContain(says);
  });

  it('are each shown to notice something, by the stories here and in checkers-engines.test.ts', () => {
    const shown = new Set([...planted.map(([, checker]) => checker), 'recent-sealers']);
    expect(Object.keys(CHECKERS).filter((name) => !shown.has(name))).toEqual([]);
  });

  it('are quiet over a chain that grows, restarts, changes its set, and finishes', () => {
    const story = new Story();
    const signed = [0, 1, 2].map((nonce) => transactionOf({ sender: 'a', nonce }));
    story.submit(...signed);
    const one = story.block(story.genesis, { transactions: signed.slice(0, 2) });
    story.step(0, judgeOf(one));
    for (const node of [0, 1, 2, 3])
      for (const type of ['prepare', 'commit']) story.sign(node, { type, blockHash: one.hash });
    story.commitEverywhere(one);
    story.happen(2, { type: 'crashed' });
    story.start(2, { height: 1 });
    story.sign(2, { type: 'commit', blockHash: one.hash }); // the same vote again
    const change = story.block(one, { transactions: signed.slice(2), next: setOf(1, 2, 3, 4) });
    story.commitEverywhere(change);
    story.start(3, { height: 0, diskLost: true });
    for (const made of [one, change]) story.commit(3, made);
    story.happen(-1, { type: 'fault', kind: 'loss', detail: '' });
    story.happen(-1, { type: 'quiet' });
    story.happen(1, { type: 'sample', sizes: { poolTransactions: 3, poolBytes: 900 } });
    story.chain(3, change);
    story.checkers.finish();
    expect(story.checkers.violations).toEqual([]);
  });

  it('accept a vote for another block where too few committed, in an earlier round, and at another height', () => {
    const story = new Story();
    const other = { blockHash: hashOf('another') };
    story.sign(0, { type: 'commit', round: r(2) });
    story.sign(2, { type: 'prepare', round: r(3), ...other });
    for (const node of [0, 1]) story.sign(node, { type: 'commit', round: r(2), height: h(2) });
    story.sign(2, { type: 'prepare', round: r(1), height: h(2), ...other });
    story.chain(1);
    for (const node of [0, 1]) story.sign(node, { type: 'commit', round: r(4), height: h(2) });
    story.sign(2, { type: 'prepare', round: r(5), height: h(2) });
    expect(story.checkers.violations).toEqual([]);
  });

  it('accept what a round change may honestly say', () => {
    const story = new Story();
    story.sign(0, { type: 'commit', round: r(1) });
    story.sign(0, { type: 'round-change', round: r(1) }); // the round that it committed in, said again after a restart
    story.sign(0, { type: 'round-change', round: r(2), preparedRound: r(1), preparedHash: hashOf('a block') });
    story.sign(0, { type: 'commit', round: r(2) });
    story.sign(0, { type: 'round-change', round: r(4), preparedRound: r(2), preparedHash: hashOf('a block') });
    story.sign(0, { type: 'round-change', height: h(2), round: r(4) }); // another height
    expect(story.checkers.violations).toEqual([]);
  });

  it('hold a dishonest node to nothing', () => {
    const story = new Story();
    story.start(3, { honest: false });
    story.sign(3, { type: 'commit' });
    story.sign(3, { type: 'commit', blockHash: hashOf('another') });
    story.commit(3, story.block(story.genesis, { header: { version: 9 } }), { certificate: Uint8Array.of(0) });
    story.happen(3, { type: 'effect', effect: { type: 'halt', code: 'x', detail: '' } });
    expect(story.checkers.violations).toEqual([]);
  });

  it('look again at bytes that come under a hash known already', () => {
    const story = new Story();
    const made = story.block(story.genesis);
    story.commit(0, made);
    const forged = story.block(story.genesis, { header: { version: 7 } });
    story.commit(1, made, { bytes: forged.bytes });
    expect(story.violated()).toContain('validity');
  });
});

describe('the sums of the checkers', () => {
  it('are those of the code they check, found another way', () => {
    for (let n = 1; n <= 100; n++) expect(quorumSize(n)).toBe(quorumOf(n));
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 40 }), (items) => {
        const hashes = items.map((item) => primitives.hash(item));
        expect(toHex(rootOfList(primitives, hashes))).toBe(toHex(listRoot(primitives, hashes)));
      }),
    );
    const vote = voteOf('qbft', { type: 'round-change', preparedRound: r(3), preparedHash: hashOf('x') });
    expect(toHex(digestOfVote(primitives, vote))).toBe(toHex(voteDigest(primitives, vote)));
  });
});
