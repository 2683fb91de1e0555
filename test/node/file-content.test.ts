import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { collect } from '../../src/client/http.ts';
import { contentOfFile, sinkToFile } from '../../src/node/file-content.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carechain-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('reads a file as often as it is asked', async () => {
  const path = join(folder, 'study');
  const bytes = new Uint8Array(700_000).fill(7);
  await writeFile(path, bytes);
  const content = await contentOfFile(path);
  expect(content.bytes).toBe(bytes.length);
  for (let i = 0; i < 2; i++) expect(Buffer.compare(await collect(content.open(), bytes.length), bytes)).toBe(0);
});

it('makes the file when its sink is closed, not before, and never when it is aborted', async () => {
  for (const end of ['close', 'abort'] as const) {
    const path = join(folder, `made by ${end}`);
    const writer = sinkToFile(path).getWriter();
    await writer.write(Uint8Array.of(1, 2));
    expect(await readdir(folder)).not.toContain(`made by ${end}`);
    await writer.write(Uint8Array.of(3));
    await writer[end]();
    if (end === 'close') expect([...(await readFile(path))]).toEqual([1, 2, 3]);
    else expect((await readdir(folder)).filter((name) => name.startsWith('made by abort'))).toEqual([]);
  }
});
