// A large study from file to file through a consortium of real processes, and the memory that each process needed for it.
//   node scripts/stream-campaign.mjs --gib 2 --hospitals 2 [--json]
// Exit code 1 where a byte differs or a process ever held more than the limit (--limit-mib, 150 by default).
import { parseArgs } from 'node:util';
import { bootstrapOrExit } from './bootstrap.mjs';
import { inRoot } from './lib/paths.mjs';

const { values } = parseArgs({
  options: {
    gib: { type: 'string' },
    mib: { type: 'string', default: '256' },
    hospitals: { type: 'string', default: '2' },
    'limit-mib': { type: 'string', default: '150' },
    json: { type: 'boolean', default: false },
  },
});
const mib = values.gib === undefined ? Number(values.mib) : 1_024 * Number(values.gib);
const limitMib = Number(values['limit-mib']);

await bootstrapOrExit();
const { runStream } = await import(inRoot('dist', 'src', 'bench', 'stream', 'run-stream.js'));
const report = await runStream({ mib, hospitals: Number(values.hospitals) });
const over = report.memory.filter(({ peakMib }) => peakMib >= limitMib);
const holds = report.isSame && over.length === 0;
if (values.json) console.log(JSON.stringify({ ...report, limitMib, holds }));
else {
  const { writeSeconds, replicateSeconds, readSeconds } = report;
  console.log(`${mib} MiB, ${report.hospitals} hospitals: ${report.isSame ? 'the same bytes' : 'OTHER BYTES'}`);
  console.log(
    `  written and stored in ${writeSeconds} s, everywhere ${replicateSeconds} s later, read in ${readSeconds} s`,
  );
  for (const { process, baseMib, peakMib } of report.memory)
    console.log(`  ${process}: ${baseMib} MiB before, at most ${peakMib} MiB${peakMib < limitMib ? '' : '  TOO MUCH'}`);
}
process.exitCode = holds ? 0 : 1;
