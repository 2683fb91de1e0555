import { describe, expect, it } from 'vitest';
import type { Height, Round } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { decodeEvidence } from '../../src/consensus/evidence.ts';
import { encodeMessage } from '../../src/consensus/qbft/messages.ts';
import { signedVoteOf, voteDigest, voteOf } from '../../src/consensus/vote.ts';
import { decodeBlock } from '../../src/ledger/block.ts';
import { EvidencePool } from '../../src/protocol/evidence-pool.ts';
import { chainId, hashOf, primitives } from '../protocol/support.ts';
import { membersOf, toyCluster } from './cluster-support.ts';

const traitor = membersOf(4)[3] as ReturnType<typeof membersOf>[number];

/** A prepare of hospital 3 for a block that nobody proposed. */
function prepareFor(block: string, height: Height) {
  const ballot = {
    round: 0 as Round,
    type: 'prepare',
    blockHash: hashOf(block),
    preparedRound: null,
    preparedHash: null,
  };
  const payload = voteOf({ chainId, engine: 'qbft' }, height, ballot);
  const signature = primitives.sign(voteDigest(primitives, payload), traitor.secretKey);
  return encodeMessage({ type: 'prepare', vote: signedVoteOf(payload, traitor.id, signature) });
}

describe('a double vote', () => {
  it('ends as one piece of evidence in one block, whoever saw it', () => {
    const cluster = toyCluster();
    cluster.start([0, 1, 2]);
    cluster.runUntil(() => cluster.allAt(1), 10_000);
    const height = (cluster.height(0) + 1) as Height;
    for (const node of [0, 1, 2])
      for (const block of ['this', 'that', 'yet another'])
        cluster.host(node).input({
          type: 'message',
          from: traitor.id,
          channel: 'consensus',
          bytes: prepareFor(block, height),
        });
    cluster.runUntil(() => cluster.allAt(height + 6), 60_000);
    const evidence = cluster
      .disk(1)
      .blocks(1 as Height, 100)
      .flatMap(({ block }) => {
        const read = decodeBlock(block);
        return read.ok ? read.value.evidence : [];
      });
    expect(evidence.length).toBe(1);
    const read = decodeEvidence(evidence[0] as Uint8Array);
    expect(read.ok && toHex(read.value.first.validator)).toBe(toHex(traitor.id));
    expect(cluster.checkers.violations).toEqual([]);
  });

  it('is not kept where the bytes are no evidence', () => {
    const pool = new EvidencePool(primitives);
    pool.add(Uint8Array.of(1, 2, 3));
    expect(pool.size).toBe(0);
  });
});
