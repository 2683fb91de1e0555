import { beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { LIMITS } from '../../../src/base/limits.ts';
import { LEDGER_CODES } from '../../../src/ledger/codes.ts';
import type { Payload } from '../../../src/ledger/families/payloads.ts';
import { LEDGER_GAS } from '../../../src/ledger/gas.ts';
import { createEnv, parseGenesis, renderGenesis } from '../../../src/ledger/genesis.ts';
import { genesisBlock } from '../../../src/ledger/genesis-block.ts';
import { DEFAULT_PARAMETERS } from '../../../src/ledger/parameters.ts';
import { POLICY_LIMITS } from '../../../src/ledger/policy/limits.ts';
import type { Receipt } from '../../../src/ledger/receipt.ts';
import { pastPolicies, policyRows, policySchedules, schemaRows } from '../../../src/ledger/state/tables.ts';
import { type PolicyChange, SCHEMA, Ward } from '../policy/ward.ts';
import { expectApplied, genesisOf, hash, hospitalName, primitives } from '../town.ts';
import { councilGenesis } from './council.ts';

const NO_TIERS = `@id("tiers-stay") forbid (principal, action == Action::"propose", resource)
when { context.change == "setHospitalTier" };`;
const ward = new Ward();
const start = ward.point;
beforeEach(() => ward.back(start));

const standing = () => policyRows.get(ward.tip.view, 'policies');
const scheduled = () => policySchedules.get(ward.tip.view, 'policy-schedule');
const GAS_LIMIT = DEFAULT_PARAMETERS.transactionGasMax;

/** A change of the policies costs more than most transactions, and its vote too. */
function act(by: number, kind: 'propose' | 'vote', payload: Payload<'propose'> | Payload<'vote'>): Receipt {
  return ward.act(hospitalName(by), kind, payload as Payload<'propose'>, undefined, { gasLimit: GAS_LIMIT });
}
const propose = (change: Partial<PolicyChange>, by = 1): Receipt =>
  act(by, 'propose', { change: 'changePolicies', value: { ...ward.policyChange(change) } });
const vote = (proposal: Uint8Array, ...voters: readonly number[]): Receipt =>
  voters.map((by) => act(by, 'vote', { proposal: proposal as never, choice: 'yes' })).at(-1) as Receipt;
function pass(change: Partial<PolicyChange>): Receipt {
  const proposed = propose(change);
  expectApplied(proposed);
  return vote(proposed.transactionId, 1, 2, 3);
}
const tier = () => ward.propose(1, 'setHospitalTier', { hospital: ward.tip.validators[0]?.id, tier: 'secondary' });

describe("the consortium's policies are changed by governance (T-50)", () => {
  it('at the declared height and no earlier; what stood before stays as history', () => {
    const before = standing()?.text ?? '';
    const activationHeight = ward.height + 15;
    expectApplied(pass({ deploy: NO_TIERS, activationHeight }));
    expect(scheduled()).toMatchObject({ activationHeight, version: 2 });
    ward.until(activationHeight - 2);
    expect(tier().outcome).toBe('applied');
    expect(ward.height).toBe(activationHeight - 1);
    expect(scheduled()).toBeUndefined();
    expect(standing()?.version).toBe(2);
    expect(standing()?.text).toContain(NO_TIERS);
    expect(tier()).toMatchObject({ outcome: 'denied', policies: ['tiers-stay'] });
    expect(pastPolicies.get(ward.tip.view, '1')).toEqual({ text: before, lastHeight: activationHeight - 1 });
  });

  it('by every hospital that proposes, and by no person', () => {
    expect(propose({ deploy: NO_TIERS }, 5)).toMatchObject({ outcome: 'applied', policies: ['hospital-proposes'] });
    ward.join('a patient', 'patient');
    const value = { ...ward.policyChange({ deploy: NO_TIERS }) };
    expect(ward.act('a patient', 'propose', { change: 'changePolicies', value })).toMatchObject({ outcome: 'denied' });
  });

  it('with more than the threshold of the validators, and not before', () => {
    const { transactionId } = propose({ deploy: NO_TIERS });
    vote(transactionId, 1, 2);
    expect(scheduled()).toBeUndefined();
    vote(transactionId, 3);
    expect(scheduled()).toBeDefined();
  });

  it('a repeal gives the same decisions again', () => {
    const height = ward.height + 12;
    expectApplied(pass({ deploy: NO_TIERS, activationHeight: height }));
    ward.until(height);
    expect(tier().outcome).toBe('denied');
    expectApplied(pass({ base: 2, retire: ['tiers-stay'] }));
    ward.until(ward.height + 20);
    expect(standing()?.version).toBe(3);
    expect(tier().outcome).toBe('applied');
  });

  it('a new text under the same id takes the place of the old one, and ids that were places are kept (T-52)', () => {
    const anyone = [{ id: 'all', text: 'permit (principal, action, resource);' }];
    const open = new Ward({ policies: anyone });
    const value = open.policyChange({ deploy: NO_TIERS });
    const options = { gasLimit: GAS_LIMIT };
    const proposed = open.act(
      hospitalName(1),
      'propose',
      { change: 'changePolicies', value: { ...value } },
      1_000,
      options,
    );
    expectApplied(proposed);
    for (const by of [1, 2, 3])
      expectApplied(
        open.act(hospitalName(by), 'vote', { proposal: proposed.transactionId, choice: 'yes' }, 1_000, options),
      );
    open.until(value.activationHeight);
    expect(policyRows.get(open.tip.view, 'policies')?.text).toBe(
      `@id("policy0")\npermit (principal, action, resource);\n\n${NO_TIERS}\n`,
    );
    expect(open.propose(1, 'setParameter', { name: 'blockIntervalMs', value: 500 }).policies).toEqual(['policy0']);
  });
});

describe('a second change (T-54)', () => {
  it('made of an older version is stale, when proposed and when voted', () => {
    const late = propose({ retire: ['community-hospitals-do-not-validate'] });
    expectApplied(pass({ deploy: NO_TIERS }));
    expect(propose({ retire: ['validators-are-no-community-hospitals'] })).toMatchObject({ code: 'policy.stale' });
    expect(vote(late.transactionId, 1, 2, 3)).toMatchObject({ outcome: 'failed', code: 'policy.stale' });
  });

  it('is built on what waits, and takes its place: nothing far ahead bars the way', () => {
    const far = ward.height + 80_000;
    expectApplied(pass({ deploy: NO_TIERS, activationHeight: far }));
    const soon = ward.height + 20;
    expectApplied(pass({ base: 2, retire: ['community-hospitals-do-not-validate'], activationHeight: soon }));
    ward.until(soon);
    expect(standing()?.version).toBe(3);
    expect(standing()?.text).toContain('tiers-stay');
    expect(standing()?.text).not.toContain('community-hospitals-do-not-validate');
    expect(scheduled()).toBeUndefined();
  });
});

const long = `@id("long") forbid (principal, action == Action::"propose", resource) when { context.change == "${'x'.repeat(11_500)}" };`;

const REFUSED: readonly (readonly [code: string, why: string, scenario: () => Receipt])[] = [
  ['policy.malformed', 'syntax', () => propose({ deploy: 'forbid (' })],
  [
    'policy.malformed',
    'a template',
    () => propose({ deploy: '@id("a") permit (principal == ?principal, action, resource);' }),
  ],
  ['policy.no-id', 'a policy without an id', () => propose({ deploy: 'permit (principal, action, resource);' })],
  ['policy.no-id', 'one id twice', () => propose({ deploy: `${NO_TIERS}\n${NO_TIERS}` })],
  ['policy.no-id', "an id like a patient's", () => propose({ deploy: NO_TIERS.replace('tiers-stay', 'patient:00') })],
  [
    'policy.no-id',
    'deployed and retired at once',
    () => propose({ deploy: NO_TIERS.replace('tiers-stay', 'validator-votes'), retire: ['validator-votes'] }),
  ],
  ['policy.unknown', 'retiring what is not there', () => propose({ retire: ['nothing'] })],
  [
    'policy.invalid',
    'a word that the schema does not know',
    () => propose({ deploy: NO_TIERS.replace('context.change', 'context.chance') }),
  ],
  ['policy.locks-out', 'no way back', () => propose({ retire: ['validator-votes'] })],
  [
    'policy.names-somebody',
    'a hospital by name',
    () => propose({ deploy: NO_TIERS.replace('context.change == "setHospitalTier"', 'principal == Hospital::"x"') }),
  ],
  ['policy.stale', 'a version that is not', () => propose({ base: 0, deploy: NO_TIERS })],
  ['governance.too-soon', 'no time to prepare', () => propose({ deploy: NO_TIERS, activationHeight: ward.height + 2 })],
  [
    'governance.too-late',
    'later than any vote needs',
    () => propose({ deploy: NO_TIERS, activationHeight: ward.height + 1_000_000 }),
  ],
  [
    'policy.too-large',
    'more text than one set holds',
    () => {
      for (let n = 1; n < 6; n++) {
        const step = { base: n, deploy: long.replaceAll('long', `long-${n}`), activationHeight: ward.height + 40 };
        const proposed = propose(step);
        if (proposed.outcome !== 'applied') return proposed;
        vote(proposed.transactionId, 1, 2, 3);
      }
      throw new Error('no limit was met');
    },
  ],
  [
    'proposal.malformed',
    'a text beyond the limit',
    () => propose({ deploy: ' '.repeat(POLICY_LIMITS.changeTextMax + 1) }),
  ],
  ['gas.exhausted', 'too little gas', () => ward.propose(1, 'changePolicies', ward.policyChange({ deploy: long }))],
];

describe('a change that is refused (T-50, T-51)', () => {
  it.each(REFUSED)('%s: %s', (code, _why, scenario) => {
    expect(scenario()).toMatchObject({ outcome: 'failed', code });
    expect(standing()?.version).toBe(1);
  });

  it('policy.no-schema: on a chain without a schema nothing is deployed', () => {
    const { schema: _schema, ...genesis } = councilGenesis({ validators: 4, followers: 1 });
    const bare = new Ward({ ...genesis, schema: undefined } as never);
    const value = { ...bare.policyChange({ deploy: NO_TIERS }) };
    const options = { gasLimit: GAS_LIMIT };
    expect(bare.act(hospitalName(1), 'propose', { change: 'changePolicies', value }, 1_000, options)).toMatchObject({
      code: 'policy.no-schema',
    });
    bare.join('a patient', 'patient');
    const text = 'forbid (principal, action == Action::"readRecord", resource);';
    expect(bare.deploy('one', text, 'a patient')).toMatchObject({ code: 'policy.no-schema' });
  });

  it('reaches every code of a change of the policies', () => {
    const ofChange = ['stale', 'no-id', 'locks-out', 'names-somebody', 'too-large'].map((reason) => `policy.${reason}`);
    for (const code of ofChange) expect(Object.keys(LEDGER_CODES)).toContain(code);
    const reached = new Set(REFUSED.map(([code]) => code));
    expect(ofChange.filter((code) => !reached.has(code))).toEqual([]);
  });
});

describe('the way back is affordable (T-53)', () => {
  it('a repeal fits the least gas that a transaction may be allowed', () => {
    const { questionGasMax } = POLICY_LIMITS;
    const least = 100_000; // the lower bound of `transactionGasMax`
    const largest = LEDGER_GAS.transaction + 16_384 * LEDGER_GAS.byte;
    const longest = LIMITS.policyTextBytesMax + 16_384;
    const rows = 8 * LEDGER_GAS.write + LEDGER_GAS.writeKib * Math.ceil(longest / 1_024);
    expect(largest + questionGasMax + LEDGER_GAS.constitution + rows).toBeLessThan(least);
    expect(LEDGER_GAS.constitution).toBeGreaterThan(0);
  });

  it('proposing pays for the questions and by the byte, voting for the questions', () => {
    const small = propose({ deploy: NO_TIERS });
    const large = propose({ deploy: `${NO_TIERS}${' '.repeat(100)}` });
    expect(large.gasUsed - small.gasUsed).toBe(100 * (LEDGER_GAS.byte + LEDGER_GAS.policyByte));
    const other = ward.propose(1, 'setParameter', { name: 'blockIntervalMs', value: 500 });
    const cheap = ward.vote(1, other.transactionId).gasUsed;
    const dear = vote(small.transactionId, 1).gasUsed;
    expect(dear - cheap).toBeGreaterThanOrEqual(LEDGER_GAS.constitution);
  });
});

describe('the schema of a chain (T-43)', () => {
  const parse = (genesis: object) => parseGenesis(primitives, renderGenesis(genesis as never));
  const genesis = genesisOf(4);

  it('is bound by the chain id, and its hash stands in the first state', () => {
    const [bare, held] = [parse(genesis), parse({ ...genesis, schema: SCHEMA })];
    if (!bare.ok || !held.ok) throw new Error('both are sound');
    expect(toHex(bare.value.chainId)).not.toBe(toHex(held.value.chainId));
    const stateOf = (read: typeof held.value) => genesisBlock(createEnv(primitives, read)).execution.view;
    expect(schemaRows.get(stateOf(held.value), 'schema')).toEqual(hash(SCHEMA));
    expect(schemaRows.get(stateOf(bare.value), 'schema')).toBeUndefined();
    expect(held.value.genesis.schema).toBe(SCHEMA);
  });

  it('may be missing: such a file is what it always was', () => {
    expect(renderGenesis(genesis)).not.toContain('"schema"');
    expect(parse(genesis)).toMatchObject({ ok: true });
  });

  it('reads, and fits the constitution beside it', () => {
    expect(parse({ ...genesis, schema: 'entity ;' })).toMatchObject({ rejection: { code: 'genesis.schema' } });
    const policies = [{ id: 'all', text: 'permit (principal, action, resource) when { context.nothing };' }];
    expect(parse({ ...genesis, policies })).toMatchObject({ ok: true });
    expect(parse({ ...genesis, policies, schema: SCHEMA })).toMatchObject({ rejection: { code: 'genesis.policy' } });
  });
});
