import { describe, expect, it } from 'vitest';
import { benchPolicies } from '../../src/bench/policies/command.ts';
import { measureDeciding } from '../../src/bench/policies/measure.ts';
import { officialEngine } from '../../src/bench/policies/official.ts';
import type { PolicyBenchReport } from '../../src/bench/policies/report.ts';
import { requestsOf } from '../../src/bench/policies/requests.ts';

describe('the bench of policies', () => {
  it('asks for every action, is allowed and denied, and the official engine agrees with every answer', async () => {
    const results: object[] = [];
    const output = { json: true, result: (value: object) => results.push(value), say: () => {} };
    const exitCode = await benchPolicies(output, { warmUpMs: 0, measureMs: 0 });
    const [report] = results as PolicyBenchReport[];
    expect(exitCode).toBe(0);
    expect(report).toMatchObject({ requests: requestsOf().length, disagreements: 0, official: { version: '4.10.0' } });
    expect(report?.allowed).toBeGreaterThan(100);
    expect(report?.allowed).toBeLessThan(requestsOf().length - 100);
  });

  it('hands the official engine a schema that its entities keep to', async () => {
    const policies = { p: 'permit(principal, action, resource);' };
    const engine = await officialEngine(policies, 'entity Patient; action "readRecord";');
    const [request] = requestsOf();
    if (engine === undefined || request === undefined) throw new Error('a development dependency is missing');
    expect(() => engine.decide(request)).toThrow('the official engine refused');
  });

  it('counts each request once, and repeats until there is something to measure', () => {
    const calls = new Map<number, number>();
    const count = (n: number): void => {
      calls.set(n, (calls.get(n) ?? 0) + 1);
    };
    const spread = measureDeciding([1, 2, 3], count, { warmUpMs: 0, measureMs: 2 });
    expect([...calls.keys()]).toEqual([1, 2, 3]);
    expect(Math.min(...calls.values())).toBeGreaterThan(1);
    expect(spread.max).toBeLessThan(100);
    expect(() => measureDeciding([], count, { warmUpMs: 0, measureMs: 0 })).toThrow('nothing to decide');
  });
});
