import { describe, expect, it } from 'vitest';
import type { Address, Hash, Height, TimestampMs } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { type AuditedChain, auditChains } from '../../src/consortium/chaos/audit.ts';
import { type Findings, reportOf } from '../../src/consortium/chaos/findings.ts';
import { Journal } from '../../src/consortium/chaos/journal.ts';
import { Random } from '../../src/consortium/chaos/random.ts';
import { chaosSchedule, type Episode } from '../../src/consortium/chaos/schedule.ts';
import { type Block, encodeBlock } from '../../src/ledger/block.ts';
import { encodeReceipts, type Receipt } from '../../src/ledger/receipt.ts';
import { primitives, seeded } from '../support/consortium.ts';

const episodes = (seed: number, count: number): readonly Episode[] => {
  const schedule = chaosSchedule(seed, 4, 1);
  return Array.from({ length: count }, () => schedule.next().value);
};

describe('the schedule of faults', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(episodes(7, 50)).toEqual(episodes(7, 50));
    expect(episodes(7, 50)).not.toEqual(episodes(8, 50));
  });

  it('has every fault, strikes everyone, and strikes all at once early in any run', () => {
    for (let seed = 0; seed < 20; seed++) {
      const all = episodes(seed, 60);
      const strikes = all.flatMap((episode) => episode.strikes);
      expect(new Set(strikes.map(({ fault }) => fault)).size).toBe(4);
      expect(new Set(strikes.map(({ hospital }) => hospital))).toEqual(new Set([1, 2, 3, 4]));
      const crash = all.slice(0, 2).find((episode) => episode.strikes.length === 4);
      expect(crash?.strikes.map(({ fault }) => fault)).toEqual(['kill', 'kill', 'kill', 'kill']);
    }
  });

  it('strikes nobody twice in one episode, and more than the protocol tolerates only for seconds', () => {
    for (const { strikes } of episodes(3, 200)) {
      expect(new Set(strikes.map(({ hospital }) => hospital)).size).toBe(strikes.length);
      if (strikes.length > 1) for (const { lastsMs } of strikes) expect(lastsMs).toBeLessThanOrEqual(3_000);
    }
  });

  it('draws numbers within their bounds, both included', () => {
    const random = new Random(1);
    const drawn = new Set(Array.from({ length: 500 }, () => random.between(3, 6)));
    expect([...drawn].sort()).toEqual([3, 4, 5, 6]);
    expect([...random.sample([1, 2, 3], 3)].sort()).toEqual([1, 2, 3]);
  });
});

const id = (name: string): Hash => seeded(name, 32) as Hash;

const headerOf = (height: number): Block['header'] => ({
  version: 1,
  chainId: id('chain'),
  height: height as Height,
  parentHash: id('parent'),
  timestampMs: height as TimestampMs,
  proposer: id('proposer').slice(0, 20) as Address,
  transactionsRoot: id('transactions'),
  receiptsRoot: id('receipts'),
  stateRoot: id('state'),
  validatorsHash: id('validators'),
  nextValidatorsHash: id('validators'),
  evidenceRoot: id('evidence'),
  gasUsed: 0,
});

/** A stored chain whose block at height i + 1 holds these transactions. */
function chainOf(blocks: readonly (readonly string[])[], salt = '', evidence = 0): () => Promise<AuditedChain> {
  const receipt = (name: string): Receipt => ({
    transactionId: id(name),
    outcome: 'applied',
    code: null,
    policies: [],
    gasUsed: 1,
    events: [],
  });
  const rows = [[], ...blocks].map((names, height) => ({
    block: encodeBlock({
      header: { ...headerOf(height), stateRoot: id(`${salt} ${height}`) },
      transactions: [],
      evidence: Array.from({ length: height === 1 ? evidence : 0 }, () => new Uint8Array(1)),
    }),
    receipts: encodeReceipts(names.map(receipt)),
  }));
  return async () => ({
    store: {
      tip: () => ({ height: rows.length - 1, hash: id('tip') }) as never,
      block: async (height) => rows[height]?.block,
      receipts: async (height) => rows[height]?.receipts,
    },
    close: async () => {},
  });
}

/** A journal of transactions: `told` is the height of a receipt. */
function journalOf(entries: Record<string, { told?: number; validUntil?: number }>): Journal {
  const journal = new Journal();
  for (const [name, { told, validUntil = 100 }] of Object.entries(entries)) {
    journal.submitted(id(name), validUntil);
    journal.accepted(id(name));
    if (told !== undefined) journal.acknowledged(id(name), told, 'applied');
  }
  return journal;
}

