import { describe, expect, it } from 'vitest';
import type { Address, Height, PublicKey, Round } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { encodeCertificate } from '../../src/consensus/certificate.ts';
import type { Certificate } from '../../src/consensus/engine.ts';
import { qbft } from '../../src/consensus/qbft/index.ts';
import { encodeSigningState } from '../../src/consensus/signing-state.ts';
import { NO_BLOCK, signedVoteOf, voteDigest } from '../../src/consensus/vote.ts';
import { decodeBlock, encodeBlock } from '../../src/ledger/block.ts';
import { headerHash } from '../../src/ledger/header.ts';
import type { ReplicaEffect } from '../../src/protocol/io.ts';
import type { Ledger } from '../../src/protocol/ledger.ts';
import { encodeSigningRecord, initialSigningRecord } from '../../src/protocol/recovery.ts';
import { createReplica, type Replica } from '../../src/protocol/replica.ts';
import { type CertifiedBlock, decodeBatch, encodeBatch, encodeBlocksAnswer } from '../../src/protocol/wire.ts';
import { SimulatedDisk } from '../../src/simulator/disk.ts';
import {
  CONFIG,
  GENESIS_MS,
  membersOf,
  toyCluster,
  transactionsOf,
  validatorsOf,
} from '../simulator/cluster-support.ts';
import { toyGenesis, toyLedger } from '../simulator/toy-ledger.ts';
import { chainId, hashOf, primitives, secretOf, transactionOf } from './support.ts';

const members = membersOf(4);
const validatorKey = primitives.publicKeyOf((members[0] as (typeof members)[number]).secretKey);
const [alice, bob] = members.map(({ id }) => id) as [Address, Address];

const signer = { chainId, engine: 'qbft' as const, validator: alice, validatorKey };

interface Overrides {
  readonly sequenceAtTip?: number;
  readonly self?: Address | null;
  readonly ledger?: Ledger;
  readonly record?: Uint8Array;
  readonly validatorKey?: PublicKey;
}

/** A replica of hospital 0 with its disk; its clock stands at genesis until a test moves it. */
function replicaOf(overrides: Overrides = {}) {
  const disk = new SimulatedDisk(toyGenesis(validatorsOf(members), GENESIS_MS), 1);
  const self = overrides.self === undefined ? alice : overrides.self;
  const replica = createReplica({
    ledger: overrides.ledger ?? toyLedger(),
    engine: qbft,
    config: CONFIG,
    self,
    validatorKey: overrides.validatorKey ?? validatorKey,
    tip: disk.tip,
    tipProof: null,
    signingRecord: overrides.record ?? initialSigningRecord(signer),
    signingSequenceAtTip: overrides.sequenceAtTip ?? 0,
  });
  return { replica, disk };
}

const of = <T extends ReplicaEffect['type']>(effects: readonly ReplicaEffect[], type: T) =>
  effects.filter((effect): effect is Extract<ReplicaEffect, { type: T }> => effect.type === type);
const at = (afterMs: number) => ({ nowMs: GENESIS_MS + afterMs });

/** A real chain of the toy ledger, as a peer would serve it. */
function certifiedChain(heights: number): readonly CertifiedBlock[] {
  const cluster = toyCluster();
  cluster.start();
  cluster.submit(0, transactionsOf('a', 3));
  cluster.runUntil(() => cluster.allAt(heights), 60_000);
  return cluster.disk(1).blocks(1 as Height, heights);
}

/** Connects a peer that claims `height`, and gives the request that follows. */
function askPeer(replica: Replica, height: number, peer = bob, afterMs = 0) {
  replica.step({ type: 'started', ...at(afterMs) });
  replica.step({ type: 'peerConnected', peer, ...at(afterMs) });
  const effects = replica.step({ type: 'peerHeight', peer, height: height as Height, ...at(afterMs) });
  return of(effects, 'requestBlocks')[0];
}

