import type { Address, Hash } from '../base/brand.ts';
import { toHex, utf8 } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import { SCALAR_ENTROPY_BYTES } from '../crypto/keys.ts';
import { DLEQ_PROOF_BYTES } from '../crypto/oprf/dleq.ts';
import {
  blindIdentifier,
  combineHandle,
  type Evaluation,
  type HandleKey,
  type Identifier,
} from '../crypto/oprf/handle.ts';
import type { Device } from './device.ts';
import { ApiError, ClientError } from './errors.ts';
import { createHttp, type HttpOptions } from './http.ts';
import { address, fields, hex, publicKey, readJson } from './json-shape.ts';
import { CLIENT_LIMITS } from './limits.ts';

/** What a registrar asks of one hospital about handles. Looking up takes a session with it (`sealed-session.ts`). */
export interface HandleApi {
  evaluate(holder: number, blinded: Uint8Array): Promise<Evaluation>;
  /** Whether somebody is enrolled there under the handle, as far as the asker may know. */
  isEnrolled(handle: Hash): Promise<boolean>;
  /** Who, for the hospital's own registrars. */
  resolve(handle: Hash): Promise<Address | undefined>;
}

const evaluationShape = fields({
  holder: shape.uint(),
  evaluated: publicKey,
  proof: hex(DLEQ_PROOF_BYTES),
});
const presenceShape = fields({ hospital: address });
const resolutionShape = fields({ participant: address });

export function createHandleApi(options: HttpOptions): HandleApi {
  const http = createHttp(options);
  const ask = async <T>(part: string, value: object, as: shape.Shape<T>): Promise<T> => {
    const body = { type: 'application/json', bytes: utf8(JSON.stringify(value)) };
    const answer = http.whole({ method: 'POST', path: `/v1/handles/${part}`, body }, CLIENT_LIMITS.answerBytesMax);
    return readJson(await answer, as);
  };
  return {
    evaluate: (holder, blinded) => ask('evaluations', { holder, blinded: toHex(blinded) }, evaluationShape),
    isEnrolled: async (handle) =>
      (await orNothing(ask('presence', { handle: toHex(handle) }, presenceShape))) !== undefined,
    resolve: async (handle) =>
      (await orNothing(ask('resolution', { handle: toHex(handle) }, resolutionShape)))?.participant,
  };
}

async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'api-view.nothing-here') return undefined;
    throw error;
  }
}

/** A hospital that may be asked, by its number as a holder. */
export interface Holder {
  readonly holder: number;
  readonly api: Pick<HandleApi, 'evaluate'>;
}

export interface ComputedHandle {
  readonly handle: Hash;
  /** Holders whose answer proved wrong, and those that gave none, with the code why. */
  readonly wrong: readonly number[];
  readonly silent: readonly { readonly holder: number; readonly code: string }[];
}

/**
 * The handle of an identifier (HA-3, HA-4). The identifier stays on the device; a holder sees a random point. All are asked at once, and any
 * `threshold` answers that prove true are enough. Where there are fewer, the refusal names the first reason that a holder gave.
 */
export async function computeHandle(
  { primitives, random }: Device,
  key: HandleKey,
  identifier: Identifier,
  holders: readonly Holder[],
): Promise<Result<ComputedHandle>> {
  const blinding = blindIdentifier(primitives, identifier, random(SCALAR_ENTROPY_BYTES));
  const silent: { holder: number; code: string }[] = [];
  const answers = await Promise.all(
    holders.map(async ({ holder, api }) => {
      try {
        return await api.evaluate(holder, blinding.blinded);
      } catch (error) {
        silent.push({ holder, code: codeOf(error) });
        return undefined;
      }
    }),
  );
  const given = answers.filter((answer): answer is Evaluation => answer !== undefined);
  const combined = combineHandle(primitives, { key, blinding }, given);
  if (combined.ok) return ok({ ...combined.value, silent });
  const reason = silent.sort((a, b) => a.holder - b.holder)[0]?.code;
  return reason === undefined ? combined : refuse(combined.rejection.code, { ...combined.rejection.detail, reason });
}

/** Of what a hospital does or fails to do; anything else is our own fault. */
export function codeOf(error: unknown): string {
  if (error instanceof ApiError || error instanceof ClientError) return error.code;
  throw error;
}
