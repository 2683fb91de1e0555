import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { STORAGE_CODES } from '../../src/storage/codes.ts';
import { StorageError } from '../../src/storage/errors.ts';

const folder = new URL('../../src/storage/', import.meta.url);

describe('storage codes', () => {
  it('are each used somewhere in the folder', async () => {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.ts') && name !== 'codes.ts');
    const text = (await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')))).join('\n');
    for (const code of Object.keys(STORAGE_CODES)) expect(text.includes(`'${code}'`), code).toBe(true);
  });

  it('stand in the message of an error, with its detail', () => {
    const error = new StorageError('storage.corrupt', { keySpace: 'block' }, new Error('cause'));
    expect(error.message).toContain('storage.corrupt');
    expect(error.message).toContain('keySpace=block');
    expect(error.cause).toBeInstanceOf(Error);
  });
});
