import { describe, expect, it } from 'vitest';
import { judge } from '../../scripts/lib/expectations.mjs';

describe('what a campaign must show', () => {
  const report = { seeds: 500, violations: 0, stalled: 0, ruleCoverage: { rules: 15, executed: 15, leastSeeds: 40 } };
  const expectation = {
    kind: 'campaign',
    minimums: { seeds: 500, 'ruleCoverage.leastSeeds': 20 },
    equal: [['ruleCoverage.executed', 'ruleCoverage.rules']],
  };
  const judged = (change, ok = true) =>
    judge({ ok, how: 'exit 1', stdout: JSON.stringify({ ...report, ...change }) }, expectation);

  it('holds, and its figures are shown', () => {
    expect(judged({})).toEqual({ passed: 5, failed: 0, problems: [], figures: JSON.stringify(report) });
  });

  it.each([
    ['a violation', { violations: 1 }],
    ['a stall', { stalled: 2 }],
    ['a count that shrank', { seeds: 499 }],
    ['a rule that hardly ran', { ruleCoverage: { ...report.ruleCoverage, leastSeeds: 19 } }],
    ['a rule that never ran', { ruleCoverage: { ...report.ruleCoverage, executed: 14 } }],
    ['no rules at all', { ruleCoverage: { rules: 0, executed: 0, leastSeeds: 20 } }],
    ['a figure that is missing', { seeds: undefined }],
  ])('fails on %s', (_what, change) => {
    expect(judged(change).failed).toBe(1);
  });

  it('fails on a bad exit, on no report, and where nothing is expected', () => {
    expect(judged({}, false).failed).toBe(1);
    expect(judge({ ok: true, how: 'exit 0', stdout: 'all well' }, expectation).failed).toBe(1);
    expect(judge({ ok: true, how: 'exit 0', stdout: '{}' }, { kind: 'campaign', zeros: [] }).failed).toBe(1);
  });
});
