import { setTimeout as pause } from 'node:timers/promises';
import type { Address } from '../base/brand.ts';
import { type Result, refuse } from '../base/result.ts';
import type { NetworkCode } from '../network/codes.ts';
import { NetworkError } from '../network/errors.ts';
import type { Network } from '../network/network.ts';
import type { NodeCode } from './codes.ts';
import { type DutyRequest, decodeDutyAnswer, encodeDutyRequest } from './duty-wire.ts';
import { NodeError } from './errors.ts';
import { NODE_LIMITS } from './limits.ts';
import type { PeerGate } from './peer-gate.ts';
import { whole } from './sync-answers.ts';

/** Refusals that a moment may cure: the other hospital is a block behind, or has its hands full. */
const PASSING: ReadonlySet<string> = new Set<NodeCode | NetworkCode>([
  'duty.record-unknown',
  'duty.read-unknown',
  'duty.busy',
  'duty.guardianship-unknown',
  'duty.guardianship-immature',
  'network-request.busy',
]);

/** A large ciphertext may outlast a connection: what came of it is lost, and it is fetched again. */
const BROKEN_OFF: ReadonlySet<string> = new Set<NodeCode | NetworkCode>([
  'network-request.broken',
  'network-request.not-connected',
  'network-stream.broken',
  'duty.unreachable',
  'duty.blob-missing',
]);

/** Asks other hospitals for their duty. What they answer is a claim, and is verified by who asked. */
export class DutyCaller {
  readonly #network: Network;
  readonly #gate: PeerGate;

  constructor(network: Network, gate: PeerGate) {
    this.#network = network;
    this.#gate = gate;
  }

  /** `timeoutMs` bounds every attempt together. Never rejects for what a peer does or fails to do. */
  async call(peer: Address, request: DutyRequest, timeoutMs: number): Promise<Result<Uint8Array>> {
    const body = encodeDutyRequest(request);
    const deadline = performance.now() + timeoutMs;
    let retriesLeft = request.duty === 'storeRecord' ? NODE_LIMITS.brokenTransferRetries : 0;
    for (;;) {
      const leftMs = deadline - performance.now();
      const answer = await this.#gate.run(peer, () => this.#ask(peer, body, Math.max(leftMs, 1))).catch(refusalOf);
      if (answer.ok || leftMs <= NODE_LIMITS.dutyRetryMs) return answer;
      if (PASSING.has(answer.rejection.code)) await pause(NODE_LIMITS.dutyRetryMs);
      else if (BROKEN_OFF.has(answer.rejection.code) && retriesLeft-- > 0)
        await pause(NODE_LIMITS.brokenTransferWaitMs);
      else return answer;
    }
  }

  async #ask(peer: Address, body: Uint8Array, timeoutMs: number): Promise<Result<Uint8Array>> {
    return decodeDutyAnswer(await whole(this.#network.request(peer, 'duty', body, timeoutMs)));
  }
}

function refusalOf(error: unknown): Result<Uint8Array> {
  if (error instanceof NetworkError || error instanceof NodeError) return refuse(error.code);
  throw error;
}
