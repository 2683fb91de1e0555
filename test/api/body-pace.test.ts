import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { checkedStream } from '../../src/api/body.ts';
import type { Hash } from '../../src/base/brand.ts';

const digestOf = (bytes: Uint8Array): Hash => new Uint8Array(createHash('sha256').update(bytes).digest()) as Hash;
const CONTENT = new Uint8Array(3_000).fill(7);

async function received(content: Readable, change: object = {}): Promise<number | string> {
  const terms = { bytesMax: 3_000, graceMs: 20, paceBytes: 1_000_000, checkMs: 1, ...change };
  let bytes = 0;
  try {
    for await (const chunk of checkedStream(content, digestOf(CONTENT), terms)) bytes += chunk.length;
    return bytes;
  } catch (error) {
    return (error as { rejection?: { code: string } }).rejection?.code ?? String(error);
  }
}

it('passes an upload on that keeps its pace, and ends one that stalls (uploadGraceMs, uploadPaceBytes)', async () => {
  expect(await received(Readable.from([CONTENT]))).toBe(3_000);
  const stalled = new Readable({ read() {} });
  stalled.push(CONTENT.subarray(0, 1_000));
  expect(await received(stalled)).toBe('api-request.timeout');
  expect(stalled.destroyed).toBe(true);
});

it('ends one that is longer than it may be', async () => {
  expect(await received(Readable.from([CONTENT]), { bytesMax: 2_999 })).toBe('api-body.too-large');
});
