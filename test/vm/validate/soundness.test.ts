import { describe, expect, it } from 'vitest';
import { authorize, parsePolicies } from '../../../src/vm/index.ts';
import { accepted, GAS_LIMIT } from '../support.ts';
import { reviewText } from './compare.ts';
import { Draw } from './draw.ts';
import { drawPolicy } from './draw-policy.ts';
import { drawEntities, drawRequest } from './draw-world.ts';
import { schema } from './schema.ts';

const POLICIES = 600;
const REQUESTS = 8;

/** What checking does not promise against. An entity that a policy names need not exist; permissive mode lets texts be computed. */
const FORGIVEN = {
  strict: ['vm-eval.overflow', 'vm-eval.missing-entity'],
  permissive: ['vm-eval.overflow', 'vm-eval.missing-entity', 'vm-eval.bad-extension-value'],
};

interface Outcome {
  readonly failures: readonly string[];
  readonly decided: number;
  readonly allowed: number;
}

/** Asks each drawn policy that `isChosen`, with entities and requests that fit the schema. */
function run(seed: number, isChosen: (text: string) => boolean, forgiven: readonly string[]): Outcome {
  const draw = new Draw(seed);
  const failures: string[] = [];
  let [decided, allowed] = [0, 0];
  for (let i = 0; i < POLICIES; i++) {
    const text = drawPolicy(draw).replace(/^forbid/, 'permit');
    if (!isChosen(text)) continue;
    const policies = accepted(parsePolicies(text));
    const entities = drawEntities(draw, schema.schema);
    for (let asked = 0; asked < REQUESTS; asked++) {
      const decision = authorize(policies, drawRequest(draw, schema.schema), entities, GAS_LIMIT);
      decided++;
      if (decision.allowed) allowed++;
      for (const { code } of decision.errors) if (!forgiven.includes(code)) failures.push(`${code}: ${text}`);
    }
  }
  return { failures, decided, allowed };
}

describe('a policy that fits its schema', { timeout: 60_000 }, () => {
  it.each(['strict', 'permissive'] as const)('never fails where requests and entities fit it too, %s', (mode) => {
    const isValid = (text: string): boolean => reviewText(text, mode).errors.length === 0;
    const { failures, decided, allowed } = run(3, isValid, FORGIVEN[mode]);
    expect(failures).toEqual([]);
    expect(decided).toBeGreaterThan(POLICIES);
    expect(allowed).toBeGreaterThan(POLICIES / 10);
  });

  it('is told from one that does not: of those, many fail', () => {
    const isInvalid = (text: string): boolean => reviewText(text, 'permissive').errors.length > 0;
    expect(run(3, isInvalid, FORGIVEN.permissive).failures.length).toBeGreaterThan(50);
  });

  it('is false for every request where it is said to be impossible', () => {
    const isImpossible = (text: string): boolean => {
      const { errors, warnings } = reviewText(text, 'permissive');
      return errors.length === 0 && warnings.some(({ code }) => code === 'vm-validate.impossible');
    };
    const { decided, allowed } = run(5, isImpossible, []);
    expect(decided).toBeGreaterThan(100);
    expect(allowed).toBe(0);
  });
});
