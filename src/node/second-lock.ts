import type { SecretKey, Signature } from '../base/brand.ts';
import { decode } from '../base/canonical.ts';
import type { Primitives } from '../base/primitives.ts';
import * as shape from '../base/shape.ts';
import type { Engine, Vote } from '../consensus/engine.ts';
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
  readonly #engine: Pick<Engine<unknown, unknown>, 'permits'>;
  readonly #secretKey: SecretKey;
  #durable: Uint8Array | null = null;

  constructor(primitives: Primitives, engine: Pick<Engine<unknown, unknown>, 'permits'>, secretKey: SecretKey) {
    this.#primitives = primitives;
    this.#engine = engine;
    this.#secretKey = secretKey;
  }

  /** These bytes are on the disk now. */
  recorded(record: Uint8Array): void {
    this.#durable = signingStateOf(record);
  }

  sign(vote: Vote): Signature {
    const durable = this.#durable;
    if (durable === null || !this.#engine.permits(durable, vote))
      throw new NodeError('node.unrecorded-vote', { height: vote.height, round: vote.round, type: vote.type });
    return this.#primitives.sign(voteDigest(this.#primitives, vote), this.#secretKey);
  }
}

function signingStateOf(record: Uint8Array): Uint8Array | null {
  const value = decode(record, PROTOCOL_LIMITS.signingRecordBytesMax);
  const fields = value.ok ? recordShape(value.value, '') : value;
  const bytes = fields.ok ? stateShape(fields.value.state, 'state') : fields;
  return bytes.ok ? bytes.value : null;
}
