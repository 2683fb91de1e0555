import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { frame } from '../../src/network/framing.ts';
import { REQUEST_LIMITS } from '../../src/network/limits.ts';
import { respondOn } from '../../src/network/respond.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** A stream that takes everything at once, after its one request. */
class OpenStream extends EventTarget {
  status = 'open';
  writeStatus = 'writable';
  readStatus = 'readable';
  writableNeedsDrain = false;
  writeBufferLength = 0;
  readableEnded = false;
  send(): boolean {
    return true;
  }
  pause(): void {}
  resume(): void {}
  abort(): void {}
  async close(): Promise<void> {}
  request(): void {
    const event = new Event('message') as Event & { data?: unknown };
    event.data = { subarray: () => frame(Uint8Array.of(0, 1)) };
    this.dispatchEvent(event);
  }
}

it('holds no chunk of an answer once it is sent, however long the answer', async () => {
  const stream = new OpenStream();
  const chunks: WeakRef<Uint8Array>[] = [];
  let alive = -1;
  async function* answer() {
    for (let i = 0; i < 200; i++) {
      const chunk = new Uint8Array(10_000);
      chunks.push(new WeakRef(chunk));
      yield chunk;
    }
    await new Promise(setImmediate);
    collectGarbage();
    alive = chunks.filter((chunk) => chunk.deref() !== undefined).length;
  }
  const answered = respondOn(stream as never, {
    limits: REQUEST_LIMITS.blob,
    answer,
    sent: () => {},
    received: () => {},
    handlerFailed: (error) => expect.unreachable(String(error)),
  });
  stream.request();
  await answered;
  expect(chunks).toHaveLength(200);
  expect(alive).toBeLessThan(20);
});
