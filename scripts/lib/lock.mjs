import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rmdir, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

/** The holder touches its token this often; a token untouched for `STALE_MS` belongs to a process that died. */
const HEARTBEAT_MS = 1_000;
const STALE_MS = 10_000;
const POLL_MS = 100;

/**
 * Runs `work` while holding the lock directory `path`. `mkdir` decides who holds it; the token file inside decides who may
 * break it. Breaking unlinks the very token that was seen not to move, so two waiters cannot break each other's fresh lock.
 */
export async function withLock(path, work, { onWait = () => {}, staleMs = STALE_MS } = {}) {
  const token = await acquire(path, onWait, staleMs);
  const heartbeat = setInterval(() => utimes(token, new Date(), new Date()).catch(() => {}), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await unlink(token).catch(() => {});
    await rmdir(path).catch(() => {});
  }
}

async function acquire(path, onWait, staleMs) {
  const token = join(path, randomUUID());
  let seen;
  let waited = false;
  for (;;) {
    try {
      await mkdir(path);
      await writeFile(token, '');
      return token;
    } catch (error) {
      // EEXIST: somebody holds it. ENOENT: our empty directory was taken for a dead one's before the token was in it.
      if (error.code !== 'EEXIST' && error.code !== 'ENOENT') throw error;
    }
    if (!waited) onWait();
    waited = true;
    const pulse = await pulseOf(path);
    // Staleness is measured on our own clock: a laptop that slept, or a shared disk with another clock, breaks no live lock.
    if (seen?.pulse !== pulse) seen = { pulse, sinceMs: performance.now() };
    else if (performance.now() - seen.sinceMs > staleMs) await breakLock(path, pulse);
    await delay(POLL_MS);
  }
}

/** The token's name and time, which change while the holder lives. Empty: no lock, or one without a token yet. */
async function pulseOf(path) {
  try {
    const [name] = await readdir(path);
    return name === undefined ? '' : `${name} ${(await stat(join(path, name))).mtimeMs}`;
  } catch {
    return '';
  }
}

async function breakLock(path, pulse) {
  const [name] = pulse.split(' ');
  if (name !== '') await unlink(join(path, name)).catch(() => {});
  await rmdir(path).catch(() => {});
}
