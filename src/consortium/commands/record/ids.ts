import { fromHex } from '../../../base/bytes.ts';
import { usageError } from '../../output.ts';

/** An id from the command line. */
export function bytesOf<T extends Uint8Array>(what: string, text: string, bytes: number): T {
  const id = fromHex(text);
  if (id?.length !== bytes) throw usageError(`${what} takes ${bytes} bytes in hexadecimal`);
  return id as T;
}
