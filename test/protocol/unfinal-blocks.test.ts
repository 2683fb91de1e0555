import { describe, expect, it } from 'vitest';
import type { Address, TimestampMs } from '../../src/base/brand.ts';
import type { Tip } from '../../src/ledger/chain.ts';
import { headerHash, readHeaderLink } from '../../src/ledger/header.ts';
import type { ExecutedBlock } from '../../src/protocol/ledger.ts';
import { PROTOCOL_LIMITS } from '../../src/protocol/limits.ts';
import { UnfinalBlocks } from '../../src/protocol/unfinal-blocks.ts';
import { SimulatedDisk } from '../../src/simulator/disk.ts';
import { GENESIS_MS, membersOf, validatorsOf } from '../simulator/cluster-support.ts';
import { toyGenesis, toyLedger } from '../simulator/toy-ledger.ts';
import { hashOf, primitives, transactionOf } from './support.ts';

const ledger = toyLedger();
const members = membersOf(4);
const proposer = members[0]?.id as Address;
const genesis = toyGenesis(validatorsOf(members), GENESIS_MS);

function child(parent: Tip, nonces: readonly number[], laterMs = 1) {
  const candidates = nonces.map((nonce) => transactionOf({ sender: 'a', nonce }));
  const timestampMs = (parent.header.timestampMs + laterMs) as TimestampMs;
  return ledger.build(parent, { candidates, timestampMs, proposer, evidence: [] });
}

/** Three blocks above genesis, each on the one before, and a sibling of the second. */
function forest() {
  const disk = new SimulatedDisk(genesis, 1);
  const unfinal = new UnfinalBlocks(disk.tip);
  const grow = (from: Tip, nonces: readonly number[], laterMs?: number) => {
    const built = child(from, nonces, laterMs);
    unfinal.remember(built, built.bytes);
    return built;
  };
  const one = grow(disk.tip, [0]);
  const two = grow(unfinal.tipAt(one.hash) as Tip, [1, 2]);
  const sibling = grow(unfinal.tipAt(one.hash) as Tip, [1], 7);
  const three = grow(unfinal.tipAt(two.hash) as Tip, [3]);
  return { disk, unfinal, one, two, three, sibling };
}

/** Makes a block durable, as a host does, and stands on it. */
function commit(disk: SimulatedDisk, unfinal: UnfinalBlocks, block: ExecutedBlock & { bytes: Uint8Array }): void {
  const { height } = block.block.header;
  disk.commit({ type: 'commit', ...block, height, certificate: Uint8Array.of(0), signingSequence: 0 });
  unfinal.advance(disk.tip);
}

describe('blocks above the final tip', () => {
  it('are built on before they are final: each reads the state that those below it left', () => {
    const { unfinal, three } = forest();
    const four = child(unfinal.tipAt(three.hash) as Tip, [3, 4]);
    expect(four.block.transactions.length).toBe(1); // nonce 3 is used up below
    expect(four.block.header.height).toBe(4);
  });

  it('read the same state after the ones below have become durable', () => {
    const { disk, unfinal, one, two, three } = forest();
    const before = child(unfinal.tipAt(three.hash) as Tip, [4]);
    commit(disk, unfinal, one);
    commit(disk, unfinal, two);
    const after = child(unfinal.tipAt(three.hash) as Tip, [4]);
    expect(headerHash(primitives, after.block.header)).toEqual(headerHash(primitives, before.block.header));
  });

  it('are forgotten once they do not stand on the final tip', () => {
    const { disk, unfinal, one, two, three, sibling } = forest();
    commit(disk, unfinal, one);
    expect(unfinal.tipAt(sibling.hash)).toBeDefined();
    commit(disk, unfinal, two);
    expect(unfinal.tipAt(sibling.hash)).toBeUndefined();
    expect(unfinal.tipAt(three.hash)).toBeDefined();
    expect(unfinal.tipAt(two.hash)?.header.height).toBe(2);
    expect(unfinal.executed(two.hash, two.bytes)).toBeUndefined();
  });

  it('name their transactions, so that a child does not hold them again', () => {
    const { disk, unfinal, two, sibling } = forest();
    expect(unfinal.transactionsUpTo(two.hash).size).toBe(3);
    expect(unfinal.transactionsUpTo(sibling.hash).size).toBe(2);
    expect(unfinal.transactionsUpTo(disk.tip.hash).size).toBe(0);
  });

  it('lead by their headers from a block to its descendant', () => {
    const { unfinal, one, two, three } = forest();
    const links = unfinal.headersBetween(one.hash, three.hash).map((bytes) => readHeaderLink(primitives, bytes));
    expect(links.map((link) => link?.hash)).toEqual([two.hash, three.hash]);
    expect(links.map((link) => link?.parentHash)).toEqual([one.hash, two.hash]);
    expect(unfinal.headersBetween(three.hash, three.hash)).toEqual([]);
  });

  it('are known by hash and bytes together', () => {
    const { unfinal, one } = forest();
    expect(unfinal.executed(one.hash, one.bytes)?.hash).toEqual(one.hash);
    expect(unfinal.executed(one.hash, one.bytes.slice(1))).toBeUndefined();
    expect(unfinal.executed(hashOf('other'), one.bytes)).toBeUndefined();
  });

  it('are bounded: where there are too many, one that nothing stands on goes', () => {
    const { disk, unfinal, three } = forest();
    for (let i = 0; i < PROTOCOL_LIMITS.unfinalBlocksMax + 5; i++) {
      const built = child(disk.tip, [], 100 + i);
      unfinal.remember(built, built.bytes);
      expect(unfinal.tipAt(built.hash)).toBeDefined();
    }
    expect(unfinal.chainTo(three.hash).length).toBe(0); // the oldest leaf went first
    expect(unfinal.size).toBe(PROTOCOL_LIMITS.unfinalBlocksMax);
  });
});
