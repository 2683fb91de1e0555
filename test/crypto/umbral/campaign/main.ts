import { randomInt } from 'node:crypto';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { nativePrimitives } from '../../../../src/node/primitives.ts';
import { runGrant, type Tally } from './round.ts';

const { values } = parseArgs({
  options: {
    reencryptions: { type: 'string', default: '1000' },
    'first-seed': { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const wanted = Number(values.reencryptions);
const firstSeed = values['first-seed'] === 'random' ? randomInt(1_000_000_000) : Number(values['first-seed']);

const tally: Tally = {
  grants: 0,
  reencryptions: 0,
  opened: 0,
  belowThreshold: 0,
  mixed: 0,
  altered: 0,
  judged: 0,
  violations: 0,
};
const primitives = nativePrimitives();
while (tally.reencryptions < wanted) runGrant(primitives, firstSeed + tally.grants, tally);

const report = { primitives: primitives.name, firstSeed, ...tally };
process.stdout.write(
  values.json
    ? `${JSON.stringify(report)}\n`
    : `${Object.entries(report)
        .map(([name, value]) => `${name}: ${value}`)
        .join('\n')}\n`,
);
process.exitCode = tally.violations === 0 ? 0 : 1;
