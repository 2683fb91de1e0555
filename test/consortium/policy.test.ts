import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { policyCheck } from '../../src/consortium/commands/policy/check.ts';
import { policyEval } from '../../src/consortium/commands/policy/eval.ts';
import { policyExplain } from '../../src/consortium/commands/policy/explain.ts';
import { policyFmt } from '../../src/consortium/commands/policy/fmt.ts';
import { policyRepl } from '../../src/consortium/commands/policy/repl.ts';
import { POLICY_COMMANDS } from '../../src/consortium/commands/policy.ts';
import type { Output } from '../../src/consortium/output.ts';
import { packageRoot } from '../../src/consortium/package-root.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carechain-policy-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function listening() {
  const results: Record<string, unknown>[] = [];
  const texts: string[] = [];
  const said: string[] = [];
  const output: Output = {
    json: false,
    say: (line) => void said.push(line),
    result: (value, text) => {
      results.push(value as Record<string, unknown>);
      texts.push(text);
    },
  };
  return { output, results, texts, said };
}

const SCHEMA = `entity User; entity Doc { owner: User };
action read appliesTo { principal: User, resource: Doc, context: { mfa: Bool } };`;
const GOOD = `@id("read")
permit (principal is User, action == Action::"read", resource)
when { resource.owner == principal && context.mfa };
`;
const ENTITIES = '[{"uid":{"type":"Doc","id":"d"},"attrs":{"owner":{"type":"User","id":"u"}},"parents":[]}]';

describe('carechain policy check', () => {
  it('tells several problems of several files at once, each with its line, a caret under its column and what to write', async () => {
    const a = file(
      'a.cedar',
      'permit (principal, action, resource) when { context.mfa = true };\npermit (principal, acton, resource);\n',
    );
    const b = file('b.cedar', 'permit (principal, action, resource) when { 1 / 2 };');
    const { output, results, texts } = listening();
    expect(await policyCheck([a, b], {}, output)).toBe(1);
    expect(results[0]?.problems).toMatchObject([
      { file: a, code: 'vm-parse.unexpected-token', line: 1, column: 57, suggestion: expect.stringContaining('==') },
      { file: a, line: 2, column: 20 },
      { file: b, code: 'vm-parse.unsupported-operator', line: 1, column: 47 },
    ]);
    const [, shown, marked] = (texts[0] as string).split('\n') as [string, string, string];
    expect(shown[marked.indexOf('^')]).toBe('=');
  });

  it('holds policies and templates against a schema, and tells a warning without failing', async () => {
    const schema = file('s.cedarschema', SCHEMA);
    const bad = file(
      'bad.cedar',
      `${GOOD}permit (principal == ?principal, action, resource is Doc) when { resource.ownr == principal };`,
    );
    const first = listening();
    expect(await policyCheck([bad], { schema }, first.output)).toBe(1);
    expect(first.results[0]).toMatchObject({
      policies: 1,
      templates: 1,
      problems: [
        {
          code: 'vm-validate.unknown-attribute',
          policy: 'policy0',
          line: 4,
          suggestion: expect.stringContaining('owner'),
        },
      ],
    });
    const impossible = file('impossible.cedar', 'permit (principal, action, resource) when { 1 == 2 };');
    const second = listening();
    expect(await policyCheck([impossible], { schema }, second.output)).toBe(0);
    expect(second.results[0]).toMatchObject({ problems: [], warnings: [{ code: 'vm-validate.impossible' }] });
  });

  it('finds nothing wrong with the shipped constitution, which is in canonical layout', async () => {
    const folder = join(packageRoot(), 'policies');
    const files = readdirSync(folder)
      .filter((name) => name.endsWith('.cedar'))
      .map((name) => join(folder, name));
    expect(files.length).toBeGreaterThan(5);
    const { output, results } = listening();
    expect(await policyCheck(files, {}, output), JSON.stringify(results)).toBe(0);
    const formatted = listening();
    expect(await policyFmt(files, { check: true }, formatted.output), JSON.stringify(formatted.results)).toBe(0);
  });

  it('finds an id that two policies have, also of two files, at the second place; no request is decided by them', async () => {
    const [a, b] = [file('a.cedar', GOOD), file('b.cedar', `// another\n${GOOD}`)];
    const { output, results, texts } = listening();
    expect(await policyCheck([a, b], {}, output)).toBe(1);
    expect(results[0]?.problems).toMatchObject([
      { file: b, code: 'vm-policy.duplicate-id', policy: 'read', line: 2, column: 1 },
    ]);
    expect(texts[0]).toMatch(
      /"read" is taken: by the policy at .*a\.cedar:1:1\.[\s\S]*2 policies, 0 templates, 1 problem$/,
    );
    const asked = { policies: [a, b], principal: 'User::"u"', action: 'Action::"read"', resource: 'Doc::"d"' };
    await expect(policyEval(asked, output)).rejects.toMatchObject({
      message: expect.stringMatching(/b\.cedar:2:1: vm-policy\.duplicate-id: The id "read" is taken/),
      exitCode: 64,
    });
  });

  it('keeps control characters of a file away from the terminal', async () => {
    const a = file('a.cedar', 'permit (principal, action, resource) when { "\u001b[2J" = 1 };');
    const { output, texts } = listening();
    await policyCheck([a], {}, output);
    expect(texts[0]).not.toContain('\u001b');
  });
});

