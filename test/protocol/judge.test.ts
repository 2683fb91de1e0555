import { beforeEach, describe, expect, it } from 'vitest';
import type { Address, TimestampMs } from '../../src/base/brand.ts';
import { decodeBlock, encodeBlock } from '../../src/ledger/block.ts';
import type { Tip } from '../../src/ledger/chain.ts';
import type { ReplicaEffect } from '../../src/protocol/io.ts';
import { type JudgeEffect, ProposalJudge } from '../../src/protocol/judge.ts';
import { UnfinalBlocks } from '../../src/protocol/unfinal-blocks.ts';
import { SimulatedDisk } from '../../src/simulator/disk.ts';
import { CONFIG, GENESIS_MS, membersOf, validatorsOf } from '../simulator/cluster-support.ts';
import { toyGenesis, toyLedger } from '../simulator/toy-ledger.ts';
import { addressOfKey, hashOf, heightOf, transactionOf } from './support.ts';

const ledger = toyLedger();
const members = membersOf(4);
const leader = members[1]?.id as Address;
const sender = addressOfKey('the sender');
const tip: Tip = new SimulatedDisk(toyGenesis(validatorsOf(members), GENESIS_MS), 1).tip;

const NOW_MS = GENESIS_MS + 5_000;
const turnAt = (nowMs: number) => ({ nowMs, effects: [] as ReplicaEffect[], from: sender });

function proposalAt(timestampMs: number, proposer = leader): JudgeEffect {
  const candidates = [transactionOf({ sender: 'a', nonce: 0 })];
  const built = ledger.build(tip, { candidates, timestampMs: timestampMs as TimestampMs, proposer, evidence: [] });
  const { height } = built.block.header;
  const { hash: blockHash, bytes: block } = built;
  return { type: 'judge', height, parentHash: tip.hash, blockHash, block, leader, fresh: true };
}

describe('judging a proposal', () => {
  let judge: ProposalJudge;
  let unfinal: UnfinalBlocks;
  const validity = (turn: ReturnType<typeof turnAt>, proposal: JudgeEffect) => {
    const verdict = judge.judge(turn, proposal, sender);
    return verdict === 'waiting' ? verdict : verdict.valid;
  };
  beforeEach(() => {
    unfinal = new UnfinalBlocks(tip);
    judge = new ProposalJudge({ ledger, pace: () => CONFIG, finality: 'certificate', unfinal });
  });

  it('accepts a fresh one within the clock bounds, and keeps what it executed', () => {
    for (const offsetMs of [-CONFIG.clockBehindMaxMs + 5_001, 0, CONFIG.clockAheadMaxMs]) {
      const proposal = proposalAt(NOW_MS + offsetMs);
      expect(validity(turnAt(NOW_MS), proposal)).toBe(true);
      expect(unfinal.executed(proposal.blockHash, proposal.block)?.hash).toEqual(proposal.blockHash);
      expect(unfinal.executed(proposal.blockHash, Uint8Array.of(1))).toBeUndefined();
    }
  });

  it('lets a fresh one that is ahead of the clock wait, then judges it', () => {
    const proposal = proposalAt(NOW_MS + CONFIG.clockAheadMaxMs + 300);
    const turn = turnAt(NOW_MS);
    expect(validity(turn, proposal)).toBe('waiting');
    expect(turn.effects).toEqual([{ type: 'setTimer', id: 'clock:1', delayMs: 300 }]);
    expect(judge.ripe(turnAt(NOW_MS + 300), 'clock:1')).toEqual({
      blockHash: proposal.blockHash,
      valid: true,
      changesSet: false,
    });
    expect(judge.ripe(turnAt(NOW_MS + 300), 'clock:1')).toBeNull();
  });

  it('looks again after a minute at one that claims a time years ahead', () => {
    const turn = turnAt(NOW_MS);
    expect(validity(turn, proposalAt(NOW_MS + 1e12))).toBe('waiting');
    expect(turn.effects).toEqual([{ type: 'setTimer', id: 'clock:1', delayMs: 60_000 }]);
    expect(judge.ripe(turnAt(NOW_MS + 60_000), 'clock:1')).toBeNull();
  });

  it('bounds how many wait, and forgets them at the next height', () => {
    const ahead = (i: number) => proposalAt(NOW_MS + 10_000 + i);
    for (let i = 0; i < 8; i++) expect(validity(turnAt(NOW_MS), ahead(i))).toBe('waiting');
    expect(validity(turnAt(NOW_MS), ahead(8))).toBe(false);
    judge.advance(heightOf(1));
    expect(judge.ripe(turnAt(NOW_MS + 60_000), 'clock:1')).toBeNull();
  });

  it('refuses a fresh one too far behind without blame: clocks differ', () => {
    const turn = turnAt(GENESIS_MS + 60_000);
    expect(validity(turn, proposalAt(GENESIS_MS + 1))).toBe(false);
    expect(turn.effects).toEqual([]);
  });

  it('holds a re-proposed block to no clock and to no leader', () => {
    const proposal = { ...proposalAt(GENESIS_MS + 1, members[2]?.id as Address), fresh: false };
    expect(validity(turnAt(GENESIS_MS + 10 * 60_000), proposal)).toBe(true);
  });

  it.each<[string, (proposal: JudgeEffect) => JudgeEffect, string]>([
    ['bytes that are no block', (p) => ({ ...p, block: p.block.slice(1) }), 'peer.bad-proposal'],
    ['a block of another hash', (p) => ({ ...p, blockHash: hashOf('other') }), 'peer.bad-proposal'],
    ['a fresh block that another built', () => proposalAt(NOW_MS, members[2]?.id as Address), 'peer.bad-proposal'],
    ['a body that does not fit its root', withoutBody, 'block.transactions-root'],
    ['a block no later than its parent', () => proposalAt(GENESIS_MS), 'block.timestamp'],
  ])('refuses and blames its sender for %s', (_, change, code) => {
    const turn = turnAt(NOW_MS);
    expect(validity(turn, change(proposalAt(NOW_MS)))).toBe(false);
    expect(turn.effects).toEqual([{ type: 'blame', peer: sender, code }]);
  });

  it('blames nobody where it does not know who sent the bytes', () => {
    const turn = turnAt(NOW_MS);
    expect(judge.judge(turn, withoutBody(proposalAt(NOW_MS)), null)).toMatchObject({ valid: false });
    expect(turn.effects).toEqual([]);
  });

  it('takes the right body under a hash whose body was wrong before', () => {
    const proposal = proposalAt(NOW_MS);
    judge.judge(turnAt(NOW_MS), withoutBody(proposal), sender);
    expect(validity(turnAt(NOW_MS), proposal)).toBe(true);
  });
});

function withoutBody(proposal: JudgeEffect): JudgeEffect {
  const block = decodeBlock(proposal.block);
  if (!block.ok) throw new Error(block.rejection.code);
  return { ...proposal, block: encodeBlock({ ...block.value, transactions: [] }) };
}
