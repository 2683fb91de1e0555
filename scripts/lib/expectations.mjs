import { parseCounts } from './counts.mjs';

const FAILED = { passed: 0, failed: 1 };

/**
 * What a campaign's output has to show, by `expect.kind`. Each judges a finished run and returns
 * `{ passed, failed, problems }`; a run that says nothing, or did not exit 0, never passes.
 */
const KINDS = {
  /** One JSON object `{ ok, checks: [{ name, ok, detail }] }` on stdout; every check of `expect.names` is among them. */
  checks({ stdout }, { names = [] }) {
    const report = parseObject(stdout);
    if (!Array.isArray(report?.checks)) return { ...FAILED, problems: ['no JSON object with checks on stdout'] };
    const bad = report.checks.filter(({ ok }) => ok !== true);
    const missing = names.filter((name) => !report.checks.some((check) => check.name === name));
    const problems = [
      ...bad.map(({ name, detail }) => `${name}: ${JSON.stringify(detail)}`),
      ...missing.map((name) => `${name}: not among the checks`),
    ];
    if (problems.length === 0 && report.ok !== true) problems.push('"ok" is not true');
    return { passed: report.checks.length - bad.length, failed: problems.length, problems };
  },

  /** A last line `N passed, N failed`. */
  counts({ stdout }) {
    const counts = parseCounts(stdout);
    return counts === undefined ? { ...FAILED, problems: ['no counts printed'] } : { ...counts, problems: [] };
  },
};

export function judge(outcome, expect) {
  const kind = Object.hasOwn(KINDS, expect?.kind ?? '') ? KINDS[expect.kind] : undefined;
  if (kind === undefined) return { ...FAILED, problems: [`no expectation of kind ${JSON.stringify(expect?.kind)}`] };
  const verdict = kind(outcome, expect);
  if (outcome.ok || verdict.failed > 0) return verdict;
  return { ...verdict, failed: 1, problems: [outcome.how] };
}

function parseObject(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