describe('carechain policy fmt', () => {
  it('prints canonical layout, says which files are not in it, and writes them', async () => {
    const untidy = file('a.cedar', GOOD.replaceAll('\n', ' '));
    const tidy = file('b.cedar', GOOD);
    const printed = listening();
    expect(await policyFmt([untidy], {}, printed.output)).toBe(0);
    expect(printed.texts[0]).toBe(GOOD.trimEnd());
    const checked = listening();
    expect(await policyFmt([untidy, tidy], { check: true }, checked.output)).toBe(1);
    expect(checked.results[0]).toEqual({ changed: [untidy], refused: 0 });
    expect(await policyFmt([untidy, tidy], { write: true }, listening().output)).toBe(0);
    expect(readFileSync(untidy, 'utf8')).toBe(GOOD);
    expect(await policyFmt([untidy, tidy], { check: true }, listening().output)).toBe(0);
  });

  it('leaves a file alone that it cannot read', async () => {
    const broken = file('a.cedar', 'permit (principal, action);');
    expect(await policyFmt([broken], { write: true }, listening().output)).toBe(1);
    expect(readFileSync(broken, 'utf8')).toBe('permit (principal, action);');
    await expect(policyFmt([broken], { write: true, check: true }, listening().output)).rejects.toMatchObject({
      exitCode: 64,
    });
  });
});

describe('carechain policy eval and explain', () => {
  const question = (context: string) => ({
    policies: [file('p.cedar', GOOD)],
    entities: file('e.json', ENTITIES),
    schema: file('s.cedarschema', SCHEMA),
    principal: 'User::"u"',
    action: 'Action::"read"',
    resource: 'Doc::"d"',
    context,
  });

  it('decides with reasons and gas; what a flag says wins over the request file', async () => {
    const { output, results } = listening();
    const request = { principal: { type: 'User', id: 'other' }, context: { mfa: true } };
    const { context: _, ...rest } = question('');
    expect(await policyEval({ ...rest, request: file('r.json', JSON.stringify(request)) }, output)).toBe(0);
    expect(results[0]).toMatchObject({ decision: 'allow', reasons: ['read'], errors: [], outOfGas: false });
    expect(results[0]?.gasUsed).toBeGreaterThan(0);
    expect(await policyEval(question('{"mfa": false}'), output)).toBe(1);
  });

  it('denies what costs more than its gas', async () => {
    const { output, results } = listening();
    expect(await policyEval({ ...question('{"mfa": true}'), gas: '5' }, output)).toBe(1);
    expect(results[0]).toEqual({ decision: 'deny', reasons: [], errors: [], gasUsed: 5, outOfGas: true });
  });

  it('refuses a request that does not fit the schema, or is not whole', async () => {
    const { output } = listening();
    await expect(policyEval(question('{"mfa": 1}'), output)).rejects.toMatchObject({ exitCode: 64 });
    const { principal: _, ...without } = question('{"mfa": true}');
    await expect(policyEval(without, output)).rejects.toThrow('--principal');
    await expect(policyEval({ ...without, principal: 'u' }, output)).rejects.toThrow('Type::"id"');
  });

  it('tells a reviewer the clause that failed, and the requester nothing of it', async () => {
    const reviewer = listening();
    expect(await policyExplain(question('{"mfa": false}'), reviewer.output)).toBe(1);
    expect(reviewer.texts[0]).toContain('context.mfa is false');
    const requester = listening();
    expect(await policyExplain({ ...question('{"mfa": false}'), for: 'requester' }, requester.output)).toBe(1);
    expect(requester.results[0]).toMatchObject({ allowed: false, policies: [], reasons: [], nearest: null });
    expect(requester.texts[0]).not.toContain('mfa');
    await expect(policyExplain({ ...question('{}'), for: 'anyone' }, requester.output)).rejects.toMatchObject({
      exitCode: 64,
    });
  });
});

describe('carechain policy repl', () => {
  async function* typed(...lines: readonly string[]) {
    yield* lines;
  }

  it('evaluates expressions and requests line by line, and goes on after one that is wrong', async () => {
    const { output, texts, said } = listening();
    const policies = [file('p.cedar', 'permit (principal == User::"u", action, resource);')];
    const lines = typed(
      '1 +',
      'context = {"n": 9223372036854775807}',
      'context.n',
      'context.n + 1',
      'principal = nobody',
      'principal = User::"u"',
      '[principal].contains(User::"u")',
      'true }; permit (principal, action, resource) when { true',
      'decide',
      'explain',
      'quit',
      'not reached',
    );
    expect(await policyRepl({ policies }, output, lines)).toBe(0);
    expect(texts.map((text) => text.split('\n')[0])).toEqual([
      '9223372036854775807',
      expect.stringContaining('vm-eval.overflow'),
      'true',
      'allow',
      'Allowed by "policy0".',
    ]);
    expect(said).toHaveLength(3);
  });
});

describe('the commands of carechain policy', () => {
  it('all have a description, and --policies where they decide', () => {
    expect(POLICY_COMMANDS.map(({ name }) => name)).toEqual(['check', 'fmt', 'eval', 'explain', 'can', 'repl', 'test']);
    for (const { description } of POLICY_COMMANDS) expect(description.length).toBeGreaterThan(10);
  });
});
