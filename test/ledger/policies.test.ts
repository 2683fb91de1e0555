import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mergePolicySets, parsePolicies } from '../../src/vm/index.ts';

const folder = new URL('../../policies/', import.meta.url);
const sets = readdirSync(folder)
  .sort()
  .map((name) => ({ name, parsed: parsePolicies(readFileSync(new URL(name, folder), 'utf8')) }));

describe("the consortium's policies", () => {
  it.each(sets)('$name parses', ({ parsed }) => {
    expect(parsed).toMatchObject({ ok: true });
  });

  it('give every policy an id of its own', () => {
    const merged = mergePolicySets(sets.flatMap(({ parsed }) => (parsed.ok ? [parsed.value] : [])));
    expect(merged.ok).toBe(true);
    if (merged.ok) expect(merged.value.policies.filter(({ id }) => /^policy\d+$/.test(id))).toEqual([]);
  });
});
