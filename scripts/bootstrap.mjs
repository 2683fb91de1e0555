// Makes a fresh clone work: checks Node, installs packages, builds `dist/`. Node built-ins only, since nothing is installed
// yet when it runs. Everything it says goes to stderr: stdout belongs to the command that called it.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { fingerprint } from './lib/fingerprint.mjs';
import { withLock } from './lib/lock.mjs';
import { inRoot, ROOT } from './lib/paths.mjs';
import { run } from './lib/run-captured.mjs';

const NODE_MINIMUM = [20, 19];
const LOCK = inRoot('.bootstrap.lock');
const INSTALL_STAMP = inRoot('node_modules', '.carechain-installed');
const BUILD_STAMP = inRoot('dist', '.carechain-built');
const BUILD_INPUTS = ['src', 'bin', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

/** A step of the set-up failed; its message says everything a person needs, so callers print no stack. */
export class BootstrapError extends Error {
  code = 'bootstrap.failed';
}

const say = (text) => process.stderr.write(`carechain: ${text}\n`);

const readOrEmpty = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

const isInstalled = () => readOrEmpty(INSTALL_STAMP) === fingerprint(ROOT, ['package-lock.json']) || adoptInstalled();
const isBuilt = () => readOrEmpty(BUILD_STAMP) === fingerprint(ROOT, BUILD_INPUTS);

/** Installs and builds what is missing or stale. Quick when there is nothing to do; safe when two processes call it at once. */
export async function bootstrap({ build = true } = {}) {
  checkNode();
  const isReady = () => isInstalled() && (!build || isBuilt());
  if (isReady()) return;
  await withLock(
    LOCK,
    async () => {
      if (!isInstalled()) await install();
      if (build && !isBuilt()) await compile();
    },
    { onWait: () => say('another process is setting up; waiting for it') },
  );
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [wantMajor, wantMinor] = NODE_MINIMUM;
  if (major > wantMajor || (major === wantMajor && minor >= wantMinor)) return;
  throw new BootstrapError(`Node ${NODE_MINIMUM.join('.')} or newer is needed; this is ${process.versions.node}`);
}

/**
 * True when npm itself already installed exactly what the lock file asks for (`npm ci`, `npm install` by hand), read from the
 * record npm keeps in node_modules. Packages for other platforms are optional and may be absent.
 */
function adoptInstalled() {
  const installed = readOrEmpty(inRoot('node_modules', '.package-lock.json'));
  if (installed === '') return false;
  const have = JSON.parse(installed).packages;
  const want = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8')).packages;
  const same = Object.entries(want).every(([path, entry]) => {
    if (path === '') return true;
    return path in have ? have[path].integrity === entry.integrity : entry.optional === true;
  });
  if (same) writeFileSync(INSTALL_STAMP, fingerprint(ROOT, ['package-lock.json']));
  return same;
}

async function install() {
  say('installing packages (npm ci), the first time this takes a minute');
  const stamp = fingerprint(ROOT, ['package-lock.json']);
  // Below `npm run` this is npm's own script, run by this very Node; otherwise npm is found on the path.
  const npm = process.env.npm_execpath?.endsWith('npm-cli.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const outcome = await run([...npm, 'ci', '--include=dev', '--loglevel=error'], { cwd: ROOT });
  if (!outcome.ok) throw new BootstrapError(`npm ci failed (${outcome.how}); it said:\n${outcome.output}`);
  writeFileSync(INSTALL_STAMP, stamp);
}

async function compile() {
  say('building');
  // Taken before the compiler reads: a file saved while it runs makes the next start build again.
  const stamp = fingerprint(ROOT, BUILD_INPUTS);
  const tsc = inRoot('node_modules', 'typescript', 'bin', 'tsc');
  const outcome = await run([process.execPath, tsc, '-p', 'tsconfig.build.json'], { cwd: ROOT });
  if (!outcome.ok) throw new BootstrapError(`the build failed (${outcome.how}); the compiler said:\n${outcome.output}`);
  writeFileSync(BUILD_STAMP, stamp);
}

/** Calls `bootstrap`, and on failure says why and ends the process with 70 (internal). */
export async function bootstrapOrExit(options) {
  try {
    await bootstrap(options);
  } catch (error) {
    say(error instanceof BootstrapError ? error.message : String(error?.stack ?? error));
    process.exit(70);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await bootstrapOrExit();
