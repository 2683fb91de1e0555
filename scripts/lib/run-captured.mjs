import { spawn } from 'node:child_process';

/** Output kept of a command, from its end: enough for a compiler's errors, never a disk's worth. */
const OUTPUT_CHARACTERS_MAX = 1_000_000;
/** Between asking a command that is out of time to end, and ending it. */
const GRACE_MS = 10_000;

/**
 * Runs a command without a terminal, as leader of its own process group, and keeps what it prints. When `timeoutMs` is over,
 * when this process is told to end, or when the leader has ended, what is left of the group is ended too.
 * Never rejects: resolves to `{ ok, how, stdout, output }`, `how` being `exit 0`, a signal's name, or why it never started.
 */
export function run([file, ...args], { cwd, env = process.env, timeoutMs = 0, echo = false } = {}) {
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const killGroup = (signal) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // Nobody is left in the group.
    }
  };

  let stdout = '';
  let output = '';
  const keep = (text) => {
    output = (output + text).slice(-OUTPUT_CHARACTERS_MAX);
    if (echo) process.stderr.write(text);
  };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout = (stdout + text).slice(-OUTPUT_CHARACTERS_MAX);
    keep(text);
  });
  child.stderr.setEncoding('utf8').on('data', keep);

  const forward = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
  const onSignal = (signal) => {
    killGroup('SIGTERM');
    process.exit(forward[signal]);
  };
  for (const signal of Object.keys(forward)) process.on(signal, onSignal);

  let late = false;
  const timers = [];
  const endGroup = () => {
    late = true;
    killGroup('SIGTERM');
    timers.push(setTimeout(killGroup, GRACE_MS, 'SIGKILL'));
  };
  if (timeoutMs > 0) timers.push(setTimeout(endGroup, timeoutMs));

  return new Promise((resolve) => {
    const settle = (how) => {
      for (const timer of timers) clearTimeout(timer);
      for (const signal of Object.keys(forward)) process.off(signal, onSignal);
      const reason = late ? `out of time after ${timeoutMs / 1_000} s` : how;
      resolve({ ok: reason === 'exit 0', how: reason, stdout, output });
    };
    child.once('error', (error) => settle(`could not start ${file}: ${error.message}`));
    child.once('exit', () => killGroup('SIGKILL'));
    child.once('close', (code, signal) => settle(signal ?? `exit ${code}`));
  });
}
