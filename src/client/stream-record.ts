import { equal } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { createOpener, createSealer } from '../crypto/cobblestone.ts';
import { createUnpadder, paddingPieces } from '../crypto/padme.ts';
import { type RecordName, recordContext } from '../crypto/record.ts';
import { type Content, inPiecesOf } from './content.ts';
import { contentIdOf } from './content-id.ts';
import { ClientError } from './errors.ts';
import { CLIENT_LIMITS } from './limits.ts';

export interface SealingKeys {
  readonly key: Uint8Array;
  /** Of Cobblestone. */
  readonly salt: Uint8Array;
  readonly name: RecordName;
}

/**
 * A record's ciphertext as it streams: Padmé, then Cobblestone, byte for byte what `sealRecord` makes. The same keys and content
 * give the same bytes; under the same keys, other content must never leave the device. Throws where the content has another
 * length than it said.
 */
export function sealStream(
  primitives: Primitives,
  keys: SealingKeys,
  content: Content,
): AsyncGenerator<Uint8Array, void, undefined> {
  return inPiecesOf(CLIENT_LIMITS.streamPieceBytes, sealedParts(primitives, keys, content));
}

async function* sealedParts(
  primitives: Primitives,
  { key, salt, name }: SealingKeys,
  content: Content,
): AsyncGenerator<Uint8Array> {
  const sealer = createSealer(primitives, { key, salt, context: recordContext(name) });
  let bytes = 0;
  for await (const piece of content.open()) {
    bytes += piece.length;
    if (bytes > content.bytes) break;
    yield* sealer.parts(piece);
  }
  if (bytes !== content.bytes) throw new ClientError('client-record.content-changed');
  for (const piece of paddingPieces(bytes)) yield* sealer.parts(piece);
  yield sealer.finish();
}

export interface OpeningKeys {
  readonly key: Uint8Array;
  readonly name: RecordName;
  /** What the chain says the ciphertext is. */
  readonly cid: Uint8Array;
}

/**
 * Opens a record piece by piece into `sink`: a chunk's plaintext once the chunk is authenticated, and no more of it than the sink
 * has room for. The sink is closed only after the last chunk, the padding and the content id held; otherwise it is aborted, and
 * what it received is a prefix of a record, or of another one. Errors of `ciphertext` and of the sink are thrown on.
 */
export async function openStream(
  primitives: Primitives,
  { key, name, cid }: OpeningKeys,
  ciphertext: AsyncIterable<Uint8Array>,
  sink: WritableStream<Uint8Array>,
): Promise<Result<{ readonly bytes: number }>> {
  const writer = sink.getWriter();
  // A sink that fails says so at the next write; nobody else asks it.
  writer.closed.catch(() => {});
  const opening = new Opening(primitives, { key, name }, writer);
  try {
    const found = await contentIdOf(opening.through(ciphertext));
    const opened = await opening.finish(equal(found, cid));
    if (opened.ok) await writer.close();
    else await writer.abort(new ClientError('client-read.not-whole', opened.rejection.code));
    return opened;
  } catch (error) {
    await writer.abort(error).catch(() => {});
    throw error;
  }
}

/** Cobblestone and Padmé undone, on the way of a ciphertext to whoever computes its content id. */
class Opening {
  readonly #opener: ReturnType<typeof createOpener>;
  readonly #unpadder = createUnpadder();
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #bytes = 0;
  #refusal: Result<never> | undefined;

  constructor(
    primitives: Primitives,
    { key, name }: Omit<OpeningKeys, 'cid'>,
    writer: WritableStreamDefaultWriter<Uint8Array>,
  ) {
    this.#opener = createOpener(primitives, { key, context: recordContext(name) });
    this.#writer = writer;
  }

  /** Ends at the first piece that does not open. */
  async *through(ciphertext: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of ciphertext) {
      const opened = this.#opener.update(piece);
      if (!opened.ok) {
        this.#refusal = opened;
        return;
      }
      await this.#release(opened.value);
      yield piece;
    }
  }

  /** Success only where everything held: a stream that was cut short fails here. */
  async finish(isNamedContent: boolean): Promise<Result<{ readonly bytes: number }>> {
    if (this.#refusal !== undefined) return this.#refusal;
    const last = this.#opener.finish();
    if (!last.ok) return last;
    if (!isNamedContent) return refuse('client-read.content-mismatch');
    await this.#release(last.value);
    const padding = this.#unpadder.finish();
    return padding.ok ? ok({ bytes: this.#bytes }) : padding;
  }

  async #release(padded: Uint8Array): Promise<void> {
    if (padded.length === 0) return;
    for (const text of this.#unpadder.update(padded)) {
      await this.#writer.ready;
      await this.#writer.write(text);
      this.#bytes += text.length;
    }
  }
}
