// Files through a consortium of real processes, register → grant → read, byte for byte.
//   node scripts/records-campaign.mjs [folder …] [--json]
// Without folders: the 16 files of data/synthea-r4 and data/documents in CARECHAIN_FIXTURES; where that is not set, four files of our own
// (with CARECHAIN_REQUIRE_FIXTURES=1 nothing). Exit code 1 where a byte differs, a file is missing, or a read went through ungranted.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrapOrExit } from './bootstrap.mjs';
import { inRoot } from './lib/paths.mjs';

const PUBLIC_FILES = 16;
/** Around the bounds of a chunk of 16 KiB, and nothing at all. */
const OWN_SIZES = [0, 16_384, 16_385, 1_048_577];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
});

const own = mkdtempSync(join(tmpdir(), 'carechain-own-records-'));
process.on('exit', () => rmSync(own, { recursive: true, force: true }));

/** The folders, and how many files there must be. */
function chosen() {
  const { CARECHAIN_FIXTURES: fixtures, CARECHAIN_REQUIRE_FIXTURES: required } = process.env;
  if (positionals.length > 0) return { folders: positionals, wanted: 1 };
  if (fixtures)
    return { folders: ['synthea-r4', 'documents'].map((name) => join(fixtures, 'data', name)), wanted: PUBLIC_FILES };
  if (required === '1') {
    console.error('CARECHAIN_REQUIRE_FIXTURES=1, but CARECHAIN_FIXTURES names no folder');
    process.exit(64);
  }
  for (const bytes of OWN_SIZES) writeFileSync(join(own, `${bytes}-bytes`), randomBytes(bytes));
  return { folders: [own], wanted: OWN_SIZES.length };
}

const { folders, wanted } = chosen();
await bootstrapOrExit();
const { runRecords } = await import(inRoot('dist', 'src', 'bench', 'records', 'run-records.js'));
const report = await runRecords(folders);
const missing = Math.max(0, wanted - report.files);
const holds = missing === 0 && report.differing === 0 && report.readUngranted === 0;
if (values.json) console.log(JSON.stringify({ ...report, missing, holds }));
else {
  const { files, hospitals, plaintextBytes, registerSeconds, grantSeconds, readSeconds } = report;
  console.log(
    `${files} files, ${plaintextBytes} bytes, ${hospitals} hospitals: ${holds ? 'the same bytes' : 'DIFFER'}`,
  );
  console.log(`  registered in ${registerSeconds} s, granted in ${grantSeconds} s, read in ${readSeconds} s`);
}
process.exitCode = holds ? 0 : 1;
