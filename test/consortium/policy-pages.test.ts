import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { policyCheck } from '../../src/consortium/commands/policy/check.ts';
import { policyExplain } from '../../src/consortium/commands/policy/explain.ts';
import { policyFmt } from '../../src/consortium/commands/policy/fmt.ts';
import { policyTest } from '../../src/consortium/commands/policy/test.ts';
import type { Output } from '../../src/consortium/output.ts';
import { packageRoot } from '../../src/consortium/package-root.ts';

// docs/policies/for-engineers.md shows commands and their answers: here they are called.

const first = (name: string): string => join(packageRoot(), 'docs/policies/first', name);
const page = readFileSync(join(packageRoot(), 'docs/policies/for-engineers.md'), 'utf8');

async function answer(command: (output: Output) => Promise<number>): Promise<{ exit: number; text: string }> {
  const texts: string[] = [];
  const result = (_value: object, text: string): void => void texts.push(text);
  return { exit: await command({ json: false, say: () => undefined, result }), text: texts.join('\n') };
}

it("the engineers' page shows the problem that check finds in a misspelt attribute", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'carechain-pages-'));
  const misspelt = join(folder, 'ward.cedar');
  writeFileSync(misspelt, readFileSync(first('ward.cedar'), 'utf8').replace('onDuty', 'onDuti'));
  const { exit, text } = await answer((output) =>
    policyCheck([misspelt], { schema: first('ward.cedarschema') }, output),
  );
  rmSync(folder, { recursive: true });
  expect(exit).toBe(1);
  expect(page).toContain(text.replace(misspelt, 'ward.cedar'));
});

it("the engineers' page shows what explain, fmt and test answer", async () => {
  const [policies, entities, request] = [[first('ward.cedar')], first('entities.json'), first('request.json')];
  const why = { policies, entities, request, resource: 'Record::"8"' };
  const [explained, tested, formatted] = [
    await answer((output) => policyExplain(why, output)),
    await answer((output) => policyTest(first('.'), {}, output)),
    await answer((output) => policyFmt(policies, { check: true }, output)),
  ];
  expect([explained.exit, tested.exit, formatted.exit]).toEqual([1, 0, 0]);
  expect(page).toContain(`\n${explained.text}\n`);
  expect(page).toContain(`\n${tested.text}\n`);
});

it("the engineers' example of a grant is decided by the shipped policies, for its purpose and until it expires", async () => {
  const ask = (purpose: string, nowMs: number) =>
    answer((output) =>
      policyExplain(
        {
          policies: [join(packageRoot(), 'policies/consent.cedar')],
          schema: join(packageRoot(), 'policies/carechain.cedarschema'),
          entities: first('grant.entities.json'),
          principal: 'Practitioner::"d"',
          action: 'Action::"readRecord"',
          resource: 'Record::"r"',
          context: JSON.stringify({ purpose, grantKey: 'person:d:c0', nowMs }),
        },
        output,
      ),
    );
  expect([(await ask('TREAT', 999)).exit, (await ask('TREAT', 1000)).exit]).toEqual([0, 1]);
  const [sentence] = (await ask('HRESCH', 500)).text.split('\n');
  expect(page).toContain(`\n${sentence}\n`);
});
