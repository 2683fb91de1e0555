import { NETWORK_CODES, type NetworkCode } from './codes.ts';

/** The network failed, or a peer broke its rules. The code says which; the message holds no byte that a peer sent. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly code: NetworkCode;

  constructor(code: NetworkCode, options?: ErrorOptions) {
    super(`${code}: ${NETWORK_CODES[code].meaning}`, options);
    this.code = code;
  }
}

/** The code of any thrown value, for logs and counters: what a peer or a handler threw is never printed whole. */
export function codeOf(error: unknown): string {
  if (error instanceof NetworkError) return error.code;
  if (error instanceof Error) return error.name;
  return 'unknown';
}
