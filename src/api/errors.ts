import type { CodeEntry, Rejection } from '../base/result.ts';
import type { Catalogue } from './catalogue.ts';
import { API_CODES, type ApiCode } from './codes.ts';

/** A refusal on its way out of a place that can only throw: a hook, a body parser, the middle of a stream. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
  readonly rejection: Rejection;

  constructor(rejection: Rejection) {
    super(rejection.code);
    this.rejection = rejection;
  }
}

export const refusal = (code: ApiCode, detail?: Rejection['detail']): ApiRefusal =>
  new ApiRefusal(detail === undefined ? { code } : { code, detail });

/** The one form of every error answer. */
export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly detail?: Rejection['detail'] };
}
export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorBody;
}

export function errorAnswer(catalogue: Catalogue, rejection: Rejection): ErrorAnswer {
  const entry = catalogue.get(rejection.code);
  // A code outside the catalogue is our own fault, and no caller could look it up.
  if (entry === undefined) return internal();
  const { code, detail } = rejection;
  return {
    status: entry.status,
    body: { error: { code, message: entry.meaning, ...(detail === undefined ? {} : { detail }) } },
  };
}

const internal = (): ErrorAnswer => {
  const code: ApiCode = 'api-node.internal';
  const entry: CodeEntry = API_CODES[code];
  return { status: entry.status, body: { error: { code, message: entry.meaning } } };
};

/** Fastify's own refusals, in our words. */
const FRAMEWORK: ReadonlyMap<string, ApiCode> = new Map<string, ApiCode>([
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'api-body.wrong-type'],
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'api-body.too-large'],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'api-body.truncated'],
  ['FST_ERR_BAD_URL', 'api-route.bad-url'],
  ['FST_ERR_INVALID_URL', 'api-route.bad-url'],
  ['FST_ERR_MAX_PARAM_LENGTH', 'api-route.unknown'],
  ['ECONNRESET', 'api-body.truncated'],
]);

/** Fields that an error of Fastify, of its validator or of ours may have. */
interface Thrown {
  readonly code?: unknown;
  readonly validationContext?: unknown;
  readonly validation?: readonly { readonly instancePath?: string; readonly keyword?: string }[];
}

/** Why a thrown error refuses the request; `null` where it is a failure of the node, whose words stay in its log. */
export function rejectionOf(error: unknown, catalogue: Catalogue): Rejection | null {
  if (error instanceof ApiRefusal) return error.rejection;
  const { code, validation, validationContext } = ((typeof error === 'object' ? error : null) as Thrown) ?? {};
  if (validation !== undefined) {
    const [first] = validation;
    const detail = { at: (first?.instancePath ?? '').slice(0, 128), rule: first?.keyword ?? '' };
    return { code: validationContext === 'body' ? 'api-body.invalid' : 'api-request.invalid', detail };
  }
  if (typeof code !== 'string') return null;
  const framework = FRAMEWORK.get(code);
  if (framework !== undefined) return { code: framework };
  return catalogue.has(code) ? { code } : null;
}
