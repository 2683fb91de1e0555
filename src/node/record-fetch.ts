import type { Address, Hash, Height } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { cidText } from './cid.ts';
import { decodeSaltedEnvelope } from './duty-wire.ts';
import { isDiskError } from './errors.ts';
import { NODE_LIMITS } from './limits.ts';
import type { NodeContext } from './node-context.ts';
import type { PeerGate } from './peer-gate.ts';
import { whole } from './sync-answers.ts';

/** A record's bytes off the chain, as the chain names them. */
export interface RecordBytes {
  readonly cid: Uint8Array;
  readonly envelopeHash: Hash;
}

/** Fetches ciphertexts and envelopes of other hospitals. Nothing is believed: a blob is hashed as it is stored, an envelope before. */
export class RecordFetcher {
  readonly #context: NodeContext;
  readonly #gate: PeerGate;

  constructor(context: NodeContext, gate: PeerGate) {
    this.#context = context;
    this.#gate = gate;
  }

  async isComplete({ cid, envelopeHash }: RecordBytes): Promise<boolean> {
    const { blobs, shelf } = this.#context;
    return (await blobs.has(cidText(cid))) && (await shelf.has(envelopeHash));
  }

  /** Gets a registered record whole, from those who said that they store it, then from anyone else. False where nobody has it now. */
  async fetchRegistered(bytes: RecordBytes, storedBy: readonly Address[]): Promise<boolean> {
    const { blobs, shelf } = this.#context;
    const sources = this.#sources(storedBy);
    const cid = cidText(bytes.cid);
    for (const peer of sources) {
      if (await blobs.has(cid)) break;
      await this.fetchBlob(peer, bytes.cid, 'registered');
    }
    for (const peer of sources) {
      if (await shelf.has(bytes.envelopeHash)) break;
      await this.#fetchEnvelope(peer, bytes.envelopeHash);
    }
    return (await blobs.markRegistered(cid)) && (await shelf.has(bytes.envelopeHash));
  }

  /** Streams one blob in from a peer. False where it did not come, or was another. */
  async fetchBlob(peer: Address, cid: Uint8Array, uploader: string): Promise<boolean> {
    const { network, blobs, logger, tip, parameters } = this.#context;
    try {
      const stored = await this.#gate.run(peer, () =>
        blobs.put(network.request(peer, 'blob', cid, NODE_LIMITS.blobTimeoutMs), {
          uploader,
          bytesMax: NODE_LIMITS.ciphertextBytesMax,
          expiresAtHeight: (tip().header.height + parameters().uploadExpiryHeights) as Height,
          expectedCid: cidText(cid),
        }),
      );
      if (!stored.ok) logger.warn('blob refused', { peer, code: stored.rejection.code });
      return stored.ok;
    } catch (error) {
      if (isDiskError(error)) throw error;
      return false;
    }
  }

  async #fetchEnvelope(peer: Address, envelopeHash: Hash): Promise<void> {
    const { network, shelf, logger } = this.#context;
    try {
      const salted = await this.#gate.run(peer, async () =>
        decodeSaltedEnvelope(
          await whole(network.request(peer, 'envelope', envelopeHash, NODE_LIMITS.envelopeTimeoutMs)),
        ),
      );
      if (salted === undefined || !(await shelf.keep(envelopeHash, salted)))
        logger.warn('envelope refused', { peer, code: 'duty.envelope-foreign' });
    } catch (error) {
      if (isDiskError(error)) throw error;
    }
  }

  #sources(storedBy: readonly Address[]): readonly Address[] {
    const connected = this.#context.connected();
    const named = new Set(storedBy.map(toHex));
    const first = connected.filter((peer) => named.has(toHex(peer)));
    return [...first, ...connected.filter((peer) => !first.some((source) => equal(source, peer)))];
  }
}
