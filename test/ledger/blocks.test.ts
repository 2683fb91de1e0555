import { describe, expect, it } from 'vitest';
import type { TimestampMs } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { type Block, encodeBlock } from '../../src/ledger/block.ts';
import { buildBlock } from '../../src/ledger/build-block.ts';
import type { Tip } from '../../src/ledger/chain.ts';
import { createEnv, parseGenesis, renderGenesis } from '../../src/ledger/genesis.ts';
import { genesisBlock, tipOf } from '../../src/ledger/genesis-block.ts';
import { judgeBlock } from '../../src/ledger/judge-block.ts';
import type { Parameters } from '../../src/ledger/parameters.ts';
import type { SignedTransaction } from '../../src/ledger/transaction.ts';
import { rootHashOf } from '../../src/ledger/tree/hashing.ts';
import { GENESIS_MS, genesisOf, hash, hospitalName, idOf, primitives, Town } from './town.ts';

/** A block at height 1 with one enrolment, and the tip below it. */
function example() {
  const town = new Town();
  const below: Tip = town.tip;
  town.seal([town.sign('the patient', 'enrol', town.enrolment('the patient', 'patient'))]);
  const built = town.blocks[1] as (typeof town.blocks)[number];
  const judge = (change: Partial<Block['header']>, rest: Partial<Block> = {}) =>
    judgeBlock(town.env, below, encodeBlock({ ...built.block, ...rest, header: { ...built.block.header, ...change } }));
  return { town, below, built, judge };
}

describe('a block', () => {
  it('that was built is judged to the same receipts and the same state', () => {
    const { built, judge } = example();
    const judged = judge({});
    expect(judged.ok && toHex(judged.value.hash)).toBe(toHex(built.hash));
    expect(judged.ok && judged.value.execution.receipts).toEqual(built.execution.receipts);
  });

  it.each([
    ['version', { version: 2 }, 'block.version'],
    ['chainId', { chainId: hash('another chain') }, 'block.foreign-chain'],
    ['height', { height: 2 }, 'block.height'],
    ['parentHash', { parentHash: hash('another parent') }, 'block.parent'],
    ['timestampMs', { timestampMs: GENESIS_MS }, 'block.timestamp'],
    ['proposer', { proposer: idOf('nobody') }, 'block.proposer'],
    ['transactionsRoot', { transactionsRoot: hash('other') }, 'block.transactions-root'],
    ['receiptsRoot', { receiptsRoot: hash('other') }, 'block.receipts-root'],
    ['stateRoot', { stateRoot: hash('other') }, 'block.state-root'],
    ['validatorsHash', { validatorsHash: hash('other') }, 'block.validators-hash'],
    ['nextValidatorsHash', { nextValidatorsHash: hash('other') }, 'block.validators-hash'],
    ['evidenceRoot', { evidenceRoot: hash('other') }, 'block.evidence-root'],
    ['gasUsed', { gasUsed: 1 }, 'block.gas-used'],
  ])('is refused with another %s', (_field, change, code) => {
    const judged = example().judge(change as Partial<Block['header']>);
    expect(judged.ok ? 'accepted' : judged.rejection.code).toBe(code);
  });

  it('is blamed on its body first: a transaction taken away does not fit the root', () => {
    expect(example().judge({}, { transactions: [] })).toMatchObject({ rejection: { code: 'block.transactions-root' } });
  });

  it('may not hold evidence that proves nothing', () => {
    const { town, below } = example();
    const input = { candidates: [], timestampMs: (GENESIS_MS + 1) as TimestampMs, proposer: idOf(hospitalName(1)) };
    const built = buildBlock(town.env, below, { ...input, evidence: [new Uint8Array([1, 2, 3])] });
    expect(built.block.evidence).toEqual([]);
  });
});

describe('a builder leaves out', () => {
  const admit = (town: Town, change: Partial<SignedTransaction['transaction']>) =>
    town.sign(hospitalName(1), 'admit', { participant: idOf('nobody') }, change);

  it('replays, gaps, expired transactions, strangers and what exceeds the gas limits', () => {
    const town = new Town();
    const first = admit(town, { nonce: 0 });
    const stranger = town.sign('a stranger', 'admit', { participant: idOf('nobody') });
    const receipts = town.seal([
      first,
      first,
      admit(town, { nonce: 2 }),
      admit(town, { nonce: 1, validUntilHeight: 0 }),
      admit(town, { nonce: 1, validUntilHeight: 10_000 }),
      admit(town, { nonce: 1, gasLimit: 10 }),
      stranger,
    ]);
    expect(receipts.map(({ transactionId }) => toHex(transactionId))).toEqual([toHex(first.id)]);
    expect(town.seal([first])).toEqual([]);
  });

  it('denied transactions beyond their smaller allowance', () => {
    const town = new Town(genesisOf(4, { transactionGasMax: 100_000, deniedBlockGasMax: 100_000 }));
    const many = Array.from({ length: 120 }, (_, nonce) => admit(town, { nonce }));
    const receipts = town.seal(many);
    expect(receipts.length).toBeGreaterThan(40);
    expect(receipts.length).toBeLessThan(120);
    expect(receipts.every(({ outcome }) => outcome === 'denied')).toBe(true);
  });
});

