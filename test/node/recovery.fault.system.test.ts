import { copyFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { SILENT_LOGGER } from '../../src/node/logger.ts';
import { createNode } from '../../src/node/node.ts';
import { ChainStore } from '../../src/storage/chain-store.ts';
import { StorageError } from '../../src/storage/errors.ts';
import { type Hospital, makeConsortium, memoryNetworks, primitives, RunningConsortium } from '../support/consortium.ts';

const SIGNING_FILE = 'signing-state';

async function runningFour(): Promise<RunningConsortium> {
  const running = await RunningConsortium.make(makeConsortium(4));
  await running.startAll();
  await running.reached(2);
  return running;
}

/** A node that must not sign still follows: the others finalise, and it has every block. */
async function expectFollower(running: RunningConsortium, number: number, code: string): Promise<void> {
  await running.reached(running.heightOf(number) + 4, 40_000);
  const { service } = running.node(number);
  expect(service.readiness()).toEqual({ ready: true, code });
  expect(await service.metrics()).toContain('carechain_node_signs 0');
  expect((await running.hashesAt(running.heightOf(1) - 1)).size).toBe(1);
}

it('follows and never signs again after its signing record was lost', async () => {
  const running = await runningFour();
  await running.stop(4);
  await rm(join(running.folderOf(4), SIGNING_FILE));
  await running.start(4);
  await expectFollower(running, 4, 'signing-record.lost');
});

it('follows and never signs again with a signing record from an old backup', async () => {
  const running = await runningFour();
  await running.stop(4);
  const path = join(running.folderOf(4), SIGNING_FILE);
  await copyFile(path, `${path}.backup`);
  await running.start(4);
  await running.reached(running.heightOf(1) + 3);
  await running.stop(4);
  await copyFile(`${path}.backup`, path);
  await rm(`${path}.backup`);
  await running.start(4);
  await expectFollower(running, 4, 'signing-record.outdated');
});

it('follows and never signs again after its signing record was damaged', async () => {
  const running = await runningFour();
  await running.stop(4);
  await writeFile(join(running.folderOf(4), SIGNING_FILE), 'x');
  await running.start(4);
  await expectFollower(running, 4, 'signing-record.lost');
});

it('stops with the code of a failed write, and goes on from the disk when it is started again', async () => {
  const running = await runningFour();
  const failing = vi
    .spyOn(ChainStore.prototype, 'commitBlock')
    .mockRejectedValueOnce(new StorageError('storage.write-failed', { cause: 'ENOSPC' }));
  onTestFinished(() => failing.mockRestore());
  const halts = running.nodes.map(async ({ halted }, i) => ({ ...(await halted), number: i + 1 }));
  const { code, number } = await Promise.race(halts);
  expect(code).toBe('storage.write-failed');
  const { service } = running.node(number);
  expect(service.readiness()).toEqual({ ready: false, code: 'storage.write-failed' });
  expect(await service.submit([new Uint8Array(1)])).toMatchObject([{ ok: false, rejection: { code: 'node.stopped' } }]);

  await running.stop(number);
  await running.start(number);
  await running.reached(running.heightOf(number) + 2, 40_000);
  expect((await running.hashesAt(running.heightOf(1) - 1)).size).toBe(1);
});

it('refuses the folder of another chain, and a folder in use', async () => {
  const running = await runningFour();
  await running.stop(4);
  const open = (genesisText: string, number: number) => {
    const hospital = running.consortium.hospitals[number - 1] as Hospital;
    return createNode({
      dataFolder: running.folderOf(number),
      genesisText,
      keys: hospital.keys,
      primitives,
      network: memoryNetworks()(running.consortium, hospital),
      logger: SILENT_LOGGER,
    });
  };
  const other = makeConsortium(4, { parameters: { heartbeatMs: 777 } });
  await expect(open(other.genesisText, 4)).rejects.toMatchObject({ code: 'storage.foreign-chain' });
  await expect(open(running.consortium.genesisText, 1)).rejects.toMatchObject({ code: 'storage.locked' });
  // Neither attempt left a lock or a handle behind.
  await running.start(4);
  await running.reached(running.heightOf(4) + 1);
});
