import type { Stream } from '@libp2p/interface';
import { encodeChunk, encodeEnd, encodeRefusal, type RefusalCode } from './answer.ts';
import { NetworkError } from './errors.ts';
import { FrameReader } from './frame-reader.ts';
import { frame } from './framing.ts';
import { NETWORK_LIMITS, type RequestLimits } from './limits.ts';
import { pacedDeadline } from './paced-deadline.ts';
import { decodeRequest } from './request.ts';
import { write } from './stream-writer.ts';

export interface AnswerTerms {
  readonly limits: RequestLimits;
  answer(body: Uint8Array): AsyncIterable<Uint8Array>;
  sent(bytes: Uint8Array): void;
  received(bytes: Uint8Array): void;
  /** The handler threw: this node's fault, never told to the peer beyond its code. */
  handlerFailed(error: unknown): void;
}

/**
 * Answers the one request of an inbound stream. The requester may close its end before, during or after the answer; bytes after its
 * first frame are ignored. Rejects when the peer broke a rule or went away.
 */
export async function respondOn(stream: Stream, terms: AnswerTerms): Promise<void> {
  const untilGone = closing(stream);
  const deadline = pacedDeadline(terms.limits.answerTimeoutMs ?? NETWORK_LIMITS.answerTimeoutMs, () =>
    stream.abort(new NetworkError('network-request.timeout')),
  );
  try {
    const body = await readRequest(stream, terms.limits);
    terms.received(body);
    const refusal = await sendChunks(stream, body, untilGone, {
      ...terms,
      sent: (bytes) => {
        deadline.passed(bytes.length);
        terms.sent(bytes);
      },
    });
    await finish(stream, refusal === undefined ? encodeEnd() : encodeRefusal(refusal));
  } catch (error) {
    stream.abort(error instanceof Error ? error : new NetworkError('network-stream.broken'));
    throw error;
  } finally {
    deadline.stop();
  }
}

/** Refuses an inbound request. It is read first: a requester that still negotiates the stream would miss a refusal sent at once. */
export async function refuseOn(stream: Stream, limits: RequestLimits, code: RefusalCode): Promise<void> {
  try {
    await readRequest(stream, limits);
    await finish(stream, encodeRefusal(code));
  } catch {
    stream.abort(new NetworkError(code));
  }
}

async function readRequest(stream: Stream, limits: RequestLimits): Promise<Uint8Array> {
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new NetworkError('network-request.timeout')),
    NETWORK_LIMITS.requestReadTimeoutMs,
  );
  try {
    const bytes = await new FrameReader(stream, limits.requestBytesMax + 1).next(late.signal);
    const body = bytes === undefined ? undefined : decodeRequest(bytes);
    if (body === undefined) throw new NetworkError('network-request.broken');
    return body;
  } finally {
    clearTimeout(timer);
  }
}

/** Sends the answer's chunks; returns why it must be cut short, if it must. */
async function sendChunks(
  stream: Stream,
  body: Uint8Array,
  untilGone: UntilGone,
  terms: AnswerTerms,
): Promise<RefusalCode | undefined> {
  let iterator: AsyncIterator<Uint8Array> | undefined;
  let answerBytes = 0;
  try {
    iterator = terms.answer(body)[Symbol.asyncIterator]();
    for (;;) {
      const next = await untilGone(iterator.next());
      if (next.done === true) return undefined;
      const chunk = encodeChunk(next.value);
      answerBytes += chunk.length;
      if (next.value.length > terms.limits.chunkBytesMax || answerBytes > terms.limits.answerBytesMax)
        return 'network-request.answer-too-large';
      await write(stream, frame(chunk));
      terms.sent(next.value);
    }
  } catch (error) {
    if (error instanceof NetworkError && error.code === 'network-stream.broken') throw error;
    terms.handlerFailed(error);
    return 'network-request.failed';
  } finally {
    // Not awaited: a handler that hangs must not hold the stream.
    void Promise.resolve(iterator?.return?.()).catch(() => {});
  }
}

/** Sends the last frame and closes our end; a requester that does not close its own soon is cut off. */
async function finish(stream: Stream, last: Uint8Array): Promise<void> {
  const linger = setTimeout(
    () => stream.abort(new NetworkError('network-request.timeout')),
    NETWORK_LIMITS.answerLingerMs,
  );
  linger.unref();
  stream.addEventListener('close', () => clearTimeout(linger));
  await write(stream, frame(last));
  await stream.close();
}

type UntilGone = <T>(work: Promise<T>) => Promise<T>;

/**
 * What handlers do, given up once the stream is closed: one may never yield. Not `Promise.race` with one promise of the closing,
 * which would hold every chunk that ever won until the stream closes.
 */
function closing(stream: Stream): UntilGone {
  let isGone = false;
  let giveUp: (error: NetworkError) => void = () => {};
  stream.addEventListener('close', () => {
    isGone = true;
    giveUp(new NetworkError('network-stream.broken'));
  });
  return (work) =>
    new Promise((resolve, reject) => {
      giveUp = reject;
      work.then(resolve, reject);
      if (isGone) reject(new NetworkError('network-stream.broken'));
    });
}