describe('a sponsoring hospital', () => {
  it('pays for every enrolment that it co-signed, the failed ones too', () => {
    const gas = { transactionGasMax: 100_000, sponsorBlockGasMax: 100_000 };
    const town = new Town(genesisOf(4, gas));
    const handle = hash('one handle for all');
    const names = Array.from({ length: 120 }, (_, i) => `person ${i}`);
    const many = names.map((name) =>
      town.sign(name, 'enrol', town.enrolment(name, 'patient', hospitalName(1), handle)),
    );
    expect(town.seal(many).length).toBeLessThan(100);
  });
});

describe('a denied transaction', () => {
  it('uses up its nonce and gas, and out of gas denies', () => {
    const town = new Town();
    const tight = town.sign(hospitalName(1), 'admit', { participant: idOf('nobody') }, { gasLimit: 1_050 });
    const [receipt] = town.seal([tight]);
    expect(receipt).toMatchObject({ outcome: 'denied', code: 'policy.out-of-gas', gasUsed: 1_050 });
    expect(town.seal([tight])).toEqual([]);
  });
});

describe('replaying a chain from its genesis', () => {
  it('gives every state root again, whatever ran before', () => {
    const town = new Town();
    town.join('the patient', 'patient');
    town.openCategory('the patient');
    town.act('the patient', 'registerRecord', town.recordPayload('the patient', 'one'));
    const parsed = parseGenesis(primitives, renderGenesis(town.env.genesis));
    if (!parsed.ok) throw new Error(parsed.rejection.code);
    const env = createEnv(primitives, parsed.value);
    const first = genesisBlock(env);
    let tip = tipOf(env, first.block.header, first.execution.view);
    for (const { bytes, block } of town.blocks.slice(1)) {
      const judged = judgeBlock(env, tip, bytes);
      if (!judged.ok) throw new Error(judged.rejection.code);
      tip = tipOf(env, judged.value.block.header, judged.value.execution.view);
      expect(toHex(rootHashOf(tip.view.root))).toBe(toHex(block.header.stateRoot));
    }
    expect(tip.header.height).toBe(town.tip.header.height);
  });
});

describe('the genesis file', () => {
  it('has one form: any other text is refused, not another chain by mistake', () => {
    const text = renderGenesis(genesisOf(4));
    expect(parseGenesis(primitives, text).ok).toBe(true);
    for (const other of [text.trimEnd(), `${text} `, text.replace('  "version"', '"version"'), '', '{}', '[]', 'null'])
      expect(parseGenesis(primitives, other).ok).toBe(false);
    const twice = text.replace('"name": "A consortium', '"name": "B",\n  "name": "A consortium');
    expect(parseGenesis(primitives, twice)).toMatchObject({ rejection: { code: 'genesis.malformed' } });
  });

  it('names one of three engines, and keeps the parameters of consensus within their bounds', () => {
    const read = (engine: string, parameters: Partial<Parameters> = {}) => {
      const parsed = parseGenesis(primitives, renderGenesis({ ...genesisOf(4, parameters), engine: engine as 'qbft' }));
      return parsed.ok ? parsed.value.genesis.engine : parsed.rejection.code;
    };
    expect(['qbft', 'simplex', 'clique', 'pow'].map((engine) => read(engine))).toEqual([
      'qbft',
      'simplex',
      'clique',
      'shape.out-of-range',
    ]);
    for (const [name, least, most] of [
      ['confirmationDepth', 1, 60],
      ['evidenceExpiryHeights', 10, 1_000_000],
      ['validatorChangeDelayMin', 1, 100_000],
    ] as const) {
      for (const value of [least, most]) expect(read('clique', { [name]: value })).toBe('clique');
      for (const value of [least - 1, most + 1]) expect(read('clique', { [name]: value })).toBe('shape.out-of-range');
    }
  });

  it('refuses text that would not read back from the state', () => {
    const genesis = genesisOf(4);
    const marked = renderGenesis({ ...genesis, policies: [{ id: 'x', text: `\uFEFF${genesis.policies[0]?.text}` }] });
    expect(parseGenesis(primitives, marked)).toMatchObject({ rejection: { code: 'shape.out-of-range' } });
  });

  it('refuses a key that stands twice and policies that do not parse', () => {
    const genesis = genesisOf(2);
    const [one] = genesis.hospitals;
    if (one === undefined) throw new Error('two hospitals');
    const doubled = renderGenesis({ ...genesis, hospitals: [one, one] });
    expect(parseGenesis(primitives, doubled)).toMatchObject({ rejection: { code: 'genesis.inconsistent' } });
    const broken = renderGenesis({ ...genesis, policies: [{ id: 'x', text: 'permit (' }] });
    expect(parseGenesis(primitives, broken)).toMatchObject({ rejection: { code: 'genesis.policy' } });
  });
});
