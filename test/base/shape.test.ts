import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as shape from '../../src/base/shape.ts';
import { codeOf } from './support.ts';

const code = (read: shape.Shape<unknown>, value: unknown): string => codeOf(read(value, ''));

const point = shape.struct({ x: shape.uint(10), label: shape.nullable(shape.text(3, /^[a-z]*$/)) });

describe('a shape', () => {
  it.each([
    ['an integer', shape.uint(10), [0, 10], [11, -1], [1.5, -0, 2 ** 53, Number.NaN, 3n, '3', null, undefined]],
    ['a boolean', shape.boolean, [true, false], [], [0, 1, 'true', null]],
    [
      'bytes',
      shape.bytes(2, 3),
      [new Uint8Array(2), new Uint8Array(3)],
      [new Uint8Array(1), new Uint8Array(4)],
      ['ab', [1, 2]],
    ],
    ['text', shape.text(3, /^[a-z]*$/), ['', 'abc'], ['abcd', 'A'], [1, new Uint8Array(1), null]],
    ['a choice', shape.oneOf('yes', 'no'), ['yes', 'no'], ['maybe', '', 1, null, 'toString'], []],
    [
      'a list',
      shape.list(shape.uint(), 2, 1),
      [[1], [1, 2]],
      [[], [1, 2, 3]],
      [new Uint8Array(2), { 0: 1, length: 1 }, [null]],
    ],
    ['a nullable', shape.nullable(shape.uint(1)), [null, 1], [2], [undefined, 'null']],
    ['a map', shape.anyMap, [{}, { a: 1 }], [], [[], new Uint8Array(0), null, 'x']],
    ['a hash', shape.hash, [new Uint8Array(32)], [new Uint8Array(31), new Uint8Array(33)], ['00']],
    ['an address', shape.address, [new Uint8Array(20)], [new Uint8Array(21)], []],
    ['a public key', shape.publicKey, [new Uint8Array(33)], [new Uint8Array(65)], []],
    ['a signature', shape.signature, [new Uint8Array(65)], [new Uint8Array(64)], []],
    ['a round', shape.roundShape, [0, Number.MAX_SAFE_INTEGER], [-1], []],
  ] as const)(
    'of %s takes what it should, and says whether the type or the range is wrong',
    (_, read, good, far, other) => {
      for (const value of good) expect(code(read, value), String(value)).toBe('ok');
      for (const value of far) expect(code(read, value), String(value)).toBe('shape.out-of-range');
      for (const value of other) expect(code(read, value), String(value)).toBe('shape.wrong-type');
    },
  );

  it('of a struct has exactly its fields', () => {
    expect(code(point, { x: 1, label: 'a' })).toBe('ok');
    expect(code(point, { x: 1 })).toBe('shape.missing-field');
    expect(code(point, { x: 1, label: null, y: 2 })).toBe('shape.unknown-field');
    expect(code(point, { x: 1, label: null, ['__proto__']: {} })).toBe('shape.unknown-field');
    expect(code(point, [])).toBe('shape.wrong-type');
  });

  it('does not take an inherited field for its own', () => {
    expect(code(point, Object.create({ x: 1, label: null }))).toBe('shape.missing-field');
    expect(code(shape.struct({ toString: shape.anyMap }), {})).toBe('shape.missing-field');
  });

  it('gives a struct no prototype: no name is there that was not read', () => {
    const read = point({ x: 1, label: null }, '');
    expect(read.ok && Object.getPrototypeOf(read.value)).toBeNull();
  });

  it('names the path of what is wrong', () => {
    const nested = shape.struct({ points: shape.list(point, 3) });
    const read = nested(
      {
        points: [
          { x: 1, label: null },
          { x: 11, label: null },
        ],
      },
      '',
    );
    expect(read).toMatchObject({ rejection: { code: 'shape.out-of-range', detail: { path: 'points[1].x' } } });
  });

  it('cuts an unknown name, which is input, before it says it', () => {
    const read = point({ x: 1, label: null, ['y'.repeat(5_000)]: 1 }, '');
    expect(read.ok || String(read.rejection.detail?.path).length).toBeLessThanOrEqual(64);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const read of [point, shape.anyMap, shape.list(point, 3), shape.uint(), shape.text(3)]) read(value, 'x');
      }),
    );
  });
});
