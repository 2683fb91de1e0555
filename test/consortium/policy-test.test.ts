import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { policyTest } from '../../src/consortium/commands/policy/test.ts';
import type { Output } from '../../src/consortium/output.ts';
import { FIXTURES_SKIPPED, fixturesFolder } from '../support/fixtures.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carechain-policy-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const SCHEMA = `
entity User;
entity Doc { owner: User, size: Long, from?: ipaddr };
action read appliesTo { principal: User, resource: Doc, context: { at: datetime, n: Long } };`;
const POLICIES = `
@id("named otherwise")
permit (principal, action, resource) when { resource.owner == principal };
permit (principal == ?principal, action, resource);
forbid (principal, action, resource) when { context.n == 9223372036854775807 };
forbid (principal, action, resource) when { context.n + 1 > 0 && resource.size == 9007199254740993 && context.at < datetime("1970-01-02") };`;
const ENTITIES = `[{"uid":{"__entity":{"type":"Doc","id":"d"}},"attrs":{"owner":{"type":"User","id":"u"},"size":9007199254740993,
  "from":"10.0.0.1"},"parents":[]}]`;

const REQUEST = {
  description: 'the owner reads',
  principal: { type: 'User', id: 'u' },
  action: { __entity: { type: 'Action', id: 'read' } },
  resource: { type: 'Doc', id: 'd' },
  context: { at: '2024-01-01', n: 1 },
  decision: 'allow',
  reason: ['policy0'],
  errors: [],
};
const TEST = { policies: 'sub/p.cedar', entities: 'sub/e.json', schema: 'sub/s.cedarschema', shouldValidate: true };

function write(path: string, content: string | object): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
}

/** A corpus of one test with its files. */
function corpus(test: object = { ...TEST, requests: [REQUEST] }, path = 'sub/deeper/one.json'): void {
  write('sub/p.cedar', POLICIES);
  write('sub/s.cedarschema', SCHEMA);
  write('sub/e.json', ENTITIES);
  write(path, test);
}

async function run(options: { validation?: boolean } = {}, at = folder) {
  const results: Record<string, unknown>[] = [];
  const said: string[] = [];
  const output: Output = {
    json: true,
    say: (line) => void said.push(line),
    result: (value) => void results.push(value as Record<string, unknown>),
  };
  const exitCode = await policyTest(at, options, output);
  return { exitCode, result: results[0] as Record<string, unknown>, said };
}

const ZEROS = { decisionDisagreements: 0, reasonDisagreements: 0, errorDisagreements: 0, validationDisagreements: 0 };

describe('carechain policy test', () => {
  it('agrees with a test on everything: templates count, @id does not, integers are exact, dates need no escape', async () => {
    corpus({
      ...TEST,
      requests: [
        REQUEST,
        { ...REQUEST, principal: 'User::"u"', description: 'a principal as old tests write it' },
        { ...REQUEST, context: { at: '1970-01-01', n: 1 }, decision: 'deny', reason: ['policy3'] },
      ],
    });
    const { exitCode, result } = await run();
    expect(result).toEqual({ tests: 1, requests: 3, ...ZEROS });
    expect(exitCode).toBe(0);
  });

  it('reads 2⁶³ − 1 in a context exactly, and reports the policy that overflows', async () => {
    const text = JSON.stringify({
      ...TEST,
      requests: [
        {
          ...REQUEST,
          context: { at: '2024-01-01', n: 'N' },
          decision: 'deny',
          reason: ['policy2'],
          errors: ['policy3'],
        },
      ],
    }).replace('"N"', '9223372036854775807');
    corpus();
    write('sub/deeper/one.json', text);
    expect((await run()).result).toEqual({ tests: 1, requests: 1, ...ZEROS });
  });

  it('counts each kind of disagreement by itself, lists it, and exits 1', async () => {
    corpus({
      ...TEST,
      shouldValidate: false,
      requests: [
        { ...REQUEST, decision: 'deny' },
        { ...REQUEST, reason: ['policy1'] },
        { ...REQUEST, errors: ['policy2'], reason: ['policy0', 'policy0'] },
      ],
    });
    const { exitCode, result, said } = await run();
    expect(result).toMatchObject({
      decisionDisagreements: 1,
      reasonDisagreements: 1,
      errorDisagreements: 1,
      validationDisagreements: 1,
    });
    expect(result.failures).toHaveLength(4);
    expect(said.filter((line) => line.includes('one.json'))).toHaveLength(4);
    expect(exitCode).toBe(1);
  });

  it('finds files beside the test, or above it, where the folder has none of that name', async () => {
    corpus({ ...TEST, policies: 'p.cedar', requests: [REQUEST] });
    expect((await run()).exitCode).toBe(0);
    expect((await run({}, join(folder, 'sub', 'deeper'))).exitCode).toBe(0);
  });

  it('reads a schema in JSON as it reads one in Cedar syntax', async () => {
    corpus({ ...TEST, schema: 'sub/s.json', requests: [REQUEST] });
    const long = { type: 'Long' };
    write('sub/s.json', {
      '': {
        commonTypes: { Size: long },
        entityTypes: {
          User: {},
          Doc: {
            shape: {
              type: 'Record',
              attributes: {
                owner: { type: 'Entity', name: 'User' },
                size: { type: 'Size' },
                from: { type: 'Extension', name: 'ipaddr', required: false },
              },
            },
          },
        },
        actions: {
          read: {
            appliesTo: {
              principalTypes: ['User'],
              resourceTypes: ['Doc'],
              context: { type: 'Record', attributes: { at: { type: 'Extension', name: 'datetime' }, n: long } },
            },
          },
        },
      },
    });
    expect((await run()).result).toEqual({ tests: 1, requests: 1, ...ZEROS });
  });

  it('counts a request that does not fit the schema, unless the test says not to look', async () => {
    const wrong = { ...REQUEST, principal: { type: 'Doc', id: 'd' }, decision: 'deny', reason: [] };
    corpus({ ...TEST, requests: [wrong, { ...wrong, validateRequest: false }] });
    expect((await run()).result).toMatchObject({ requests: 2, validationDisagreements: 1, decisionDisagreements: 0 });
  });

  it('counts every request of a test whose policies it cannot read, and goes on', async () => {
    corpus({ ...TEST, requests: [REQUEST, REQUEST] });
    corpus({ ...TEST, policies: 'broken.cedar', requests: [REQUEST, REQUEST] }, 'two.json');
    write('broken.cedar', 'permit (principal);');
    const { result, exitCode } = await run();
    expect(result).toMatchObject({ tests: 2, requests: 4, decisionDisagreements: 2, validationDisagreements: 1 });
    expect(exitCode).toBe(1);
  });

  it.each([
    ['a file that a test names and that is not there', { ...TEST, policies: 'gone.cedar', requests: [] }, 'gone.cedar'],
    ['a test without its fields', { policies: 1, requests: [] }, 'one.json'],
    ['a test that is no JSON', '{ "policies": ', 'one.json'],
  ])('refuses %s with a code, and names it', async (_what, test, named) => {
    corpus();
    write('sub/deeper/one.json', test);
    await expect(run()).rejects.toMatchObject({
      code: expect.stringMatching(/^consortium-/),
      message: expect.stringContaining(named),
      exitCode: 64,
    });
  });

  it('refuses a folder that holds no test, or that is none', async () => {
    write('package.json', { name: 'no test' });
    await expect(run()).rejects.toMatchObject({ code: 'consortium-policy.no-tests' });
    await expect(run({}, join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'consortium-command.file-missing' });
  });
});

describe('carechain policy test --validation', () => {
  const VERDICTS = {
    policyValidation: {
      perPolicy: {
        policy0: { strict: true, permissive: true },
        policy1: { strict: true, permissive: true },
        policy2: { strict: true, permissive: true },
      },
    },
    entityValidation: { perEntity: { 'Doc::d': {} } },
    requestValidation: [{ description: 'the owner reads', strict: true, permissive: true }],
  };

  it('compares the verdict on each policy, template, entity and request', async () => {
    corpus();
    write('verdicts/one.validation.json', VERDICTS);
    const { result, exitCode } = await run({ validation: true });
    expect(result).toEqual({ tests: 1, requests: 1, ...ZEROS, verdictDisagreements: 0 });
    expect(exitCode).toBe(0);
  });

  it('counts each verdict that is not ours', async () => {
    corpus();
    write('verdicts/one.validation.json', {
      policyValidation: { perPolicy: { policy0: { strict: false, permissive: true }, policy9: { strict: true } } },
      entityValidation: { perEntity: { 'Doc::d': { errors: ['it is wrong'] }, 'Doc::gone': {} } },
      requestValidation: [{ strict: false, permissive: false }],
    });
    expect((await run({ validation: true })).result).toMatchObject({ ...ZEROS, verdictDisagreements: 5 });
  });

  it('holds entities and requests against the verdicts, where there are some, and not against the schema twice', async () => {
    corpus({ ...TEST, requests: [{ ...REQUEST, context: { at: '2024-01-01', n: 'one' }, errors: ['policy3'] }] });
    write('one.validation.json', { ...VERDICTS, requestValidation: [{ strict: false, permissive: false }] });
    expect((await run({ validation: true })).result).toMatchObject({ ...ZEROS, verdictDisagreements: 0 });
    expect((await run()).result).toMatchObject({ validationDisagreements: 1 });
  });
});

const fixtures = fixturesFolder();
describe.skipIf(fixtures === undefined)(`the official corpus ${fixtures === undefined ? FIXTURES_SKIPPED : ''}`, () => {
  it('has 455 tests, and we disagree with none of them, nor with any verdict', async () => {
    const { result } = await run({ validation: true }, join(fixtures ?? '', 'corpora', 'cedar'));
    expect(result).toEqual({ tests: 455, requests: 3_361, ...ZEROS, verdictDisagreements: 0 });
  });
});
