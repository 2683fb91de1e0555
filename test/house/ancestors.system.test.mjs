import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const watched = fileURLToPath(new URL('./fixtures/watched.mjs', import.meta.url));
/** Stands for npm: runs a shell that runs node, as npm does, and passes no signal on. `$0` is node, `$1` this program. */
const npm = `
  const { spawnSync } = require('node:child_process');
  spawnSync('sh', ['-c', '"$0" "$1"; true', process.execPath, ${JSON.stringify(watched)}], { stdio: 'inherit' });
`;
const shell = (script, stdin) =>
  spawn('sh', ['-c', script, process.execPath, npm], { stdio: [stdin, 'pipe', 'inherit'] });

/** The last line that the watched process prints. Its output ends when nobody holds it any more: no process is left. */
async function lastLineAfter(child, signal) {
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('ready')) child.kill(signal);
    last = line;
  }
  return last;
}

describe.skipIf(process.platform === 'win32')('what runs below npm', () => {
  it.each(['SIGTERM', 'SIGKILL'])('ends in order when npm gets %s', async (signal) => {
    const child = spawn(process.execPath, ['-e', npm], { stdio: ['pipe', 'pipe', 'inherit'] });
    expect(await lastLineAfter(child, signal)).toBe('stopped in order');
  });

  const onLinux = it.skipIf(process.platform !== 'linux');

  onLinux.each(['SIGTERM', 'SIGKILL'])('ends in order when the shell that runs npm gets %s', async (signal) => {
    expect(await lastLineAfter(shell('"$0" -e "$1"; true', 'ignore'), signal)).toBe('stopped in order');
  });

  onLinux.each([
    ['another standard input', '"$0" -e "$1" & read -r _', 'pipe'],
    ['other work to do', '"$0" -e "$1" & cat <&3 >&2; true', 'ignore'],
  ])('goes on when the shell that put npm into the background, shown by %s, is gone', async (_, script, stdin) => {
    const child = spawn('sh', ['-c', script, process.execPath, npm], { stdio: [stdin, 'pipe', 'inherit', 'pipe'] });
    let pid = 0;
    let signsOfLife = 0;
    let last = '';
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('ready')) pid = Number(line.split(' ')[1]);
      if (line === 'alive') signsOfLife += 1;
      // Once it has had the time to look at its shell, the shell goes; many looks later it is still there, and we end it.
      if (signsOfLife === 5) {
        child.kill('SIGKILL');
        if (child.signalCode === null) await once(child, 'exit');
      }
      if (signsOfLife === 15) process.kill(pid, 'SIGTERM');
      last = line;
    }
    expect(signsOfLife).toBeGreaterThanOrEqual(15);
    expect(last).toBe('stopped in order');
  });
});
