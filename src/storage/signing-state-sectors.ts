import { concat, equal, u64be } from '../base/bytes.ts';
import { sha256 } from './checksum.ts';
import { readU32, readU64, u32be } from './key-space.ts';

/*
 * The signing state on disk: a header sector, then two slots of equal size that are written in turn.
 *
 *   header    magic (24 bytes) ‖ sectors per slot (4) ‖ zeros ‖ checksum (16)
 *   sector    position in sectors (4) ‖ sequence (8) ‖ previous sequence (8) ‖ state length (4) ‖ payload (472)
 *             ‖ checksum (16)
 *
 * The checksum is SHA-256 of all before it, cut to 16 bytes; a sector never written is all zeros. A disk writes whole
 * sectors, so a write cut short leaves in one slot a mixture of whole sectors of two writes, and nothing else: that
 * tail is cut and the other slot holds. Everything else (a flipped bit, a missing end, a sector out of place) is
 * damage, and never read as an older state.
 */
export const SECTOR_BYTES = 512;
const CHECKSUM_BYTES = 16;
const BODY_BYTES = SECTOR_BYTES - CHECKSUM_BYTES;
const PREFIX_BYTES = 4 + 8 + 8 + 4;
const PAYLOAD_BYTES = BODY_BYTES - PREFIX_BYTES;
/** A sector never written. */
const BLANK_SECTOR = new Uint8Array(SECTOR_BYTES);
const MAGIC = new Uint8Array(Buffer.from('carechain signing state1', 'latin1'));

export interface SigningStateRead {
  /** The newest state that was written to its end; `null` before the first. */
  readonly state: Uint8Array | null;
  /** Sequence of `state`, 0 before the first. */
  readonly sequence: number;
  /** Highest sequence of any sector: the next write exceeds it. */
  readonly newest: number;
  /** Where the next state goes: never over the state that holds. */
  readonly nextSlot: 0 | 1;
}

export const sectorsFor = (bytes: number): number => Math.max(1, Math.ceil(bytes / PAYLOAD_BYTES));

export const fileBytes = (slotSectors: number): number => (1 + 2 * slotSectors) * SECTOR_BYTES;

/** Byte offset of a slot. */
export const slotOffset = (slot: 0 | 1, slotSectors: number): number => (1 + slot * slotSectors) * SECTOR_BYTES;

export function encodeHeader(slotSectors: number): Uint8Array {
  const sector = new Uint8Array(SECTOR_BYTES);
  sector.set(MAGIC);
  sector.set(u32be(slotSectors), MAGIC.length);
  return withChecksum(sector);
}

/** The sectors of one state, for the slot that begins at sector `position`. */
export function encodeSlot(state: Uint8Array, sequence: number, previous: number, position: number): Uint8Array {
  const prefix = concat(u64be(sequence), u64be(previous), u32be(state.length));
  const count = sectorsFor(state.length);
  const sectors = new Uint8Array(count * SECTOR_BYTES);
  for (let i = 0; i < count; i++) {
    const sector = sectors.subarray(i * SECTOR_BYTES, (i + 1) * SECTOR_BYTES);
    sector.set(u32be(position + i));
    sector.set(prefix, 4);
    sector.set(state.subarray(i * PAYLOAD_BYTES, (i + 1) * PAYLOAD_BYTES), PREFIX_BYTES);
    withChecksum(sector);
  }
  return sectors;
}

function withChecksum(sector: Uint8Array): Uint8Array {
  sector.set(sha256(sector.subarray(0, BODY_BYTES)).subarray(0, CHECKSUM_BYTES), BODY_BYTES);
  return sector;
}

/** `undefined` means damaged. */
export function decodeFile(file: Uint8Array): SigningStateRead | undefined {
  if (file.length < SECTOR_BYTES) return undefined;
  const slotSectors = readU32(file, MAGIC.length);
  if (!equal(file.subarray(0, SECTOR_BYTES), encodeHeader(slotSectors))) return undefined;
  if (file.length !== fileBytes(slotSectors)) return undefined;
  const [a, b] = [readSlot(file, 0, slotSectors), readSlot(file, 1, slotSectors)];
  if (a === undefined || b === undefined) return undefined;
  return a.sequence > b.sequence ? choose(a, b, 0) : choose(b, a, 1);
}

function choose(newer: Slot, older: Slot, newerSlot: 0 | 1): SigningStateRead | undefined {
  // Either way the newer write was made while the older state held, whole.
  if (older.state === undefined || newer.previous !== older.sequence) return undefined;
  const newest = newer.sequence;
  if (newer.state === undefined) return { state: older.state, sequence: older.sequence, newest, nextSlot: newerSlot };
  return { state: newer.state, sequence: newest, newest, nextSlot: newerSlot === 0 ? 1 : 0 };
}

interface Slot {
  /** Highest sequence in the slot; 0 where it is blank. */
  readonly sequence: number;
  readonly previous: number;
  /** `undefined` where the newest write did not reach its end; `null` in a blank slot. */
  readonly state: Uint8Array | null | undefined;
}
const BLANK: Slot = { sequence: 0, previous: 0, state: null };

interface Sector {
  readonly sequence: number;
  readonly previous: number;
  readonly stateBytes: number;
  readonly payload: Uint8Array;
}

/** `undefined` means damaged. */
function readSlot(file: Uint8Array, slot: 0 | 1, slotSectors: number): Slot | undefined {
  const sectors: (Sector | null)[] = [];
  for (let i = 0; i < slotSectors; i++) {
    const sector = readSector(file, 1 + slot * slotSectors + i);
    if (sector === undefined) return undefined;
    sectors.push(sector);
  }
  const newest = sectors.reduce<Sector | null>((best, s) => (s && s.sequence > (best?.sequence ?? 0) ? s : best), null);
  if (newest === null) return BLANK;
  const { sequence, previous, stateBytes } = newest;
  const own = sectors.filter((sector): sector is Sector => sector?.sequence === sequence);
  const count = sectorsFor(stateBytes);
  if (count > slotSectors || own.some((s) => s.previous !== previous || s.stateBytes !== stateBytes)) return undefined;
  const isWhole = sectors.slice(0, count).every((sector) => sector?.sequence === sequence);
  if (own.length > count) return undefined;
  const state = isWhole ? concat(...own.map((sector) => sector.payload)).slice(0, stateBytes) : undefined;
  return { sequence, previous, state };
}

/** `null` for a sector never written, `undefined` for a damaged one. */
function readSector(file: Uint8Array, position: number): Sector | null | undefined {
  const sector = file.subarray(position * SECTOR_BYTES, (position + 1) * SECTOR_BYTES);
  if (Buffer.compare(sector, BLANK_SECTOR) === 0) return null;
  if (Buffer.compare(sector, withChecksum(Uint8Array.from(sector))) !== 0 || readU32(sector) !== position)
    return undefined;
  return {
    sequence: readU64(sector, 4),
    previous: readU64(sector, 12),
    stateBytes: readU32(sector, 20),
    payload: sector.subarray(PREFIX_BYTES, BODY_BYTES),
  };
}
