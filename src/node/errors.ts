import { StorageError } from '../storage/errors.ts';
import { NODE_CODES, type NodeCode } from './codes.ts';

/** The node cannot start, or cannot go on. Holds names and numbers: never a key, never a stored byte. */
export class NodeError extends Error {
  override readonly name = 'NodeError';
  readonly code: NodeCode;
  readonly detail: Readonly<Record<string, string | number>>;

  constructor(code: NodeCode, detail: Readonly<Record<string, string | number>> = {}, options?: ErrorOptions) {
    const facts = Object.entries(detail).map(([name, value]) => `${name}=${value}`);
    super([`${code}: ${NODE_CODES[code].meaning}`, ...facts].join(' '), options);
    this.code = code;
    this.detail = detail;
  }
}

/** The code of anything thrown; what has none is a fault of ours, and its text may hold anything. */
export function codeOfError(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'node.failed';
}

/** A write that failed: the store that met it answers nothing any more, and the node must stop and verify what the disk holds. */
export const isDiskError = (error: unknown): boolean =>
  error instanceof StorageError && (error.code === 'storage.write-failed' || error.code === 'storage.poisoned');
