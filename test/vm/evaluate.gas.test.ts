import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEDGER_GAS } from '../../src/ledger/gas.ts';
import { weightOf } from '../../src/vm/evaluate/gas.ts';
import { authorize, entity, GAS, parsePolicies, record, setOf, type Value } from '../../src/vm/index.ts';
import { policyTexts } from './arbitrary/policies.ts';
import { readerOf, requestIn, turnedRound, worlds } from './arbitrary/world.ts';
import { accepted, decide, type EntityData, GAS_LIMIT, reader } from './support.ts';

const RUNS = { numRuns: 100 };
const ANY = '(principal, action, resource)';

describe('gas', () => {
  it('does not depend on the order of entities, parents, set items, fields or policies, nor on who asked before', () => {
    fc.assert(
      fc.property(policyTexts, worlds, (texts, world) => {
        const set = accepted(parsePolicies(texts.join('\n')));
        const turned = turnedRound(world);
        const first = authorize(set, requestIn(world), readerOf(world), GAS_LIMIT);
        expect(authorize(set, requestIn(turned), readerOf(turned), GAS_LIMIT)).toEqual(first);
        const other = accepted(parsePolicies([...texts].reverse().join('\n')));
        expect(authorize(other, requestIn(world), readerOf(turned), GAS_LIMIT)).toEqual(first);
        expect(authorize(set, requestIn(world), readerOf(world), GAS_LIMIT)).toEqual(first);
      }),
      RUNS,
    );
  });

  it('is a threshold: with less than it takes everything is denied and nothing named, with more nothing changes', () => {
    fc.assert(
      fc.property(policyTexts, worlds, fc.nat(2_000), (texts, world, gas) => {
        const set = accepted(parsePolicies(texts.join('\n')));
        const full = authorize(set, requestIn(world), readerOf(world), GAS_LIMIT);
        const nothing = { allowed: false, reasons: [], errors: [], gasUsed: gas, outOfGas: true };
        expect(authorize(set, requestIn(world), readerOf(world), gas)).toEqual(gas < full.gasUsed ? nothing : full);
      }),
      RUNS,
    );
  });

  it('is a sum: a further policy adds what it costs alone', () => {
    fc.assert(
      fc.property(policyTexts, worlds, (texts, world) => {
        const spent = (text: string): number =>
          authorize(accepted(parsePolicies(text)), requestIn(world), readerOf(world), GAS_LIMIT).gasUsed;
        expect(spent(texts.join('\n'))).toBe(texts.reduce((sum, text) => sum + spent(text), 0));
      }),
      RUNS,
    );
  });

  it('charges `in` by the closure that it reads: 20 for each entity, 1 for each parent of it', () => {
    const uid = (n: number) => entity('Team', String(n));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 4 }), (teams, width) => {
        const data: Record<string, EntityData> = { 'User::alice': { parents: teams > 0 ? [uid(0)] : [] } };
        let parentsInAll = teams > 0 ? 1 : 0;
        for (let n = 0; n < teams; n++) {
          const parents = Array.from({ length: width }, (_, i) => n + i + 1).filter((other) => other < teams);
          parentsInAll += parents.length;
          data[`Team::${n}`] = { parents: parents.map(uid) };
        }
        const { gasUsed } = decide('permit(principal in Team::"none", action, resource);', { entities: reader(data) });
        expect(gasUsed).toBe(GAS.policy + GAS.entity * (teams + 1) + GAS.parent * parentsInAll);
      }),
    );
  });

  it('grows with what is compared, and a pattern weighs its wildcards too', () => {
    const spent = (condition: string, value: Value): number =>
      decide(`permit${ANY} when { ${condition} };`, { context: record({ value }) }).gasUsed;
    const sizes = [0, 10, 100, 1_000];
    for (const of of [
      (n: number) => setOf(Array.from({ length: n }, (_, i) => BigInt(i))),
      (n: number) => 'x'.repeat(32 * n),
      (n: number) => record(Object.fromEntries(Array.from({ length: n }, (_, i) => [`f${i}`, 1n]))),
    ]) {
      const spending = sizes.map((n) => spent('context.value == [1]', of(n)));
      expect(spending).toEqual(sizes.map((n) => (spending[0] as number) + weightOf(of(n)) - weightOf(of(0))));
      expect(spending).toEqual([...spending].sort((a, b) => a - b));
    }
    expect(spent(`"" like "${'*'.repeat(3_200)}"`, true) - spent('"" like "*"', true)).toBe(100);
  });

  it('stops weighing where it ends', () => {
    const large = setOf(Array.from({ length: 10_000 }, (_, i) => BigInt(i)));
    expect(weightOf(large)).toBe(10_001);
    expect(weightOf(setOf([large, 1n, 2n]), 100)).toBe(101);
    expect(weightOf(record({ large }), 100)).toBe(101);
  });
});

describe('the price list in the specification', () => {
  const page = readFileSync(new URL('../../docs/specification/gas.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| (\w+) \| ([\d,]+) \|/gm)];
  const prices = Object.fromEntries(rows.map(([, name, gas = '']) => [name, Number(gas.replaceAll(',', ''))]));

  it('is the one that the code charges', () => {
    expect(prices).toEqual({ ...LEDGER_GAS, ...GAS });
    expect(rows).toHaveLength(Object.keys(GAS).length + Object.keys(LEDGER_GAS).length);
  });
});
