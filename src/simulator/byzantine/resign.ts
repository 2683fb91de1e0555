import { equal, toHex } from '../../base/bytes.ts';
import { type Canonical, decode, encode } from '../../base/canonical.ts';
import { LIMITS } from '../../base/limits.ts';
import type { SignedVote } from '../../consensus/vote.ts';
import { NO_BLOCK, signedVoteShape } from '../../consensus/vote.ts';
import { decodeBlock } from '../../ledger/block.ts';
import { headerHash } from '../../ledger/header.ts';
import type { Traitor } from './behaviour.ts';
import { Forge, type ForgedBlock } from './forge.ts';

/**
 * Turns a traitor's own words into their opposite, whatever the engine: messages are canonical maps, and every vote in them that is the
 * traitor's own is signed again for another block. Where the block itself is the traitor's, the other one is as valid as the first.
 */
export class Contradiction {
  readonly #traitor: Traitor;
  readonly #forge: Forge;
  /** By the hexadecimal hash of the first block. */
  readonly #others = new Map<string, ForgedBlock>();

  constructor(traitor: Traitor) {
    this.#traitor = traitor;
    this.#forge = new Forge(traitor);
  }

  /** The same message for another block; null where it names no block. */
  of(bytes: Uint8Array): Uint8Array | null {
    const message = decode(bytes, LIMITS.consensusMessageBytesMax);
    if (!message.ok) return null;
    this.#learn(message.value);
    const other = encode(this.#rewrite(message.value as Canonical));
    return equal(other, bytes) ? null : other;
  }

  /** Finds blocks of the traitor's own making. */
  #learn(value: unknown): void {
    if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return;
    for (const [name, field] of Object.entries(value)) {
      if (name === 'block' && field instanceof Uint8Array) this.#learnBlock(field);
      else this.#learn(field);
    }
  }

  #learnBlock(bytes: Uint8Array): void {
    const { primitives, id } = this.#traitor;
    const block = decodeBlock(bytes);
    if (!block.ok || !equal(block.value.header.proposer, id)) return;
    const key = toHex(headerHash(primitives, block.value.header));
    if (this.#others.has(key)) return;
    const other = this.#forge.ownBlock(bytes);
    if (other !== null) this.#others.set(key, other);
  }

  #rewrite(value: Canonical, name = ''): Canonical {
    if (value instanceof Uint8Array) return name === 'block' ? this.#otherBytes(value) : value;
    if (Array.isArray(value)) return value.map((item: Canonical) => this.#rewrite(item));
    if (typeof value !== 'object' || value === null) return value;
    const vote = signedVoteShape(value, '');
    if (vote.ok) return this.#resign(vote.value) as unknown as Canonical;
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, this.#rewrite(field, key)]));
  }

  #otherBytes(bytes: Uint8Array): Uint8Array {
    const block = decodeBlock(bytes);
    if (!block.ok) return bytes;
    return this.#others.get(toHex(headerHash(this.#traitor.primitives, block.value.header)))?.bytes ?? bytes;
  }

  #resign(vote: SignedVote): SignedVote {
    const { id } = this.#traitor;
    if (!equal(vote.validator, id) || equal(vote.blockHash, NO_BLOCK)) return vote;
    const other = this.#others.get(toHex(vote.blockHash))?.hash ?? this.#traitor.primitives.hash(vote.blockHash);
    return this.#forge.sign({ ...vote, blockHash: other });
  }
}
