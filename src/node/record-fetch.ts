import type { Address, Height } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { type RecordVersion, standingVersion } from '../ledger/record-version.ts';
import { cidText } from './cid.ts';
import { decodeSaltedEnvelope } from './duty-wire.ts';
import { isDiskError } from './errors.ts';
import { NODE_LIMITS } from './limits.ts';
import type { NodeContext } from './node-context.ts';
import type { PeerGate } from './peer-gate.ts';
import { bytesOf, isShreddedContent, type RecordBytes } from './record-rows.ts';
import { whole } from './sync-answers.ts';

/** Fetches ciphertexts and envelopes of other hospitals. Nothing is believed: a blob is hashed as it is stored, an envelope before. */
export class RecordFetcher {
  readonly #context: NodeContext;
  readonly #gate: PeerGate;
  /** Blobs that are on their way: who asks again waits for the same one. */
  readonly #underWay = new Map<string, Promise<boolean>>();

  constructor(context: NodeContext, gate: PeerGate) {
    this.#context = context;
    this.#gate = gate;
  }

  async isComplete({ cid, envelopeHash }: RecordBytes): Promise<boolean> {
    const { blobs, shelf } = this.#context;
    return (await blobs.has(cidText(cid))) && (await shelf.has(envelopeHash));
  }

  /**
   * Gets a registered version whole, from those who said that they store it, then from anyone else. False where nobody has it now. Before each
   * question the state says again what is wanted: an envelope may be replaced meanwhile, and the record shredded.
   */
  async fetchRegistered(of: RecordVersion): Promise<boolean> {
    const { blobs, shelf, state } = this.#context;
    const wanted = standingVersion(state, of);
    if (wanted === undefined) return false;
    const sources = this.#sources(wanted.storedBy as readonly Address[]);
    const cid = cidText(wanted.cid);
    for (const peer of sources) {
      if (standingVersion(state, of) === undefined || (await blobs.has(cid))) break;
      await this.fetchBlob(peer, wanted.cid, null);
    }
    for (const peer of sources) {
      const row = standingVersion(state, of);
      if (row === undefined || (await shelf.has(row.envelopeHash))) break;
      await this.#fetchEnvelope(peer, of, bytesOf(row));
    }
    const row = standingVersion(state, of);
    return row !== undefined && (await blobs.markRegistered(cid)) && (await shelf.has(row.envelopeHash));
  }

  /**
   * Streams one blob in from a peer. False where it did not come, or was another. `uploader`: the hospital whose quota it is
   * charged to; null for what stands on chain.
   */
  async fetchBlob(peer: Address, cid: Uint8Array, uploader: Address | null): Promise<boolean> {
    const text = cidText(cid);
    const coming = this.#underWay.get(text);
    if (coming !== undefined) return coming;
    const fetched = this.#gate
      .run(peer, () => this.#stream(peer, cid, uploader))
      .catch((error: unknown) => {
        if (isDiskError(error)) throw error;
        return false;
      });
    this.#underWay.set(text, fetched);
    try {
      return await fetched;
    } finally {
      this.#underWay.delete(text);
    }
  }

  async #stream(peer: Address, cid: Uint8Array, uploader: Address | null): Promise<boolean> {
    const { network, blobs, logger, state, tip, parameters } = this.#context;
    const { uploadExpiryHeights, uploadQuotaBytes } = parameters();
    const stored = await blobs.put(network.request(peer, 'blob', cid, NODE_LIMITS.blobTimeoutMs), {
      uploader: uploader === null ? 'registered' : `hospital:${toHex(uploader)}`,
      quotaBytes: uploader === null ? Number.MAX_SAFE_INTEGER : NODE_LIMITS.hospitalQuotaShares * uploadQuotaBytes,
      bytesMax: NODE_LIMITS.ciphertextBytesMax,
      expiresAtHeight: (tip().header.height + uploadExpiryHeights) as Height,
      expectedCid: cidText(cid),
    });
    if (!stored.ok) logger.warn('blob refused', { peer, code: stored.rejection.code });
    // Shredded while it came, perhaps after the record's own bytes were erased.
    if (isShreddedContent(state, cid)) await blobs.delete(cidText(cid));
    return stored.ok;
  }

  async #fetchEnvelope(peer: Address, of: RecordVersion, bytes: RecordBytes): Promise<void> {
    const { network, shelf, state, logger } = this.#context;
    const { envelopeHash } = bytes;
    const isNamed = (): boolean => {
      const row = standingVersion(state, of);
      return row !== undefined && equal(row.envelopeHash, envelopeHash);
    };
    try {
      const salted = await this.#gate.run(peer, async () =>
        decodeSaltedEnvelope(
          await whole(network.request(peer, 'envelope', envelopeHash, NODE_LIMITS.envelopeTimeoutMs)),
        ),
      );
      if (salted === undefined || !(await shelf.keep(bytes, salted, isNamed)))
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
