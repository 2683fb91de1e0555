import { describe, expect, it } from 'vitest';
import type { SecretKey } from '../../src/base/brand.ts';
import { equal, toHex } from '../../src/base/bytes.ts';
import { qbft } from '../../src/consensus/qbft/index.ts';
import { createEnv } from '../../src/ledger/genesis.ts';
import { genesisBlock, tipOf } from '../../src/ledger/genesis-block.ts';
import { participants } from '../../src/ledger/state/tables.ts';
import { ledgerOf } from '../../src/protocol/chain-ledger.ts';
import { Cluster } from '../../src/simulator/cluster.ts';
import { hospitalName, idOf, primitives, secretOf, Town } from '../ledger/town.ts';
import { CONFIG } from './cluster-support.ts';

const SECOND = 1_000;

/** Four hospitals on the shipped ledger, policies and signatures, over a simulated network. */
function consortium(loss = 0) {
  const town = new Town();
  const { block, execution } = genesisBlock(town.env);
  const tip = tipOf(town.env, block.header, execution.view);
  const members = tip.validators.map(({ id }) => {
    const n = [1, 2, 3, 4].find((number) => equal(idOf(hospitalName(number)), id)) as number;
    return { id, secretKey: secretOf(`${hospitalName(n)} validator`) as SecretKey };
  });
  const cluster = new Cluster({
    seed: 3,
    engine: qbft,
    config: CONFIG,
    members,
    genesis: {
      header: block.header,
      hash: tip.hash,
      changes: execution.changes,
      tree: execution.tree,
      validators: tip.validators,
    },
    ledger: () => ledgerOf(createEnv(primitives, { genesis: town.env.genesis, chainId: town.env.chainId })),
    conditions: { delayMinMs: 1, delayMaxMs: 20, loss },
    diskMs: 2,
  });
  return { town, cluster };
}

describe('four hospitals on a simulated network', () => {
  it('decide by policy, agree on every state root, and bring back one that was killed', () => {
    const { town, cluster } = consortium(0.05);
    cluster.start();
    const enrol = town.sign('the patient', 'enrol', town.enrolment('the patient', 'patient'));
    cluster.submit(0, [enrol.bytes]);
    const enrolled = () => participants.get(cluster.host(1).replica.tip.view, toHex(idOf('the patient')));
    expect(cluster.runUntil(() => enrolled() !== undefined, 20 * SECOND)).toBe(true);
    cluster.crash(3);
    const admit = town.sign(hospitalName(1), 'admit', { participant: idOf('the patient') });
    const foreign = town.sign(hospitalName(2), 'admit', { participant: idOf('the patient') });
    cluster.submit(0, [admit.bytes]);
    cluster.submit(1, [foreign.bytes]);
    expect(cluster.runUntil(() => enrolled()?.status === 'active', 20 * SECOND)).toBe(true);
    cluster.restart(3);
    expect(cluster.runUntil(() => cluster.height(3) >= cluster.height(0), 20 * SECOND)).toBe(true);
    const height = cluster.height(3);
    const roots = [0, 1, 2, 3].map((node) => toHex(cluster.disk(node).headers[height]?.stateRoot ?? new Uint8Array()));
    expect(new Set(roots).size).toBe(1);
    expect(cluster.checkers.violations).toEqual([]);
  });
});
