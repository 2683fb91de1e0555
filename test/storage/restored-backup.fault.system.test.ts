import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { decodeCertificate } from '../../src/consensus/certificate.ts';
import { type Hospital, makeConsortium, RunningConsortium, temporaryFolder } from '../support/consortium.ts';
import { until } from '../support/until.ts';

/** Four hospitals; the fourth has a backup of its folder from some blocks ago, and is stopped. */
async function withBackup(): Promise<{ running: RunningConsortium; folder: string; backup: string }> {
  const running = await RunningConsortium.make(makeConsortium(4, { parameters: { heartbeatMs: 80 } }));
  await running.startAll();
  await running.reached(3);
  await running.stop(4);
  const folder = running.folderOf(4);
  const backup = join(await temporaryFolder(), 'backup');
  await cp(folder, backup, { recursive: true });
  await running.start(4);
  await running.reached(running.heightOf(1) + 8);
  await running.stop(4);
  return { running, folder, backup };
}

const restore = async (from: string, to: string, ...names: readonly string[]): Promise<void> => {
  for (const name of names) await rm(join(to, name), { recursive: true, force: true });
  for (const name of names) await cp(join(from, name), join(to, name), { recursive: true });
};

/** Hospital 4 has the others' blocks. */
async function follows(running: RunningConsortium): Promise<void> {
  const height = running.heightOf(1) + 4;
  await running.reached(height, 40_000);
  expect((await running.hashesAt(height)).size).toBe(1);
}

/** The chain goes on with hospital 4 as the third of three: so its votes count. */
async function itsVotesCount(running: RunningConsortium): Promise<void> {
  await running.stop(3);
  await running.reached(running.heightOf(1) + 3, 40_000);
}

it('an old chain with the newest signing state is brought up to date, and the hospital votes again', async () => {
  const { running, folder, backup } = await withBackup();
  await restore(backup, folder, 'chain', 'blobs');
  await running.start(4);
  await follows(running);
  expect(running.node(4).service.readiness()).toEqual({ ready: true, code: null });
  await itsVotesCount(running);
});

it('a chain that was thrown away is fetched again beside the signing state, and the hospital votes again', async () => {
  const { running, folder } = await withBackup();
  for (const name of ['chain', 'blobs', 'CHAIN', 'FORMAT']) await rm(join(folder, name), { recursive: true });
  await running.start(4);
  await follows(running);
  expect(running.node(4).service.readiness()).toEqual({ ready: true, code: null });
  await itsVotesCount(running);
});

it('the signing state alone from an old backup is refused: the hospital follows', async () => {
  const { running, folder, backup } = await withBackup();
  await restore(backup, folder, 'signing-state');
  await running.start(4);
  await follows(running);
  expect(running.node(4).service.readiness()).toEqual({ ready: true, code: 'signing-record.outdated' });
});

/** Whether hospital 4 signed the certificate of any block above `height`, as hospital 1 has it. */
async function signedAbove(running: RunningConsortium, height: number): Promise<boolean> {
  const id = toHex((running.consortium.hospitals[3] as Hospital).id);
  for (let at = height + 1; at <= running.heightOf(1); at++) {
    const stored = await running.node(1).service.block(at as never);
    const certificate = decodeCertificate(stored?.certificate ?? new Uint8Array(0));
    if (certificate.ok && certificate.value.signatures.some(({ validator }) => toHex(validator) === id)) return true;
  }
  return false;
}

const OUTDATED = { ready: true, code: 'signing-record.outdated' };

/** Nothing in such a folder is out of step: only the blocks that it fetches show that its key signed above its record. */
const RESTORED = [
  ['a whole folder from an old backup', ['chain', 'blobs', 'signing-state']],
  ['an empty folder with its old keys', []],
] as const;

async function restored(names: readonly string[]): Promise<RunningConsortium> {
  const { running, folder, backup } = await withBackup();
  expect(await signedAbove(running, 4)).toBe(true);
  for (const name of ['chain', 'blobs', 'CHAIN', 'FORMAT', 'signing-state'])
    if (names.length === 0) await rm(join(folder, name), { recursive: true });
  await restore(backup, folder, ...names);
  await running.start(4);
  await follows(running);
  await until(() => running.node(4).service.readiness().code !== null, {
    timeoutMs: 2_000,
    what: 'hospital 4 signs no more',
  });
  return running;
}

it.each(RESTORED)('%s is found out by the blocks of the others: the hospital follows', async (_name, names) => {
  const running = await restored(names);
  expect(running.node(4).service.readiness()).toEqual(OUTDATED);
});

it.each(RESTORED)(
  '%s stays found out when the hospital starts again: its blocks are no news then',
  async (_, names) => {
    const running = await restored(names);
    await running.stop(4);
    await running.start(4);
    await follows(running);
    expect(running.node(4).service.readiness()).toEqual(OUTDATED);
  },
);
