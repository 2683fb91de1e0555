import type { Address, Hash, TimestampMs } from '../../base/brand.ts';
import type { SignedVote } from '../../consensus/vote.ts';
import { voteDigest, voteOf } from '../../consensus/vote.ts';
import { decodeBlock, encodeBlock } from '../../ledger/block.ts';
import { headerHash } from '../../ledger/header.ts';
import type { Traitor } from './behaviour.ts';

/** What is to be signed: a vote without its voter and its signature. */
export type Unsigned = Omit<SignedVote, 'signature' | 'validator'>;

/** A block of a traitor's own, made of somebody's. */
export interface ForgedBlock {
  readonly hash: Hash;
  readonly bytes: Uint8Array;
}

/** What one key can make alone: its own signature under anything, others' names above it, and other people's blocks as its own. */
export class Forge {
  readonly #traitor: Traitor;

  constructor(traitor: Traitor) {
    this.#traitor = traitor;
  }

  /** The traitor's own vote, with a signature that holds. */
  sign(vote: Unsigned): SignedVote {
    return this.inTheNameOf(this.#traitor.id, vote);
  }

  /** A vote of whoever is named, signed with the traitor's key: it holds only where nobody looks. */
  inTheNameOf(validator: Address, vote: Unsigned): SignedVote {
    const { primitives, chainId, engine, secretKey } = this.#traitor;
    const payload = voteOf({ chainId, engine: engine.name }, vote.height, vote);
    return { ...vote, validator, signature: primitives.sign(voteDigest(primitives, payload), secretKey) };
  }

  /** A block that says the same of the chain, built by the traitor a little later: as valid as the first. Null where these are no block. */
  ownBlock(bytes: Uint8Array, laterByMs = 1): ForgedBlock | null {
    const block = decodeBlock(bytes);
    if (!block.ok) return null;
    const { primitives, id } = this.#traitor;
    const timestampMs = (block.value.header.timestampMs + laterByMs) as TimestampMs;
    const header = { ...block.value.header, proposer: id, timestampMs };
    return { hash: headerHash(primitives, header), bytes: encodeBlock({ ...block.value, header }) };
  }
}
