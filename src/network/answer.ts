import { concat, utf8 } from '../base/bytes.ts';
import type { NetworkCode } from './codes.ts';

/**
 * The frames of an answer: any number of chunks, then an end or a refusal. The end is a frame of its own because a closed stream
 * proves nothing: a peer that shuts down closes its streams in good order in the middle of an answer.
 */
const CHUNK = Uint8Array.of(0);
const END = Uint8Array.of(1);
const REFUSAL = Uint8Array.of(2);

/** What the answering side may say instead of an answer. Anything else it says counts as `failed`. */
const REFUSALS = [
  'network-request.refused',
  'network-request.busy',
  'network-request.too-large',
  'network-request.answer-too-large',
  'network-request.failed',
] as const satisfies readonly NetworkCode[];
export type RefusalCode = (typeof REFUSALS)[number];

export type AnswerFrame =
  | { readonly type: 'chunk'; readonly bytes: Uint8Array }
  | { readonly type: 'end' }
  | { readonly type: 'refusal'; readonly code: RefusalCode };

export const encodeChunk = (bytes: Uint8Array): Uint8Array => concat(CHUNK, bytes);
export const encodeEnd = (): Uint8Array => END;
export const encodeRefusal = (code: RefusalCode): Uint8Array => concat(REFUSAL, utf8(code));

/** The frame that a peer sent, or undefined where it is none of the three. */
export function decodeAnswerFrame(body: Uint8Array): AnswerFrame | undefined {
  const rest = body.subarray(1);
  switch (body[0]) {
    case CHUNK[0]:
      return { type: 'chunk', bytes: rest };
    case END[0]:
      return rest.length === 0 ? { type: 'end' } : undefined;
    case REFUSAL[0]: {
      const code = REFUSALS.find((known) => isText(rest, known));
      return { type: 'refusal', code: code ?? 'network-request.failed' };
    }
    default:
      return undefined;
  }
}

const isText = (bytes: Uint8Array, text: string): boolean =>
  bytes.length === text.length && bytes.every((byte, i) => byte === text.charCodeAt(i));
