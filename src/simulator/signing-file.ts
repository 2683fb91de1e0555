import { assert } from '../base/assert.ts';
import { StorageError } from '../storage/errors.ts';
import {
  decodeFile,
  encodeHeader,
  encodeSlot,
  fileBytes,
  SECTOR_BYTES,
  type SigningStateRead,
  sectorsFor,
  slotOffset,
} from '../storage/signing-state-sectors.ts';
import type { Random } from './random.ts';

/** Room for one record: far above what a simulated height needs. */
const SLOT_SECTORS = 96;

interface SlotWrite {
  readonly slot: 0 | 1;
  readonly state: Uint8Array;
  readonly sequence: number;
  readonly previous: number;
}

/**
 * The signing file of the shipped layout (storage/signing-state-sectors.ts), on a disk that tears writes and flips bits. Sectors are made of
 * a write only when somebody looks at the file: between two looks, writes that later ones cover leave no trace on a disk either.
 */
export class SimulatedSigningFile {
  readonly #file: Uint8Array;
  /** Finished writes that are not in `#file` yet, oldest first. */
  #writes: SlotWrite[] = [];
  #at: SigningStateRead;

  private constructor(file: Uint8Array, at: SigningStateRead) {
    this.#file = file;
    this.#at = at;
  }

  /** A new file that holds nothing. */
  static create(): SimulatedSigningFile {
    return new SimulatedSigningFile(BLANK.file.slice(), BLANK.at);
  }

  /** Throws 'signing-state.damaged'. */
  static open(file: Uint8Array): SimulatedSigningFile {
    const at = decodeFile(file);
    if (at === undefined) throw new StorageError('signing-state.damaged');
    return new SimulatedSigningFile(file.slice(), at);
  }

  get state(): Uint8Array | null {
    return this.#at.state;
  }

  write(state: Uint8Array): void {
    this.#checkRoom(state);
    this.#finish(this.#next(state));
  }

  /** Power fails while `state` is written: a random choice of its sectors is on the disk, all of them or none among the cases. */
  tear(state: Uint8Array, random: Random): void {
    this.#checkRoom(state);
    this.#lay();
    const { sectors, offset } = sectorsOf(this.#next(state));
    const share = random.pick([0, 0.5, 1]);
    for (let at = 0; at < sectors.length; at += SECTOR_BYTES)
      if (random.chance(share)) this.#file.set(sectors.subarray(at, at + SECTOR_BYTES), offset + at);
  }

  /** The bytes on the disk now: what a backup copies. */
  bytes(): Uint8Array {
    this.#lay();
    return this.#file.slice();
  }

  flipBit(random: Random): void {
    this.#lay();
    // Where something was written: a disk that turns a bit of the empty rest is found out as well, but that is the easy case.
    let at = random.integer(0, this.#file.length - 1);
    while (this.#file[at] === 0) at = random.integer(0, this.#file.length - 1);
    this.#file[at] = (this.#file[at] as number) ^ (1 << random.integer(0, 7));
  }

  #checkRoom(state: Uint8Array): void {
    if (sectorsFor(state.length) > SLOT_SECTORS)
      throw new StorageError('signing-state.too-large', { bytes: state.length });
  }

  #next(state: Uint8Array): SlotWrite {
    const { nextSlot: slot, newest, sequence: previous } = this.#at;
    return { slot, state, sequence: newest + 1, previous };
  }

  #finish(write: SlotWrite): void {
    const { slot, state, sequence } = write;
    const covered = (earlier: SlotWrite) =>
      earlier.slot === slot && sectorsFor(earlier.state.length) <= sectorsFor(state.length);
    this.#writes = [...this.#writes.filter((earlier) => !covered(earlier)), write];
    this.#at = { state, sequence, newest: sequence, nextSlot: slot === 0 ? 1 : 0 };
  }

  #lay(): void {
    for (const write of this.#writes) {
      const { sectors, offset } = sectorsOf(write);
      this.#file.set(sectors, offset);
    }
    this.#writes = [];
  }
}

const BLANK = blank();

function blank(): { readonly file: Uint8Array; readonly at: SigningStateRead } {
  const file = new Uint8Array(fileBytes(SLOT_SECTORS));
  file.set(encodeHeader(SLOT_SECTORS));
  const at = decodeFile(file);
  assert(at !== undefined, 'a new file is whole');
  return { file, at };
}

function sectorsOf({ slot, state, sequence, previous }: SlotWrite) {
  const offset = slotOffset(slot, SLOT_SECTORS);
  return { sectors: encodeSlot(state, sequence, previous, offset / SECTOR_BYTES), offset };
}
