import { compareBytes } from '../../src/base/bytes.ts';
import type { ValidatorSet } from '../../src/base/validators.ts';
import { qbft } from '../../src/consensus/qbft/index.ts';
import { DEFAULT_REPLICA_CONFIG } from '../../src/protocol/defaults.ts';
import type { ReplicaConfig } from '../../src/protocol/io.ts';
import { Cluster, type ClusterOptions, type Member } from '../../src/simulator/cluster.ts';
import { addressOfKey, primitives, secretOf, transactionOf } from '../protocol/support.ts';
import { toyGenesis, toyLedger } from './toy-ledger.ts';

export const GENESIS_MS = 1_700_000_000_000;

export const CONFIG: ReplicaConfig = {
  ...DEFAULT_REPLICA_CONFIG,
  blockIntervalMs: 100,
  heartbeatMs: 1_000,
  roundTimeoutMs: 400,
  roundTimeoutCapMs: 3_000,
  resendMs: 1_000,
  sync: { requestTimeoutMs: 500, peerPauseMs: 300, graceMs: 150 },
};

/** Members sorted by id, as validators are: node 0 leads height 4k, node 1 height 4k + 1, … in round 0. */
export const membersOf = (count: number): readonly Member[] =>
  Array.from({ length: count }, (_, i) => `hospital ${i}`)
    .map((name) => ({ id: addressOfKey(name), secretKey: secretOf(name) }))
    .sort((a, b) => compareBytes(a.id, b.id));

export const validatorsOf = (members: readonly Member[]): ValidatorSet =>
  members.map(({ id, secretKey }) => ({ id, publicKey: primitives.publicKeyOf(secretKey) }));

/** Four hospitals on the toy ledger; `observers` follow without a vote. */
export function toyCluster(overrides: Partial<ClusterOptions<never, never>> & { readonly observers?: number } = {}) {
  const members = membersOf(4);
  const observers = membersOf(4 + (overrides.observers ?? 0)).filter(
    ({ id }) => !members.some((member) => compareBytes(member.id, id) === 0),
  );
  return new Cluster({
    seed: 1,
    engine: qbft,
    config: CONFIG,
    members: [...members, ...observers],
    genesis: toyGenesis(validatorsOf(members), GENESIS_MS),
    ledger: toyLedger,
    conditions: { delayMinMs: 1, delayMaxMs: 10, loss: 0 },
    diskMs: 2,
    ...(overrides as object),
  });
}

/** `count` transactions of one sender, from a nonce on. */
export const transactionsOf = (sender: string, count: number, from = 0): readonly Uint8Array[] =>
  Array.from({ length: count }, (_, i) => transactionOf({ sender, nonce: from + i }).bytes);
