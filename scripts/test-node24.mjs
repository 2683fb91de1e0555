// `npm run test:node24`: the same tests on Node 24, whose binary comes as the npm package `node`. Kept inside node_modules,
// outside this project's own dependencies: nobody needs a second Node to run Carechain.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { bootstrapOrExit } from './bootstrap.mjs';
import { inRoot } from './lib/paths.mjs';
import { run } from './lib/run-captured.mjs';

const MAJOR = 24;
const FOLDER = inRoot('node_modules', '.cache', `node${MAJOR}`);
const BIN = join(FOLDER, 'node_modules', 'node', 'bin');
const NODE = join(BIN, process.platform === 'win32' ? 'node.exe' : 'node');

const versionOf = (file) => spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? '';
const isThere = () => versionOf(NODE).startsWith(`v${MAJOR}.`);

async function install() {
  mkdirSync(FOLDER, { recursive: true });
  // The package fetches the binary of this platform in its own install script, which npm runs only where it is allowed.
  const manifest = { private: true, dependencies: { node: `^${MAJOR}` }, allowScripts: { node: true } };
  writeFileSync(join(FOLDER, 'package.json'), JSON.stringify(manifest));
  process.stderr.write(`carechain: installing Node ${MAJOR}\n`);
  const outcome = await run(['npm', 'install', '--prefix', FOLDER, '--no-package-lock', '--loglevel=error'], {
    cwd: FOLDER,
  });
  if (outcome.ok && isThere()) return;
  process.stderr.write(`carechain: Node ${MAJOR} could not be installed (${outcome.how})\n${outcome.output}\n`);
  process.exit(70);
}

await bootstrapOrExit({ build: false });
if (!isThere()) await install();
console.log(`Node ${versionOf(NODE)}`);

// First on the path, so that whatever the tests start is this Node too.
const env = { ...process.env, PATH: `${BIN}${delimiter}${process.env.PATH ?? ''}` };
const { status } = spawnSync(NODE, [inRoot('scripts', 'test.mjs'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  env,
});
process.exitCode = status ?? 1;
