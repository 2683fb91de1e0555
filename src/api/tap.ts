import { Readable } from 'node:stream';
import { utf8 } from '../base/bytes.ts';

/** One piece of application traffic above encryption: a request's head or body, an answer's head or body. */
export interface ApiTapEvent {
  readonly direction: 'in' | 'out';
  /** Method and path pattern. */
  readonly route: string;
  readonly bytes: Uint8Array;
}

/** Sees all traffic of the API. For recordings that a search for planted plaintext reads, never for production. */
export type ApiTap = (event: ApiTapEvent) => void;

export const tapText = (tap: ApiTap, direction: 'in' | 'out', route: string, text: string): void =>
  tap({ direction, route, bytes: utf8(text) });

/** The same stream, each chunk seen by the tap as it goes by. */
export function tapStream(
  tap: ApiTap,
  direction: 'in' | 'out',
  route: string,
  content: AsyncIterable<Uint8Array | string>,
): Readable {
  async function* seen(): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      const bytes = typeof chunk === 'string' ? utf8(chunk) : chunk;
      tap({ direction, route, bytes });
      yield bytes;
    }
  }
  return Readable.from(seen(), { objectMode: false });
}
