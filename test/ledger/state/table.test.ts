import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode } from '../../../src/base/canonical.ts';
import * as shape from '../../../src/base/shape.ts';
import { StateOverlay } from '../../../src/ledger/state/overlay.ts';
import { table } from '../../../src/ledger/state/table.ts';

const NOTHING = { get: () => undefined };
const numbers = () => table<{ readonly n: number }, [id: string]>('numbers', shape.struct({ n: shape.uint() }));

describe('a table', () => {
  it('answers what the state asked holds, whichever states and keys are asked in turn', () => {
    const id = fc.constantFrom('a', 'b');
    const write = fc.record({ state: fc.nat(2), id, n: fc.option(fc.nat(2)) });
    const read = fc.record({ state: fc.nat(2), id });
    fc.assert(
      fc.property(fc.array(fc.oneof(write, read), { maxLength: 40 }), (steps) => {
        const rows = numbers();
        const states = [0, 1, 2].map(() => new StateOverlay(NOTHING));
        const model = states.map(() => new Map<string, number>());
        for (const step of steps) {
          const [state, known] = [states[step.state] as StateOverlay, model[step.state] as Map<string, number>];
          if (!('n' in step)) {
            expect(rows.get(state, step.id)?.n).toBe(known.get(step.id));
          } else if (step.n === null) {
            rows.delete(state, step.id);
            known.delete(step.id);
          } else {
            rows.set(state, { n: step.n }, step.id);
            known.set(step.id, step.n);
          }
        }
      }),
    );
  });

  it('reads a row once while its bytes stay the same, in the same array or in another', () => {
    let reads = 0;
    const counted = table<number, [id: string]>('counted', (value, path) => {
      reads++;
      return shape.uint()(value, path);
    });
    for (let i = 0; i < 3; i++) expect(counted.get({ get: () => encode(5) }, 'a')).toBe(5);
    expect(reads).toBe(1);
    expect(counted.get({ get: () => encode(6) }, 'a')).toBe(6);
    expect(counted.get({ get: () => encode(5) }, 'b')).toBe(5);
    expect(reads).toBe(3);
  });

  it('remembers a bounded number of rows, and reads the others again', () => {
    let reads = 0;
    const counted = table<number, [id: string]>('counted', (value, path) => {
      reads++;
      return shape.uint()(value, path);
    });
    const state = { get: () => encode(1) };
    for (let i = 0; i < 1_025; i++) counted.get(state, String(i));
    reads = 0;
    counted.get(state, '1024');
    expect(reads).toBe(0);
    counted.get(state, '0');
    expect(reads).toBe(1);
  });

  it('stops at a row that is not of its shape', () => {
    expect(() => numbers().get({ get: () => encode({ n: 'x' }) }, 'a')).toThrow('a row of numbers has its shape');
    expect(() => numbers().get({ get: () => Uint8Array.of(0xff) }, 'a')).toThrow('a row of numbers is canonical');
  });
});
