import { CLIENT_CODES, type ClientCode } from './codes.ts';

/** A hospital refused a request, with a code of the one catalogue. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly detail: Readonly<Record<string, string | number>>;

  constructor(status: number, code: string, message: string, detail: Readonly<Record<string, string | number>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

/** No usable answer came: the network, the clock or the hospital's software is broken. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ClientCode;

  constructor(code: ClientCode, cause?: unknown) {
    super(CLIENT_CODES[code].meaning, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
