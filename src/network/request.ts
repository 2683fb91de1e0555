import type { Stream } from '@libp2p/interface';
import { decodeAnswerFrame } from './answer.ts';
import { NetworkError } from './errors.ts';
import { FrameReader } from './frame-reader.ts';
import { frame } from './framing.ts';
import type { RequestLimits } from './limits.ts';
import { write } from './stream-writer.ts';

export interface RequestTerms {
  readonly limits: RequestLimits;
  readonly body: Uint8Array;
  /** Ends the exchange whole, opening included; its reason is what the requester sees. */
  readonly signal: AbortSignal;
  open(signal: AbortSignal): Promise<Stream>;
  sent(bytes: Uint8Array): void;
  received(bytes: Uint8Array): void;
}

/** One request on a stream of its own: yields the chunks of the answer as they come, and returns after its end. */
export async function* requestOn(terms: RequestTerms): AsyncGenerator<Uint8Array, void, void> {
  const { limits, signal } = terms;
  const stream = await openStream(terms);
  const onAbort = (): void => stream.abort(new NetworkError('network-stream.broken'));
  signal.addEventListener('abort', onAbort);
  let complete = false;
  try {
    const reader = new FrameReader(stream, limits.chunkBytesMax + 1);
    await writeRequest(stream, terms);
    let answerBytes = 0;
    for (;;) {
      const bytes = await readFrame(reader, signal);
      const answer = decodeAnswerFrame(bytes);
      if (answer === undefined) throw new NetworkError('network-request.answer-malformed');
      if (answer.type === 'refusal') throw new NetworkError(answer.code);
      if (answer.type === 'end') {
        complete = true;
        return;
      }
      answerBytes += bytes.length;
      if (answerBytes > limits.answerBytesMax) throw new NetworkError('network-request.answer-too-large');
      terms.received(answer.bytes);
      yield answer.bytes;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (complete) void stream.close({ signal }).catch(onAbort);
    else onAbort();
  }
}

async function openStream({ open, signal }: RequestTerms): Promise<Stream> {
  try {
    return await open(signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NetworkError) throw error;
    const name = error instanceof Error ? error.name : '';
    if (name === 'UnsupportedProtocolError') throw new NetworkError('network-request.unsupported', { cause: error });
    if (name.startsWith('TooMany')) throw new NetworkError('network-request.busy', { cause: error });
    throw new NetworkError('network-request.broken', { cause: error });
  }
}

async function writeRequest(stream: Stream, { body, sent, signal }: RequestTerms): Promise<void> {
  try {
    // A request may be empty and a frame may not: the leading byte is the version of the request's form.
    await write(stream, frame(encodeRequest(body)));
    sent(body);
  } catch (error) {
    signal.throwIfAborted();
    throw new NetworkError('network-request.broken', { cause: error });
  }
}

async function readFrame(reader: FrameReader, signal: AbortSignal): Promise<Uint8Array> {
  try {
    const bytes = await reader.next(signal);
    if (bytes !== undefined) return bytes;
  } catch (error) {
    if (error instanceof NetworkError && error.code === 'network-frame.too-large')
      throw new NetworkError('network-request.answer-too-large', { cause: error });
    if (error instanceof NetworkError && error.code === 'network-frame.empty')
      throw new NetworkError('network-request.answer-malformed', { cause: error });
    throw error;
  }
  signal.throwIfAborted();
  throw new NetworkError('network-request.broken');
}

const REQUEST_FORM = 0;

function encodeRequest(body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + body.length);
  bytes[0] = REQUEST_FORM;
  bytes.set(body, 1);
  return bytes;
}

/** The body of a request frame, or undefined where its form is unknown. */
export const decodeRequest = (bytes: Uint8Array): Uint8Array | undefined =>
  bytes[0] === REQUEST_FORM ? bytes.subarray(1) : undefined;
