import { unreachable } from '../base/assert.ts';
import type { Address } from '../base/brand.ts';
import { ok, type Result } from '../base/result.ts';
import {
  type DutyRequest,
  decodeDutyRequest,
  encodeDutyAnswer,
  encodeReleasedShare,
  encodeShareAnswer,
} from './duty-wire.ts';
import { storeFragments } from './fragment-duty.ts';
import { releaseGuardianShare, storeGuardianShare } from './guardian-duty.ts';
import type { NodeContext } from './node-context.ts';
import { answerRead } from './read-duty.ts';
import type { RecordDuty } from './record-duty.ts';

/** Answers what other hospitals ask of this one. Each duty checks for itself that the chain allows it. */
export class DutyDesk {
  readonly #context: NodeContext;
  readonly #records: RecordDuty;

  constructor(context: NodeContext, records: RecordDuty) {
    this.#context = context;
    this.#records = records;
  }

  async answer(from: Address, body: Uint8Array): Promise<Uint8Array> {
    const request = decodeDutyRequest(body);
    const answer = request.ok ? await this.#do(from, request.value) : request;
    if (!answer.ok) this.#context.logger.debug('duty refused', { peer: from, code: answer.rejection.code });
    return encodeDutyAnswer(answer);
  }

  async #do(from: Address, request: DutyRequest): Promise<Result<Uint8Array>> {
    switch (request.duty) {
      case 'storeRecord': {
        const stored = await this.#records.store(request.body, from);
        return stored.ok ? ok(stored.value.signature) : stored;
      }
      case 'storeFragments': {
        const stored = await storeFragments(this.#context, request.body, from);
        return stored.ok ? ok(stored.value.signature) : stored;
      }
      case 'answerRead': {
        const share = await answerRead(this.#context, request.body.read);
        return share.ok ? ok(encodeShareAnswer(share.value)) : share;
      }
      case 'storeGuardianShare':
        return storeGuardianShare(this.#context, request.body, from);
      case 'releaseGuardianShare': {
        const released = await releaseGuardianShare(this.#context, request.body.request);
        return released.ok ? ok(encodeReleasedShare(released.value)) : released;
      }
      default:
        return unreachable(request);
    }
  }
}
