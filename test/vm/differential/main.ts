import { parseArgs } from 'node:util';
import { campaign } from './campaign.ts';

/** Behind `node scripts/cedar-differential.mjs`: 0 where both engines agree, 1 where not, 64 usage. */
const USAGE = 'usage: cedar-differential --cases <n> --first-seed <n|random> [--json]';
const CASES_MAX = 100_000_000;
const SEED_MAX = 0xffff_ffff;

function optionsOf(args: readonly string[]): {
  readonly cases: number;
  readonly firstSeed: number;
  readonly json: boolean;
} {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cases: { type: 'string', default: '20000' },
      'first-seed': { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  });
  const cases = whole(values.cases, CASES_MAX);
  const firstSeed = values['first-seed'] === 'random' ? randomSeed() : whole(values['first-seed'], SEED_MAX);
  return { cases, firstSeed, json: values.json };
}

function whole(text: string, max: number): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) > max) throw new TypeError(`${text} is no whole number up to ${max}`);
  return Number(text);
}

const randomSeed = (): number => Math.floor(Math.random() * (SEED_MAX / 2));

function main(): number {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  let options: ReturnType<typeof optionsOf>;
  try {
    options = optionsOf(process.argv.slice(2));
  } catch (error) {
    say(`${(error as Error).message}\n${USAGE}`);
    return 64;
  }
  const report = campaign({ ...options, say });
  process.stdout.write(`${options.json ? JSON.stringify(report) : JSON.stringify(report, null, 2)}\n`);
  return report.disagreements === 0 ? 0 : 1;
}

process.exitCode = main();
