import type { Address } from '../base/brand.ts';
import { concat, u64be } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { NetworkCode } from './codes.ts';
import { NETWORK_LIMITS } from './limits.ts';

const ORIGIN_BYTES = 20;
const PREFIX_BYTES = ORIGIN_BYTES + 8;

export const ANNOUNCEMENT_WIRE_BYTES_MAX = PREFIX_BYTES + NETWORK_LIMITS.announcementBytesMax;

export interface Announcement {
  /** Who says that it said this. Nobody signed it: any member can claim another's name, so it is a hint and no evidence. */
  readonly origin: Address;
  readonly bytes: Uint8Array;
}

/**
 * Origin (20) ‖ sequence (u64be) ‖ bytes. Gossip drops a message that it has seen, by the hash of its bytes: origin and sequence keep two
 * nodes at the same height, and one node that says the same twice, from silencing each other.
 */
export const encodeAnnouncement = (origin: Address, sequence: number, bytes: Uint8Array): Uint8Array =>
  concat(origin, u64be(sequence), bytes);

export function decodeAnnouncement(wire: Uint8Array): Result<Announcement, NetworkCode> {
  if (wire.length < PREFIX_BYTES || wire.length > ANNOUNCEMENT_WIRE_BYTES_MAX)
    return refuse('network-announcement.malformed', { bytes: wire.length });
  // Copies: gossip hands out a Node Buffer, whose `slice` would be a view of its whole read buffer.
  const copy = new Uint8Array(wire);
  return ok({ origin: copy.subarray(0, ORIGIN_BYTES) as Address, bytes: copy.subarray(PREFIX_BYTES) });
}
