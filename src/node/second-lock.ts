import type { SecretKey, Signature } from '../base/brand.ts';
import { decode } from '../base/canonical.ts';
import type { Primitives } from '../base/primitives.ts';
import * as shape from '../base/shape.ts';
import type { Vote } from '../consensus/engine.ts';
import { decodeSigningState, isRecorded, mayClash, type SigningState } from '../consensus/signing-state.ts';
import { voteDigest } from '../consensus/vote.ts';
import { PROTOCOL_LIMITS } from '../protocol/limits.ts';
import { NodeError } from './errors.ts';

/** The engine's part of a signing record, the only one that says what was voted. */
const recordShape = shape.anyMap;
const stateShape = shape.nullable(shape.bytes(0, PROTOCOL_LIMITS.signingRecordBytesMax));

/**
 * The host's second lock before it signs (QBFT-11): whatever the engine asks, a vote leaves only if the durable record holds that very
 * vote and no other that it might contradict. A vote that fails here shows broken software, and the node stops.
 */
export class VoteSigner {
  readonly #primitives: Primitives;
  readonly #secretKey: SecretKey;
  #durable: SigningState | null = null;

  constructor(primitives: Primitives, secretKey: SecretKey) {
    this.#primitives = primitives;
    this.#secretKey = secretKey;
  }

  /** These bytes are on the disk now. */
  recorded(record: Uint8Array): void {
    this.#durable = votesOf(record);
  }

  sign(vote: Vote): Signature {
    const durable = this.#durable;
    if (durable === null || mayClash(durable, vote) || !isRecorded(durable, vote))
      throw new NodeError('node.unrecorded-vote', { height: vote.height, round: vote.round, type: vote.type });
    return this.#primitives.sign(voteDigest(this.#primitives, vote), this.#secretKey);
  }
}

function votesOf(record: Uint8Array): SigningState | null {
  const value = decode(record, PROTOCOL_LIMITS.signingRecordBytesMax);
  const fields = value.ok ? recordShape(value.value, '') : value;
  const bytes = fields.ok ? stateShape(fields.value.state, 'state') : fields;
  const state = bytes.ok && bytes.value !== null ? decodeSigningState(bytes.value) : null;
  return state?.ok ? state.value : null;
}
