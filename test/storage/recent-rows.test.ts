import { describe, expect, it } from 'vitest';
import type { Height } from '../../src/base/brand.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { STORAGE_LIMITS } from '../../src/storage/limits.ts';
import { RecentRows } from '../../src/storage/recent-rows.ts';

const h = (n: number) => n as Height;
const NOTHING: ReadonlyMap<string, Uint8Array | null> = new Map();

/** Counts what is read from the disk. */
class Disk {
  reads = 0;
  readonly read = (value: Uint8Array | undefined) => () => {
    this.reads++;
    return value;
  };
}

/** Rows of a state that is durable at height 5. */
function rowsAt5() {
  const rows = new RecentRows();
  rows.advance(h(5), NOTHING);
  return { rows, disk: new Disk() };
}

describe('recent rows', () => {
  it('are read once, also those that are not there, and handed out as the same bytes', () => {
    const { rows, disk } = rowsAt5();
    const value = utf8('1');
    for (let i = 0; i < 3; i++) {
      expect(rows.get(h(5), 'a', disk.read(value))).toBe(value);
      expect(rows.get(h(5), 'none', disk.read(undefined))).toBeUndefined();
    }
    expect(disk.reads).toBe(2);
  });

  it('answer for no height but the newest, and remember nothing of another', () => {
    const { rows, disk } = rowsAt5();
    expect(rows.get(h(5), 'a', disk.read(utf8('at 5')))).toEqual(utf8('at 5'));
    expect(rows.get(h(4), 'a', disk.read(utf8('at 4')))).toEqual(utf8('at 4'));
    expect(rows.get(h(6), 'a', disk.read(utf8('at 6')))).toEqual(utf8('at 6'));
    expect(rows.get(h(4), 'b', disk.read(utf8('b at 4')))).toEqual(utf8('b at 4'));
    expect(rows.get(h(5), 'b', disk.read(utf8('b at 5')))).toEqual(utf8('b at 5'));
    expect(disk.reads).toBe(5);
  });

  it('answer for nothing before the first block is durable', () => {
    const rows = new RecentRows();
    const disk = new Disk();
    for (let i = 0; i < 2; i++) rows.get(h(0), 'a', disk.read(utf8('1')));
    expect(disk.reads).toBe(2);
  });

  it('follow a block: replaced, deleted, written for the first time, left alone', () => {
    const { rows, disk } = rowsAt5();
    for (const key of ['replaced', 'deleted', 'left']) rows.get(h(5), key, disk.read(utf8('old')));
    rows.get(h(5), 'new', disk.read(undefined));
    rows.advance(
      h(6),
      new Map([
        ['replaced', utf8('6')],
        ['deleted', null],
        ['new', utf8('6')],
        ['unread', utf8('6')],
      ]),
    );
    disk.reads = 0;
    expect(rows.get(h(6), 'replaced', disk.read(undefined))).toEqual(utf8('6'));
    expect(rows.get(h(6), 'deleted', disk.read(utf8('wrong')))).toBeUndefined();
    expect(rows.get(h(6), 'left', disk.read(utf8('wrong')))).toEqual(utf8('old'));
    expect(disk.reads).toBe(0);
    // What nobody had read is not kept: the disk says what it is.
    for (const key of ['new', 'unread']) expect(rows.get(h(6), key, disk.read(utf8('6')))).toEqual(utf8('6'));
    expect(disk.reads).toBe(2);
  });

  it('stay below their limits, of rows and of bytes', () => {
    const { rows, disk } = rowsAt5();
    const { recentRowsMax, recentRowBytesMax } = STORAGE_LIMITS;
    for (let i = 0; i <= recentRowsMax; i++) rows.get(h(5), `k${i}`, disk.read(utf8('v')));
    disk.reads = 0;
    rows.get(h(5), `k${recentRowsMax}`, disk.read(utf8('v')));
    expect(disk.reads).toBe(0);
    rows.get(h(5), 'k0', disk.read(utf8('v')));
    expect(disk.reads).toBe(1);
    rows.get(h(5), 'large', disk.read(new Uint8Array(recentRowBytesMax + 1)));
    rows.get(h(5), 'large', disk.read(new Uint8Array(recentRowBytesMax + 1)));
    expect(disk.reads).toBe(3);
  });
});
