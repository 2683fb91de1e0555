import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';

const POLL_MS = 250;
/** After asking ourselves to end, how long an orderly stop may take before it is cut short. */
const STOP_MS = 15_000;
/** Ancestors looked at; a deeper chain of processes is cut here. */
const ANCESTORS_MAX = 32;

/**
 * Ends this process when the npm that started it is gone, or whoever runs that npm in the foreground. npm runs a script as
 * `npm → sh → node` and passes no signal on when it is killed; nor does a shell. The kernel tells: an orphan gets another
 * parent. So every link of the chain is read again and again.
 */
export function watchAncestors({ onGone = endOurselves } = {}) {
  if (process.platform === 'win32') return;
  let links = chainToWatch();
  const timer = setInterval(() => {
    if (links.some(({ child, parent }) => parentOf(child) !== parent)) {
      clearInterval(timer);
      onGone();
      return;
    }
    // A job in the background is meant to outlive its shell: from that shell on, the chain is none of our business.
    const background = links.findIndex(
      ({ parent, isAbove }) => isAbove && isShell(parent) && runsUsInBackground(parent),
    );
    if (background >= 0) links = links.slice(0, background);
  }, POLL_MS);
  timer.unref();
}

/** SIGTERM takes the same road as a person's; should it lead nowhere, SIGKILL does not. */
function endOurselves() {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), STOP_MS).unref();
  process.kill(process.pid, 'SIGTERM');
}

/** The links up to npm, our first ancestor that is no shell; above it, those in our process group, which acts as one. */
function chainToWatch() {
  const links = [];
  let child = process.pid;
  let isAbove = false;
  while (links.length < ANCESTORS_MAX) {
    const parent = parentOf(child);
    if (parent === undefined || parent <= 1) break;
    if (isAbove && statusOf(parent)?.group !== statusOf(process.pid)?.group) break;
    links.push({ child, parent, isAbove });
    isAbove ||= !isShell(parent);
    child = parent;
  }
  return links;
}

/**
 * Whether a shell of our own process group goes on with its script while we run. It shows in two ways: such a shell gives the
 * job `/dev/null` for standard input in place of its own (POSIX, "Asynchronous Lists"), and it has other children meanwhile.
 * Only Linux lets us look; elsewhere a shell counts as having nothing else to do.
 */
function runsUsInBackground(shell) {
  try {
    const inputOf = (pid) => readlinkSync(`/proc/${pid}/fd/0`);
    if (inputOf(process.pid) === '/dev/null' && inputOf(shell) !== '/dev/null') return true;
    return readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim().includes(' ');
  } catch {
    return false;
  }
}

const parentOf = (pid) => (pid === process.pid ? process.ppid : statusOf(pid)?.parent);

/** Linux: /proc, a few microseconds. Elsewhere ps, a few milliseconds. Undefined when the process is gone. */
function statusOf(pid) {
  try {
    if (process.platform !== 'linux') {
      const [parent, group] = ps(pid, 'ppid=,pgid=').split(/\s+/).map(Number);
      return { parent, group };
    }
    // The second field is the name in brackets and may hold anything, so fields are counted from the last bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(parent), group: Number(group) };
  } catch {
    return undefined;
  }
}

function isShell(pid) {
  try {
    const name = process.platform === 'linux' ? readFileSync(`/proc/${pid}/comm`, 'utf8') : ps(pid, 'comm=');
    return /^(.*\/)?-?(ba|da|a|z|k)?sh$/.test(name.trim());
  } catch {
    return false;
  }
}

const ps = (pid, fields) => execFileSync('ps', ['-o', fields, '-p', String(pid)], { encoding: 'utf8' }).trim();
