import { spawnSync } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { sha256 } from '../../src/storage/checksum.ts';
import { initialiseDataFolder, isInitialised, openDataFolder } from '../../src/storage/data-folder.ts';
import { metaKey } from '../../src/storage/key-space.ts';
import { put } from '../../src/storage/kv.ts';
import { codeOf, temporaryFolder } from './support.ts';

const chainId: Hash = sha256(utf8('genesis'));

async function initialised(): Promise<string> {
  const path = join(await temporaryFolder(), 'node');
  await (await initialiseDataFolder(path, chainId)).close();
  return path;
}

/** A process that existed and does no more. */
const deadPid = (): number => spawnSync(process.execPath, ['--version']).pid;

describe('a data folder', () => {
  it('is initialised once, then opens with what was stored', async () => {
    const path = join(await temporaryFolder(), 'node');
    expect(await isInitialised(path)).toBe(false);
    const made = await initialiseDataFolder(path, chainId);
    expect(await isInitialised(path)).toBe(true);
    const chain = await made.openChain();
    await chain.batch([put(metaKey('tip'), utf8('x'))], { sync: true });
    await chain.close();
    await made.close();
    expect((await readdir(path)).sort()).toEqual(['CHAIN', 'FORMAT', 'blobs', 'chain']);

    const again = await openDataFolder(path, chainId);
    const reopened = await again.openChain();
    expect(reopened.getSync(metaKey('tip'))).toEqual(utf8('x'));
    await reopened.close();
    await (await again.openBlobs()).close();
    await again.close();
    expect(await codeOf(() => initialiseDataFolder(path, chainId))).toBe('storage.already-initialised');
  });

  it('is never created by opening, nor over other files', async () => {
    const folder = await temporaryFolder();
    expect(await codeOf(() => openDataFolder(join(folder, 'none'), chainId))).toBe('storage.not-initialised');
    expect(await codeOf(() => openDataFolder(folder, chainId))).toBe('storage.not-initialised');
    await writeFile(join(folder, 'holiday.jpg'), 'x');
    expect(await codeOf(() => initialiseDataFolder(folder, chainId))).toBe('storage.folder-not-empty');
    expect(await readdir(folder)).toEqual(['holiday.jpg']);
  });

  it('is initialised beside the files of its host', async () => {
    const folder = await temporaryFolder();
    for (const name of ['genesis.json', 'node.json', 'keys.json', 'node.log']) await writeFile(join(folder, name), 'x');
    await (await initialiseDataFolder(folder, chainId)).close();
    expect(await readFile(join(folder, 'keys.json'), 'utf8')).toBe('x');
  });

  it('begins an initialisation again that was cut short, and opens none', async () => {
    const path = await initialised();
    await rm(join(path, 'FORMAT'));
    expect(await codeOf(() => initialiseDataFolder(path, chainId))).toBe('storage.folder-not-empty');
    await writeFile(join(path, 'INITIALISING'), '');
    expect(await codeOf(() => openDataFolder(path, chainId))).toBe('storage.not-initialised');
    await (await initialiseDataFolder(path, chainId)).close();
    await (await openDataFolder(path, chainId)).close();
  });

  it('refuses a newer format, an older one, and a file that is no format', async () => {
    const path = await initialised();
    const codeWith = async (text: string) => {
      await writeFile(join(path, 'FORMAT'), text);
      return codeOf(() => openDataFolder(path, chainId));
    };
    expect(await codeWith('carechain-data 3\n')).toBe('storage.format-newer');
    for (const text of [
      'carechain-data 0\n',
      'carechain-data 1\n',
      'carechain-data 2',
      'carechain-data one\n',
      '',
      'geth 1\n',
    ])
      expect(await codeWith(text)).toBe('storage.format-unknown');
    expect(await codeWith('carechain-data 2\n')).toBe('nothing thrown');
  });

  it('refuses another chain, and a damaged chain file', async () => {
    const path = await initialised();
    expect(await codeOf(() => openDataFolder(path, sha256(utf8('another'))))).toBe('storage.foreign-chain');
    await writeFile(join(path, 'CHAIN'), 'x'.repeat(65));
    expect(await codeOf(() => openDataFolder(path, chainId))).toBe('storage.format-unknown');
  });
});

describe('the lock of a data folder', () => {
  it('admits one holder at a time, also within one process', async () => {
    const path = await initialised();
    const tries = await Promise.allSettled([openDataFolder(path, chainId), openDataFolder(path, chainId)]);
    expect(tries.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    for (const each of tries) if (each.status === 'fulfilled') await each.value.close();
    const first = await openDataFolder(path, chainId);
    expect(await codeOf(() => openDataFolder(path, chainId))).toBe('storage.locked');
    await first.close();
    await (await openDataFolder(path, chainId)).close();
  });

  it('is respected while its holder lives', async () => {
    const path = await initialised();
    await writeFile(join(path, 'LOCK'), `${process.ppid} -\n`);
    expect(await codeOf(() => openDataFolder(path, chainId))).toBe('storage.locked');
    expect(await readFile(join(path, 'LOCK'), 'utf8')).toBe(`${process.ppid} -\n`);
  });

  it.each([
    ['of a dead process', () => `${deadPid()} -\n`],
    ['with our own pid, left by a process before us', () => `${process.pid} 1\n`],
    ['cut short by a power loss', () => ''],
  ])('is taken over where it is %s', async (_, content) => {
    const path = await initialised();
    await writeFile(join(path, 'LOCK'), content());
    const folder = await openDataFolder(path, chainId);
    expect(await readFile(join(path, 'LOCK'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
    await folder.close();
    expect(await readdir(path)).not.toContain('LOCK');
  });

  it.runIf(process.platform === 'linux')('is taken over from a pid that now belongs to a later process', async () => {
    const path = await initialised();
    await writeFile(join(path, 'LOCK'), `${process.ppid} 1\n`);
    await (await openDataFolder(path, chainId)).close();
  });

  it('is released when opening fails', async () => {
    const path = await initialised();
    expect(await codeOf(() => openDataFolder(path, sha256(utf8('another'))))).toBe('storage.foreign-chain');
    await (await openDataFolder(path, chainId)).close();
  });
});
