import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countTable, measureReportOf, type ResearchRow, type SafeTable, suppress } from '../../../src/fhir/index.ts';
import { expectValid } from '../judge.ts';

const table = (counts: number[][]) => ({
  rows: counts.map((_, index) => `r${index}`),
  columns: (counts[0] ?? []).map((_, index) => `c${index}`),
  counts,
  patients: counts.flat().reduce((sum, one) => sum + one, 0),
});
const safe = (counts: number[][], smallest?: number): SafeTable => {
  const result = suppress(table(counts), smallest);
  if (!result.ok) throw new Error(result.rejection.code);
  return result.value;
};

/**
 * An attacker who only adds and subtracts, and tries: every way to fill the suppressed cells with whole numbers up to `most` that agrees with every
 * published cell and sum. Gives, for each cell, the values that are still possible.
 */
function possible({ counts, rowSums, columnSums, sum }: SafeTable, most: number): Set<number>[][] {
  const found = counts.map((line) => line.map(() => new Set<number>()));
  const cells = counts.map((line) => [...line]);
  const places = counts.flatMap((line, i) => line.flatMap((value, j) => (value === null ? [[i, j] as const] : [])));
  const rowOf = (i: number) => cells[i]?.reduce<number>((total, one) => total + (one ?? 0), 0) ?? 0;
  const columnOf = (j: number) => cells.reduce((total, line) => total + (line[j] ?? 0), 0);
  const agrees = () =>
    rowSums.every((one, i) => one === null || one === rowOf(i)) &&
    columnSums.every((one, j) => one === null || one === columnOf(j)) &&
    (sum === null || sum === cells.reduce((total, _, i) => total + rowOf(i), 0));
  const fill = (at: number): void => {
    const place = places[at];
    if (place === undefined) {
      if (agrees()) for (const [i, j] of places) found[i]?.[j]?.add(cells[i]?.[j] ?? 0);
      return;
    }
    const [i, j] = place;
    const line = cells[i];
    if (line === undefined) return;
    for (let value = 0; value <= most; value++) {
      line[j] = value;
      if (rowOf(i) > (rowSums[i] ?? Number.POSITIVE_INFINITY)) break;
      fill(at + 1);
    }
    line[j] = null;
  };
  fill(0);
  return found;
}

describe('a research table', () => {
  it('is published whole where no count is small', () => {
    expect(
      safe([
        [20, 30],
        [40, 0],
      ]),
    ).toMatchObject({
      counts: [
        [20, 30],
        [40, 0],
      ],
      rowSums: [50, 40],
      columnSums: [60, 30],
      sum: 90,
    });
  });

  it('lets nobody compute a small count from the sums: the differencing attack on the lone small cell fails', () => {
    const shown = safe([
      [20, 30, 40],
      [25, 3, 45],
      [30, 35, 50],
    ]);
    expect(shown.counts[1]?.[1]).toBeNull();
    // What a table that hides only the small cell would give away.
    const naive =
      (shown.columnSums[1] ?? Number.NaN) - (shown.counts[0]?.[1] ?? Number.NaN) - (shown.counts[2]?.[1] ?? Number.NaN);
    expect(naive).not.toBe(3);
    expect(shown.counts.flat().filter((one) => one === null).length).toBeGreaterThanOrEqual(4);
  });

  it('leaves every small count possibly anything below the threshold, for whoever tries all tables: small tables, exhaustively', () => {
    const smallest = 3;
    const cells = fc.array(fc.array(fc.constantFrom(0, 1, 2, 3, 4, 5), { minLength: 3, maxLength: 3 }), {
      minLength: 2,
      maxLength: 2,
    });
    let checked = 0;
    fc.assert(
      fc.property(cells, (counts) => {
        fc.pre(counts.flat().reduce<number>((sum, one) => sum + one, 0) >= smallest);
        const found = possible(safe(counts, smallest), 6);
        for (const [i, line] of counts.entries())
          for (const [j, value] of line.entries()) {
            if (value === 0 || value >= smallest) continue;
            checked += 1;
            expect([...(found[i]?.[j] ?? [])]).toEqual(expect.arrayContaining([1, 2]));
          }
      }),
      { numRuns: 40 },
    );
    expect(checked).toBeGreaterThan(20);
  });

  it('publishes no count and no sum that is small, and nothing that is wrong', () => {
    const cells = fc.array(fc.array(fc.nat(40), { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(cells, (counts) => {
        const result = suppress(table(counts));
        if (!result.ok) return;
        const { rowSums, columnSums, sum } = result.value;
        const shown = [...result.value.counts.flat(), ...rowSums, ...columnSums, sum];
        expect(shown.filter((one) => one !== null && one > 0 && one < 11)).toEqual([]);
        for (const [i, line] of result.value.counts.entries())
          for (const [j, one] of line.entries()) if (one !== null) expect(one).toBe(counts[i]?.[j]);
      }),
      { numRuns: 200 },
    );
  });

  it('is refused where fewer patients than the threshold stand behind it, and for a threshold of 1', () => {
    expect(suppress(table([[4, 6]]))).toMatchObject({ rejection: { code: 'fhir-research.too-few' } });
    expect(suppress(table([[40, 60]]), 1)).toMatchObject({ rejection: { code: 'fhir-research.threshold' } });
  });

  it('counts patients and not records, and only what a grant for research covers', () => {
    const rows: ResearchRow[] = [
      { patient: 'a', row: 'x', column: 'm' },
      { patient: 'a', row: 'x', column: 'm' },
      { patient: 'b', row: 'x', column: 'n' },
      { patient: 'c', row: 'y', column: 'm' },
      { patient: 'd', row: 'z', column: 'm' },
    ];
    const counted = countTable(rows, ({ patient }) => patient !== 'd');
    expect(counted).toEqual({
      ok: true,
      value: {
        rows: ['x', 'y'],
        columns: ['m', 'n'],
        counts: [
          [1, 1],
          [1, 0],
        ],
        patients: 3,
      },
    });
  });

  it('leaves as a valid MeasureReport: a suppressed count is masked, and not 0', () => {
    const report = measureReportOf(
      safe([
        [20, 30, 40],
        [25, 3, 45],
        [30, 35, 50],
      ]),
      {
        rowsAre: 'age group',
        columnsAre: 'diagnosis',
        fromMs: 0,
        toMs: 1_000,
      },
    );
    expectValid(report);
    const cells = report.group?.[0]?.stratifier?.[2]?.stratum ?? [];
    expect(cells).toHaveLength(9);
    const masked = cells.filter(({ population }) => population?.[0]?.count === undefined);
    expect(masked.length).toBeGreaterThanOrEqual(4);
    expect(masked.every(({ population }) => population?.[0]?.extension?.[0]?.valueCode === 'masked')).toBe(true);
  });
});