describe('the comparison of the chains', () => {
  const audit = (chains: readonly (() => Promise<AuditedChain>)[], journal: Journal) =>
    auditChains(primitives, chains, journal);

  it('finds nothing where all agree and clients were told the truth; one may be a block behind', async () => {
    const journal = journalOf({ a: { told: 1 }, b: { told: 2 }, late: { validUntil: 0 } });
    const found = await audit([chainOf([['a'], ['b']]), chainOf([['a']]), chainOf([['a'], ['b']])], journal);
    expect(found).toEqual({
      heights: [2, 1, 2],
      differsAt: null,
      evidence: 0,
      lost: [],
      unresolved: [],
      doubled: [],
    });
  });

  it.each([
    ['in none', [[['a'], []]], 'a', 2],
    [
      'in one of two',
      [
        [['a'], ['b']],
        [['a'], []],
      ],
      'b',
      2,
    ],
    ['at another height than the receipt said', [[['b'], ['a']]], 'b', 2],
  ] as const)('finds a transaction lost whose receipt names a block that has it %s', async (_, chains, name, told) => {
    const journal = journalOf({ [name]: { told: name === 'a' ? told : 2 } });
    const found = await audit(
      chains.map((blocks) => chainOf(blocks)),
      journal,
    );
    expect(found.lost).toEqual([toHex(id(name))]);
  });

  it('finds an accepted transaction that no block holds although it is still valid', async () => {
    const found = await audit([chainOf([['a']])], journalOf({ a: { told: 1 }, b: { validUntil: 9 } }));
    expect([found.lost, found.unresolved]).toEqual([[], [toHex(id('b'))]]);
  });

  it('finds a transaction that stands twice, another state root, and evidence', async () => {
    const twice = await audit([chainOf([['a'], ['a']])], new Journal());
    expect(twice.doubled).toEqual([toHex(id('a'))]);
    const forked = await audit([chainOf([[], []]), chainOf([[], []], 'another')], new Journal());
    expect(forked.differsAt).toBe(0);
    expect((await audit([chainOf([[]], '', 2)], new Journal())).evidence).toBe(2);
  });
});

describe('the report', () => {
  const status = { height: 9, blockHash: '', stateRoot: '', peers: 3, ready: true, reason: null };
  const good: Findings = {
    faults: { kills: 1, pauses: 1, stops: 1, restarts: 2, crashesOfAll: 1 },
    halts: [],
    inStep: [status],
    counts: { ...new Journal().counts, acknowledged: 3 },
    audit: { heights: [9], differsAt: null, evidence: 0, lost: [], unresolved: [], doubled: [] },
    verified: [{ hospital: 1, verdict: 'holds', exitCode: 0, heights: 9, code: undefined }],
  };
  const options = { seconds: 1, seed: 1, engine: 'qbft' } as const;
  const failing = (findings: Findings): readonly string[] =>
    reportOf(findings, options)
      .result.checks.filter(({ ok }) => !ok)
      .map(({ name }) => name);

  it('holds where nothing is wrong and something was done', () => {
    expect(reportOf(good, options)).toMatchObject({
      ok: true,
      result: { lost: 0, final: 3, rootsEqual: true, kills: 1 },
    });
  });

  it.each<[string, Partial<Findings>]>([
    ['faults-made', { faults: { ...good.faults, crashesOfAll: 0 } }],
    ['load-carried', { counts: { ...good.counts, acknowledged: 0 } }],
    ['load-carried', { counts: { ...good.counts, notApplied: 1 } }],
    ['none-halted', { halts: [{ hospital: 1, how: 'exit code 70', atMs: 1 }] }],
    ['all-in-step-and-signing', { inStep: [] }],
    ['all-in-step-and-signing', { inStep: [{ ...status, reason: 'signing-record.lost' }] }],
    ['no-acknowledged-lost', { audit: { ...good.audit, lost: ['a'] } }],
    ['none-forgotten-for-good', { audit: { ...good.audit, unresolved: ['a'] } }],
    ['none-twice', { audit: { ...good.audit, doubled: ['a'] } }],
    ['same-blocks-and-roots', { audit: { ...good.audit, differsAt: 3 } }],
    ['no-double-signing', { audit: { ...good.audit, evidence: 1 } }],
    ['chains-verify', { verified: [{ hospital: 1, verdict: 'violated', exitCode: 1, heights: 9, code: 'x' }] }],
    ['chains-verify', { verified: [] }],
  ])('fails by %s alone', (name, change) => {
    expect(failing({ ...good, ...change })).toEqual([name]);
  });
});
