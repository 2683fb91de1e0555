// `npm run campaign`: the long suites of suites.json, one after the other, each within its seconds.
//   npm run campaign              all of them
//   npm run campaign -- --ci      those marked "ci"
//   npm run campaign -- demo      those named
import { readFileSync } from 'node:fs';
import { bootstrapOrExit } from './bootstrap.mjs';
import { countsLine, sum } from './lib/counts.mjs';
import { judge } from './lib/expectations.mjs';
import { inRoot, ROOT } from './lib/paths.mjs';
import { run } from './lib/run-captured.mjs';

const { campaigns } = JSON.parse(readFileSync(inRoot('scripts', 'suites.json'), 'utf8'));

function chosen(args) {
  const names = args.filter((arg) => !arg.startsWith('--'));
  const unknown = [
    ...args.filter((arg) => arg.startsWith('--') && arg !== '--ci'),
    ...names.filter((name) => !campaigns.some((campaign) => campaign.name === name)),
  ];
  if (unknown.length > 0) {
    console.error(`unknown: ${unknown.join(', ')}; campaigns are ${campaigns.map(({ name }) => name).join(', ')}`);
    process.exit(64);
  }
  const inCi = args.includes('--ci') ? campaigns.filter(({ ci }) => ci === true) : campaigns;
  return names.length === 0 ? inCi : inCi.filter(({ name }) => names.includes(name));
}

async function runCampaign({ name, command, seconds, expect }) {
  console.log(`${name}: at most ${seconds} s`);
  const began = performance.now();
  const outcome = await run(command, { cwd: ROOT, timeoutMs: seconds * 1_000 });
  console.log(`  took ${((performance.now() - began) / 1_000).toFixed(0)} s`);
  const verdict = judge(outcome, expect);
  if (verdict.figures !== undefined) console.log(`  ${verdict.figures}`);
  for (const problem of verdict.problems) console.log(`  FAILED  ${problem}`);
  if (verdict.failed > 0) console.log(outcome.output.trimEnd().split('\n').slice(-40).join('\n'));
  console.log(`  ${countsLine(verdict)}`);
  return verdict;
}

const suites = chosen(process.argv.slice(2));
await bootstrapOrExit();
const counts = [];
for (const suite of suites) counts.push(await runCampaign(suite));
const total = sum(counts);
console.log(`\n${countsLine(total)}`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
