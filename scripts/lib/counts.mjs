/** What a suite reports: how many checks held and how many did not. */
export const sum = (counts) => ({
  passed: counts.reduce((total, { passed }) => total + passed, 0),
  failed: counts.reduce((total, { failed }) => total + failed, 0),
  skipped: counts.reduce((total, { skipped = 0 }) => total + skipped, 0),
});

/** The line every suite ends with. `.ci/run` reads its first two numbers. */
export const countsLine = ({ passed, failed, skipped = 0 }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

/** Reads a suite's last counts line; undefined where it printed none, which is a failure of the suite. */
export function parseCounts(output) {
  const lines = [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)];
  const last = lines.at(-1);
  return last && { passed: Number(last[1]), failed: Number(last[2]), skipped: Number(last[3] ?? 0) };
}

/**
 * Counts of a vitest run from its JSON report. A file that broke before its tests, and an error outside every test, are in
 * no count of vitest's: each is one failure here, so that a red run never counts as green.
 */
export function vitestCounts(report, succeeded) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  ).length;
  const failed = report.numFailedTests + broken;
  return {
    passed: report.numPassedTests,
    failed: succeeded || failed > 0 ? failed : 1,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
