// `npm run docs:errors`: writes docs/errors.md from every `codes.ts` of src/. With --check it writes nothing and exits 1 when
// the page is not what it would write. It reads the TypeScript through tsx, so that it needs no build.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { tsImport } from 'tsx/esm/api';
import { filesBelow } from './lib/fingerprint.mjs';
import { inRoot, ROOT } from './lib/paths.mjs';

const PAGE = inRoot('docs', 'errors.md');
const PREAMBLE = `# Errors

Everything Carechain refuses, it refuses with one of these codes. They are the same in code, in receipts and over HTTP
(\`{ "code", "detail" }\` with the status below), and never change their meaning. Written by \`npm run docs:errors\` from the
\`codes.ts\` of each folder; do not edit by hand.
`;

/** The exports of a codes.ts that `defineCodes` made: code → { status, meaning }. */
const tablesOf = (module) =>
  Object.values(module).filter(
    (value) =>
      typeof value === 'object' && value !== null && Object.values(value).every((entry) => 'meaning' in Object(entry)),
  );

const inCell = (text) => text.replaceAll('|', '\\|');
const row = ([code, { status, meaning }]) => `| \`${code}\` | ${status} | ${inCell(meaning)} |`;
const byCode = ([a], [b]) => (a < b ? -1 : 1);

async function render() {
  const sections = [];
  for (const path of filesBelow([inRoot('src')]).filter((name) => /[\\/]codes\.ts$/.test(name))) {
    const module = await tsImport(pathToFileURL(path).href, import.meta.url);
    const codes = tablesOf(module).flatMap(Object.entries).sort(byCode);
    const folder = relative(ROOT, dirname(path)).replaceAll('\\', '/');
    sections.push(`\n## ${folder}\n\n| code | HTTP | meaning |\n|---|---|---|\n${codes.map(row).join('\n')}\n`);
  }
  return PREAMBLE + sections.join('');
}

function readOrEmpty(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const page = await render();
if (!process.argv.includes('--check')) {
  mkdirSync(dirname(PAGE), { recursive: true });
  writeFileSync(PAGE, page);
} else if (readOrEmpty(PAGE) !== page) {
  console.error('docs/errors.md is not what the codes say; run `npm run docs:errors`');
  process.exitCode = 1;
}
