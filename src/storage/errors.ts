import { STORAGE_CODES, type StorageCode } from './codes.ts';

/** Broken machinery: a disk, a database, or what was found in them. Holds names and numbers, never stored bytes. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageCode;
  readonly detail: Readonly<Record<string, string | number>>;

  constructor(code: StorageCode, detail: Readonly<Record<string, string | number>> = {}, cause?: unknown) {
    const facts = Object.entries(detail).map(([name, value]) => `${name}=${value}`);
    super([`${code}: ${STORAGE_CODES[code].meaning}`, ...facts].join(' '), cause === undefined ? {} : { cause });
    this.code = code;
    this.detail = detail;
  }
}

/** The `code` of a system or library error, for a `StorageError`'s detail. */
export const causeCode = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown';
};
