import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Api, createApi } from '../../src/api/server.ts';
import { CLIENT_LIMITS } from '../../src/client/limits.ts';
import { type ChangeOptions, governancePropose, governanceVote } from '../../src/consortium/commands/governance.ts';
import { GENESIS_FILE, KEYS_FILE, NODE_FILE } from '../../src/consortium/layout.ts';
import type { Output } from '../../src/consortium/output.ts';
import { renderGenesis } from '../../src/ledger/genesis.ts';
import { POLICY_LIMITS } from '../../src/ledger/policy/limits.ts';
import { policyRows, policySchedules } from '../../src/ledger/state/tables.ts';
import { NODE_CONFIG_VERSION, writeNodeConfig } from '../../src/node/config.ts';
import { writeHospitalKeys } from '../../src/node/keys.ts';
import { TownService } from '../api/town-service.ts';
import { Ward } from '../ledger/policy/ward.ts';
import { hospitalName, type Point, secretOf } from '../ledger/town.ts';

/** As long as a change may be, and dear to the last letter: one policy, and a comment that is deployed with it. */
const padded = (policy: string): string =>
  `${policy}\n// ${'x'.repeat(POLICY_LIMITS.changeTextMax)}`.slice(0, POLICY_LIMITS.changeTextMax);
const QUIET =
  '@id("nights-are-quiet") forbid (principal, action == Action::"uploadBlob", resource) when { context.nowMs < 0 };';

/** Key files and genesis files take seconds where the machine does other work too. */
const BUSY_TIMEOUT_MS = 60_000;

let folder: string;
let ward: Ward;
let api: Api;
let start: Point;
let service: TownService;
const deskOf = (n: number): string => join(folder, `hospital-${n}`);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carechain-governance-gas-'));
  // The desk believes fresh proofs only, by the clock of the host.
  ward = new Ward({ timestampMs: (Date.now() - 5_000) as never });
  ward.seal([]);
  start = ward.point;
  service = await TownService.over(ward);
  api = await createApi(service, { host: '127.0.0.1', port: 0, docs: false, logger: null, rateLimits: null });
  for (const n of [1, 2, 3]) {
    mkdirSync(deskOf(n), { mode: 0o700 });
    const name = hospitalName(n);
    await writeHospitalKeys(join(deskOf(n), KEYS_FILE), {
      account: secretOf(name),
      validator: secretOf(`${name} validator`),
      duty: secretOf(`${name} duty`),
      peerSeed: secretOf(`${name} peer`),
    });
    await writeNodeConfig(join(deskOf(n), NODE_FILE), {
      version: NODE_CONFIG_VERSION,
      name,
      listen: ['/ip4/127.0.0.1/tcp/0'],
      api: { host: '127.0.0.1', port: 0, tls: null },
      peers: [],
      logLevel: 'info',
    });
    writeFileSync(join(deskOf(n), GENESIS_FILE), renderGenesis(ward.env.genesis));
  }
}, BUSY_TIMEOUT_MS);
beforeEach(() => ward.back(start));
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

function listening(): { output: Output; results: Record<string, unknown>[] } {
  const results: Record<string, unknown>[] = [];
  const output = { json: true, say: () => {}, result: (value: object) => void results.push({ ...value }) };
  return { output, results };
}

async function propose(n: number, text: string, options: Partial<ChangeOptions> = {}) {
  const { output, results } = listening();
  const file = join(folder, 'change.cedar');
  writeFileSync(file, text);
  const exit = await governancePropose('policies', [file], { data: deskOf(n), api: api.address, ...options }, output);
  return { exit, ...(results[0] as { proposal: string }) };
}

async function pass(n: number, text: string, options: Partial<ChangeOptions> = {}): Promise<void> {
  const { proposal } = await propose(n, text, options);
  for (const voter of [1, 2, 3])
    await governanceVote(proposal, 'yes', { data: deskOf(voter), api: api.address }, listening().output);
}

const scheduled = () => policySchedules.get(ward.tip.view, 'policy-schedule');

describe('carechain governance propose policies', () => {
  it('brings as much gas as the longest change needs, and so does the vote', async () => {
    await pass(1, padded(QUIET));
    const spent = ward.blocks.slice(start.blocks).map(({ execution }) => execution.receipts[0]?.gasUsed as number);
    expect(Math.max(...spent)).toBeGreaterThan(CLIENT_LIMITS.gasLimitDefault);
    expect(scheduled()).toMatchObject({ version: 2, text: expect.stringContaining('nights-are-quiet') });
  });

  it('changes the newest version, also one that waits, and retires', async () => {
    const { version } = policyRows.get(ward.tip.view, 'policies') as { version: number };
    await pass(1, QUIET);
    expect(scheduled()).toMatchObject({ version: version + 1 });
    await propose(2, QUIET.replace('< 0', '< 1'), { retire: ['author-sees-authored-record'] });
    const value = { base: version + 1, retire: ['author-sees-authored-record'] };
    expect(ward.last.execution.transactions[0]).toMatchObject({ transaction: { payload: { value } } });
    expect(ward.last.execution.receipts[0]).toMatchObject({ outcome: 'applied' });
  });

  it('takes the height from which on it is to decide', async () => {
    const at = ward.height + 40;
    expect(await propose(1, QUIET, { at })).toMatchObject({ activationHeight: at });
  });

  it('says what the chain has against a change, and takes no empty one', async () => {
    await expect(propose(1, 'permit (principal, action, resource);')).rejects.toMatchObject({
      code: 'consortium-command.not-applied',
      detail: { reason: 'policy.no-id' },
    });
    const empty = governancePropose('policies', [], { data: deskOf(1), api: api.address }, listening().output);
    await expect(empty).rejects.toMatchObject({ code: 'consortium-command.usage' });
  });

  it('stays within what the chain allows, where that was made less than a client would take', async () => {
    const tight = new Ward({
      timestampMs: (Date.now() - 5_000) as never,
      parameters: { ...ward.env.genesis.parameters, transactionGasMax: 200_000 },
    });
    tight.seal([]);
    const narrow = await createApi(await TownService.over(tight), {
      host: '127.0.0.1',
      port: 0,
      docs: false,
      logger: null,
      rateLimits: null,
    });
    const data = deskOf(2);
    writeFileSync(join(data, GENESIS_FILE), renderGenesis(tight.env.genesis));
    const { output, results } = listening();
    await governancePropose('parameter', ['blockIntervalMs', '500'], { data, api: narrow.address }, output);
    expect(results[0]).toMatchObject({ change: 'setParameter' });
    expect(tight.last.execution.transactions[0]?.transaction.gasLimit).toBe(200_000);
    writeFileSync(join(data, GENESIS_FILE), renderGenesis(ward.env.genesis));
    await narrow.close();
  });
});