/** The others from number `first` on say that they are at genesis too: before that a validator votes nothing. */
const hearOthers = (replica: Replica, first: number): readonly ReplicaEffect[] =>
  members
    .slice(first)
    .flatMap(({ id }) => replica.step({ type: 'peerHeight', peer: id, height: 0 as Height, ...at(0) }));

function commitAll(replica: Replica, disk: SimulatedDisk, effects: readonly ReplicaEffect[]): ReplicaEffect[] {
  const all = [...effects];
  for (let commit = of(effects, 'commit')[0]; commit !== undefined; ) {
    disk.commit(commit);
    const next = replica.step({ type: 'committed', height: commit.height, view: disk.view(), ...at(0) });
    all.push(...next);
    commit = of(next, 'commit')[0];
  }
  return all;
}

describe('a replica that syncs', () => {
  const chain = certifiedChain(6);

  it('commits a range one block at a time, each on the durable state of the one before, and then announces it', () => {
    const { replica, disk } = replicaOf();
    const request = askPeer(replica, 6);
    expect(request).toMatchObject({ from: 1, count: 6 });
    const answer = { type: 'blocksAnswered' as const, request: 1, bytes: encodeBlocksAnswer(chain) };
    const effects = replica.step({ ...answer, ...at(0) });
    expect(of(effects, 'commit').length).toBe(1);
    const all = commitAll(replica, disk, effects);
    expect(of(all, 'commit').map(({ height }) => height)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(of(all, 'announce').length).toBe(6);
    expect([replica.tip.header.height, of(all, 'blame')]).toEqual([6, []]);
  });

  const forged = (change: (block: CertifiedBlock) => CertifiedBlock) => [
    change(chain[0] as CertifiedBlock),
    ...chain.slice(1),
  ];
  const withBlock = (change: Parameters<typeof changedBlock>[1]) => (each: CertifiedBlock) => ({
    ...each,
    block: changedBlock(each.block, change),
  });

  it.each([
    ['sync.bad-certificate', 'no certificate', forged((each) => ({ ...each, certificate: Uint8Array.of(1) }))],
    ['sync.bad-certificate', 'the certificate of another height', chain.slice(1)],
    [
      'sync.bad-certificate',
      'too few signatures',
      forged((each) => ({ ...each, certificate: certify(each.block, 2) })),
    ],
    ['sync.bad-body', 'bytes that are no block', forged((each) => ({ ...each, block: Uint8Array.of(1) }))],
    ['sync.bad-body', 'another header', forged(withBlock((b) => ({ ...b, header: { ...b.header, gasUsed: 9 } })))],
    ['sync.bad-body', 'another body', forged(withBlock((b) => ({ ...b, transactions: [] })))],
  ])('blames a peer with %s for %s, and commits nothing', (code, _, blocks) => {
    const { replica } = replicaOf();
    askPeer(replica, 6);
    const effects = replica.step({ type: 'blocksAnswered', request: 1, bytes: encodeBlocksAnswer(blocks), ...at(0) });
    expect(of(effects, 'blame')).toEqual([{ type: 'blame', peer: bob, code }]);
    expect([of(effects, 'commit'), replica.halted]).toEqual([[], false]);
  });

  it('stops when a quorum has finalised what it computes otherwise', () => {
    const { replica } = replicaOf();
    askPeer(replica, 6);
    const wrong = changedBlock((chain[0] as CertifiedBlock).block, (block) => ({
      ...block,
      header: { ...block.header, stateRoot: hashOf('another state') },
    }));
    const bytes = encodeBlocksAnswer([{ block: wrong, certificate: certify(wrong, 3) }]);
    const effects = replica.step({ type: 'blocksAnswered', request: 1, bytes, ...at(0) });
    expect(of(effects, 'halt')).toEqual([{ type: 'halt', code: 'replica.diverged', detail: 'block.state-root' }]);
    expect([replica.halted, replica.step({ type: 'started', ...at(1) })]).toEqual([true, []]);
  });

  it('stops at a version that it does not know', () => {
    const ledger: Ledger = {
      ...toyLedger(),
      judge: () => ({ ok: false, rejection: { code: 'block.version' } }),
    };
    const { replica } = replicaOf({ ledger });
    askPeer(replica, 6);
    const effects = replica.step({ type: 'blocksAnswered', request: 1, bytes: encodeBlocksAnswer(chain), ...at(0) });
    expect(of(effects, 'halt')).toMatchObject([{ code: 'replica.unknown-version' }]);
  });

  it('goes on voting while a peer merely claims to be ahead', () => {
    const { replica } = replicaOf({ self: alice });
    askPeer(replica, 1_000_000);
    hearOthers(replica, 2);
    const effects = replica.step({ type: 'timer', id: 'due', ...at(CONFIG.heartbeatMs) });
    expect(of(effects, 'setTimer').some(({ id }) => id.startsWith('round:'))).toBe(true);
  });
});

describe('a replica and its clients', () => {
  it('answers every transaction, and sends the admitted ones to all peers in one batch', () => {
    const { replica } = replicaOf();
    replica.step({ type: 'started', ...at(0) });
    const good = transactionOf({ sender: 'a', nonce: 0 });
    const foreign = new Uint8Array(good.bytes).fill(0, 10, 20);
    const expired = transactionOf({ sender: 'b', nonce: 0, validUntilHeight: 0 });
    const transactions = [good.bytes, foreign, expired, good];
    const effects = replica.step({ type: 'submit', ticket: 4, transactions, ...at(0) });
    const [answer] = of(effects, 'submitted');
    expect(answer?.ticket).toBe(4);
    expect(answer?.results.map((result) => (result.ok ? 'ok' : result.rejection.code.split('.')[0]))).toEqual([
      'ok',
      'encoding',
      'transaction',
      'mempool',
    ]);
    const sent = of(replica.step({ type: 'timer', id: 'batch', ...at(5) }), 'broadcast');
    expect(sent.map(({ channel }) => channel)).toEqual(['transactions']);
    expect(decodeBatch((sent[0] as { bytes: Uint8Array }).bytes)).toEqual({ ok: true, value: [good.bytes] });
  });

  it('verifies what waits already no second time', () => {
    const toy = toyLedger();
    let decoded = 0;
    const decode: Ledger['decode'] = (bytes) => {
      decoded++;
      return toy.decode(bytes);
    };
    const { replica } = replicaOf({ ledger: { ...toy, decode } });
    replica.step({ type: 'started', ...at(0) });
    const [bytes] = transactionsOf('a', 1) as [Uint8Array];
    const effects = replica.step({ type: 'submit', ticket: 1, transactions: [bytes, bytes, bytes], ...at(0) });
    const [answer] = of(effects, 'submitted');
    expect(answer?.results.slice(1)).toMatchObject(Array(2).fill({ rejection: { code: 'mempool.duplicate' } }));
    expect(decoded).toBe(1);
  });

  it('sends them again until a block holds them', () => {
    const { replica } = replicaOf();
    replica.step({ type: 'started', ...at(0) });
    replica.step({ type: 'submit', ticket: 1, transactions: transactionsOf('a', 2), ...at(0) });
    expect(of(replica.step({ type: 'timer', id: 'batch', ...at(5) }), 'setTimer').map(({ id }) => id)).toContain(
      'resend',
    );
    const again = replica.step({ type: 'timer', id: 'resend', ...at(5 + CONFIG.resendMs) });
    expect(of(again, 'broadcast').filter(({ channel }) => channel === 'transactions').length).toBe(1);
    expect(of(again, 'setTimer').map(({ id }) => id)).toContain('resend');
  });

  it("takes a peer's batch without passing it on, and blames the peer for a transaction no node may admit", () => {
    const { replica } = replicaOf();
    replica.step({ type: 'started', ...at(0) });
    const [first, second] = transactionsOf('a', 2) as [Uint8Array, Uint8Array];
    const message = (bytes: Uint8Array) =>
      replica.step({ type: 'message', from: bob, channel: 'transactions', bytes, ...at(1) });
    expect(of(message(encodeBatch([first])), 'broadcast')).toEqual([]);
    expect(replica.pool.size).toBe(1);
    const broken = second.slice();
    broken[second.length - 1] = (broken[second.length - 1] as number) ^ 1;
    expect(of(message(encodeBatch([broken])), 'blame')).toMatchObject([{ peer: bob, code: 'peer.bad-transaction' }]);
    expect(of(message(Uint8Array.of(7)), 'blame')).toMatchObject([{ code: 'peer.malformed-message' }]);
    expect(replica.pool.size).toBe(1);
  });

  it('makes the block due as soon as a transaction waits', () => {
    const { replica } = replicaOf();
    const idle = of(replica.step({ type: 'started', ...at(0) }), 'setTimer');
    expect(idle).toContainEqual({ type: 'setTimer', id: 'due', delayMs: CONFIG.heartbeatMs });
    const effects = replica.step({ type: 'submit', ticket: 1, transactions: transactionsOf('a', 1), ...at(10) });
    expect(of(effects, 'setTimer')).toContainEqual({
      type: 'setTimer',
      id: 'due',
      delayMs: CONFIG.blockIntervalMs - 10,
    });
  });

  it('tells a client whose transaction was dropped: expired, or its nonce used by another', () => {
    const { replica, disk } = replicaOf({ self: null });
    const chain = certifiedChain(2); // holds nonces 0 to 2 of sender a
    askPeer(replica, 2);
    const dropped = [
      transactionOf({ sender: 'b', nonce: 0, validUntilHeight: 1 }),
      transactionOf({ sender: 'a', nonce: 0, note: 'another' }),
    ];
    replica.step({ type: 'submit', ticket: 1, transactions: dropped, ...at(0) });
    const effects = replica.step({ type: 'blocksAnswered', request: 1, bytes: encodeBlocksAnswer(chain), ...at(0) });
    const rejected = of(commitAll(replica, disk, effects), 'reject');
    expect(rejected.map(({ transactionId, code }) => [toHex(transactionId), code]).sort()).toEqual(
      dropped.map(({ id }, i) => [toHex(id), ['transaction.expired', 'transaction.nonce-used'][i]]).sort(),
    );
    expect(replica.pool.size).toBe(0);
  });
});

describe('a replica that votes', () => {
  it('never asks for a signature before the state that records it is on its way to the disk', () => {
    const { replica: mine } = replicaOf();
    const seen: string[] = [];
    const run = (effects: readonly ReplicaEffect[]) => {
      for (const { type } of effects) if (type === 'sign' || type === 'persistSigningState') seen.push(type);
    };
    run(mine.step({ type: 'started', ...at(0) }));
    run(hearOthers(mine, 1));
    run(mine.step({ type: 'timer', id: 'due', ...at(1_000) }));
    for (let round = 1; round <= 12; round++)
      run(mine.step({ type: 'timer', id: `round:${round}`, ...at(1_000 + 3_000 * round) }));
    expect(seen.filter((type) => type === 'sign').length).toBeGreaterThan(0);
    seen.forEach((type, i) => {
      if (type === 'sign') expect(seen[i - 1]).toBe('persistSigningState');
    });
  });

  it('notes with every block the sequence of its signing record', () => {
    const state = encodeSigningState({ height: 3 as Height, round: 0 as Round, votes: [], prepared: null });
    const record = encodeSigningRecord({ version: 1, ...signer, sequence: 9, height: 3 as Height, state });
    const { replica, disk } = replicaOf({ record });
    askPeer(replica, 2);
    const bytes = encodeBlocksAnswer(certifiedChain(2));
    const all = commitAll(replica, disk, replica.step({ type: 'blocksAnswered', request: 1, bytes, ...at(0) }));
    expect(of(all, 'commit').map(({ signingSequence }) => signingSequence)).toEqual([9, 9]);
    expect(of(all, 'sign')).toEqual([]);
  });

  it('signs only while the set names the very key that it holds', () => {
    const rotated = primitives.publicKeyOf(secretOf('the next key'));
    const { replica } = replicaOf({
      validatorKey: rotated,
      record: initialSigningRecord({ ...signer, validatorKey: rotated }),
    });
    replica.step({ type: 'started', ...at(0) });
    expect(replica.signs).toBe(false);
    expect(replicaOf().replica.step({ type: 'started', ...at(0) }).length).toBeGreaterThan(0);
  });

  it('signs nothing once a peer shows it a vote of its own that its record lacks, and is told so once', () => {
    const { replica } = replicaOf();
    replica.step({ type: 'started', ...at(0) });
    hearOthers(replica, 1);
    expect(replica.signs).toBe(true);
    const vote = { chainId, engine: 'qbft', height: 1 as Height, round: 7 as Round, type: 'round-change' } as const;
    const payload = { ...vote, blockHash: NO_BLOCK, preparedRound: null, preparedHash: null };
    const [first] = members as [(typeof members)[number]];
    const signature = primitives.sign(voteDigest(primitives, payload), first.secretKey);
    const votes = [signedVoteOf(payload, alice, signature)];
    const told = () => replica.step({ type: 'peerHeight', peer: bob, height: 0 as Height, votes, ...at(1) });
    expect(of(told(), 'signingRefused')).toEqual([{ type: 'signingRefused', code: 'signing-record.outdated' }]);
    expect([replica.signs, of(told(), 'signingRefused')]).toEqual([false, []]);
  });

  it('gives up an old record on the disk too: a chain that is fetched anew, and notes no number, brings it back to nothing', () => {
    const { replica } = replicaOf({ sequenceAtTip: 9 });
    const effects = replica.step({ type: 'started', ...at(0) });
    expect(of(effects, 'signingRefused')).toEqual([{ type: 'signingRefused', code: 'signing-record.outdated' }]);
    const [given] = of(effects, 'persistSigningState');
    const again = replicaOf({ record: given?.bytes as Uint8Array, sequenceAtTip: 0 }).replica;
    expect(of(again.step({ type: 'started', ...at(0) }), 'signingRefused')).toEqual([
      { type: 'signingRefused', code: 'signing-record.outdated' },
    ]);
    hearOthers(again, 1);
    expect(again.signs).toBe(false);
    // The same old record would sign, had it been left.
    const left = replicaOf({ sequenceAtTip: 0 }).replica;
    left.step({ type: 'started', ...at(0) });
    hearOthers(left, 1);
    expect(left.signs).toBe(true);
  });

  it('says that it will not sign, and why', () => {
    const { replica } = replicaOf({ self: bob });
    const effects = replica.step({ type: 'started', ...at(0) });
    expect(of(effects, 'signingRefused')).toEqual([{ type: 'signingRefused', code: 'signing-record.foreign' }]);
    expect(replica.signs).toBe(false);
  });
});

function changedBlock(
  bytes: Uint8Array,
  change: (block: Parameters<typeof encodeBlock>[0]) => Parameters<typeof encodeBlock>[0],
): Uint8Array {
  const block = decodeBlock(bytes);
  if (!block.ok) throw new Error(block.rejection.code);
  return encodeBlock(change(block.value));
}

/** A certificate by the first `signers` hospitals, who sign whatever they are shown. */
function certify(bytes: Uint8Array, signers: number): Uint8Array {
  const block = decodeBlock(bytes);
  if (!block.ok) throw new Error(block.rejection.code);
  const { header } = block.value;
  const blockHash = headerHash(primitives, header);
  const vote = {
    chainId,
    engine: 'qbft' as const,
    height: header.height,
    round: 0,
    type: 'commit',
    blockHash,
    preparedRound: null,
    preparedHash: null,
  };
  const digest = voteDigest(primitives, vote as Parameters<typeof voteDigest>[1]);
  const signatures = members
    .slice(0, signers)
    .map(({ id, secretKey }) => ({ validator: id, signature: primitives.sign(digest, secretKey) }));
  return encodeCertificate({
    engine: 'qbft',
    height: header.height,
    round: 0,
    blockHash,
    signatures,
    path: [],
  } as unknown as Certificate);
}
