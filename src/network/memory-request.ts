import type { Address } from '../base/brand.ts';
import type { NetworkContext } from './context.ts';
import { NetworkError } from './errors.ts';
import { REQUEST_LIMITS } from './limits.ts';
import type { RequestKind } from './network.ts';
import { SYNC_KINDS } from './protocols.ts';

/** A request within one process, under the limits and codes of one on a stream. */
export async function* memoryRequest(
  asking: NetworkContext,
  answering: NetworkContext,
  kind: RequestKind,
  body: Uint8Array,
  timeoutMs: number,
  stopping: AbortSignal,
): AsyncGenerator<Uint8Array> {
  asking.counters.requestsSent++;
  const asked = asking.tapsOf(answering.self, kind);
  const answered = answering.tapsOf(asking.self, kind);
  let late: NodeJS.Timeout | undefined;
  let onStop = (): void => {};
  const ended = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(new NetworkError('network-request.timeout')), timeoutMs);
    onStop = () => reject(stopping.reason);
    stopping.addEventListener('abort', onStop);
  });
  ended.catch(() => {});
  let iterator: AsyncIterator<Uint8Array> | undefined;
  try {
    requireServed(answering, asking.self, kind);
    requireServed(asking, answering.self, kind);
    answering.counters.requestsReceived++;
    asked.sent(body);
    answered.received(body);
    iterator = answerOf(answering, asking.self, kind, body);
    for (let bytes = 0; ; ) {
      const next = await Promise.race([nextChunk(iterator, answering), ended]);
      if (answering.handlers === undefined) throw new NetworkError('network-request.broken');
      if (next.done === true) return;
      bytes += 1 + next.value.length;
      const { chunkBytesMax, answerBytesMax } = REQUEST_LIMITS[kind];
      if (next.value.length > chunkBytesMax || bytes > answerBytesMax)
        throw new NetworkError('network-request.answer-too-large');
      answered.sent(next.value);
      asked.received(next.value);
      yield next.value.slice();
    }
  } catch (error) {
    asking.counters.requestsFailed++;
    throw error;
  } finally {
    clearTimeout(late);
    stopping.removeEventListener('abort', onStop);
    void Promise.resolve(iterator?.return?.()).catch(() => {});
  }
}

/** A bootstrap peer serves sync and nothing else. */
function requireServed(context: NetworkContext, peer: Address, kind: RequestKind): void {
  if (context.peers.byHospital(peer)?.syncOnly !== false && !SYNC_KINDS.includes(kind))
    throw new NetworkError('network-request.refused');
}

/** A generator of our own, so that a handler that throws before its first chunk rejects like any other. */
async function* answerOf(context: NetworkContext, from: Address, kind: RequestKind, body: Uint8Array) {
  if (context.handlers !== undefined) yield* context.handlers.request(from, kind, body);
}

async function nextChunk(
  iterator: AsyncIterator<Uint8Array>,
  answering: NetworkContext,
): Promise<IteratorResult<Uint8Array>> {
  try {
    return await iterator.next();
  } catch (error) {
    answering.handlerFailed(error);
    throw new NetworkError('network-request.failed');
  }
}
