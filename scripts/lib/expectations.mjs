import { parseCounts } from './counts.mjs';

const FAILED = { passed: 0, failed: 1 };

/**
 * What a campaign's output has to show, by `expect.kind`. Each judges a finished run and returns
 * `{ passed, failed, problems }`, perhaps with `figures` to print; a run that says nothing, or did not exit 0, never passes.
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

  /**
   * One JSON object of figures on stdout. Those of `expect.zeros` must be 0, those of `expect.minimums` no smaller, those of
   * `expect.maximums` no larger; a name with dots leads inwards. `expect.equal` pairs two of them. All figures are shown: a campaign
   * that shrank, or covers less, is a failure and not a green line.
   */
  campaign({ stdout }, { zeros = ['violations', 'stalled'], minimums = {}, maximums = {}, equal = [] }) {
    const report = parseObject(stdout);
    if (typeof report !== 'object' || report === null) return { ...FAILED, problems: ['no JSON object on stdout'] };
    const figure = (path) => path.split('.').reduce((value, name) => value?.[name], report);
    const rules = [
      ...zeros.map((path) => [path, figure(path) === 0, 'is not 0']),
      ...Object.entries(minimums).map(([path, least]) => [path, figure(path) >= least, `is below ${least}`]),
      ...Object.entries(maximums).map(([path, most]) => [path, figure(path) <= most, `is above ${most}`]),
      ...equal.map(([path, other]) => [path, figure(path) === figure(other) && figure(path) > 0, `is not ${other}`]),
    ];
    const broken = rules.filter(([, holds]) => !holds);
    const problems = broken.map(([path, , how]) => `${path} ${how}: ${JSON.stringify(figure(path))}`);
    if (rules.length === 0) problems.push('nothing was expected of it');
    const { failures: _failures, shrunk: _shrunk, ...figures } = report;
    return {
      passed: rules.length - broken.length,
      failed: problems.length,
      problems,
      figures: JSON.stringify(figures),
    };
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
