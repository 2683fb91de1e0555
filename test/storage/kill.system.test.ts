import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { ChainStore } from '../../src/storage/chain-store.ts';
import { sha256 } from '../../src/storage/checksum.ts';
import { initialiseDataFolder, openDataFolder } from '../../src/storage/data-folder.ts';
import { SigningStateFile } from '../../src/storage/signing-state-file.ts';
import { accepted, primitives, readLink, temporaryFolder } from './support.ts';

const KILLS = 3;
const chainId = sha256(utf8('genesis'));
const writer = fileURLToPath(new URL('./kill-writer.ts', import.meta.url));

/** Runs the writer on the folder until it has reported some blocks, then SIGKILL. Answers the last height reported. */
async function writeUntilKilled(path: string, reports: number): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', writer, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let last = -1;
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    if (++seen === reports) child.kill('SIGKILL');
  }
  await ended;
  expect(seen).toBeGreaterThanOrEqual(reports);
  return last;
}

it('keeps every block and signing state it acknowledged, however often the process is killed', async () => {
  const path = join(await temporaryFolder(), 'node');
  await (await initialiseDataFolder(path, chainId)).close();
  for (let kill = 0; kill < KILLS; kill++) {
    const acknowledged = await writeUntilKilled(path, 5 + 7 * kill);
    const folder = await openDataFolder(path, chainId);
    const store = await ChainStore.open({ primitives, readLink, open: folder.openChain });
    const tip = store.verifyTip({ blocks: 1_000 })?.height ?? -1;
    // The block after the last report may have been written, and no other.
    expect([acknowledged, acknowledged + 1]).toContain(tip);
    for (let height = 0; height <= tip; height++)
      expect(accepted(store.stateValueAt('height', height as never))).toEqual(utf8(`${height}`));
    const signing = await SigningStateFile.open(folder.signingStatePath, { chainHasBlocks: true });
    expect([`${acknowledged}`, `${acknowledged + 1}`]).toContain(Buffer.from(signing.state ?? []).toString());
    await signing.close();
    await store.close();
    await folder.close();
  }
});
