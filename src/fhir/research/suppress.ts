import { ok, type Result, refuse } from '../../base/result.ts';
import type { FhirCode } from '../codes.ts';
import { type Arc, arcsOf, entriesToMove } from './network.ts';
import type { CountTable } from './table.ts';

/** Counts of 1 to 10 are not published: the cell size policy of the Centers for Medicare & Medicaid Services. */
export const SMALLEST_COUNT = 11;

/** Null: suppressed. Nothing tells a small count from one that is suppressed to hide it. */
export type Published = number | null;

/** A table as it may leave the consortium. */
export interface SafeTable {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly counts: readonly (readonly Published[])[];
  readonly rowSums: readonly Published[];
  readonly columnSums: readonly Published[];
  readonly sum: Published;
  readonly smallest: number;
}

/**
 * Suppresses every count, and every sum, below `smallest` and above 0, and so many others that whoever adds and subtracts what is left finds each
 * of them to be possibly anything from 1 to `smallest` − 1. It speaks of this one table: what several tables tell together it does not
 * know, so a consortium publishes a set of records by one table (docs/fhir.md). A 0 is published.
 */
export function suppress(table: CountTable, smallest: number = SMALLEST_COUNT): Result<SafeTable, FhirCode> {
  if (!Number.isSafeInteger(smallest) || smallest < 2) return refuse('fhir-research.threshold');
  if (table.patients < smallest) return refuse('fhir-research.too-few', { smallest });
  const full = withSums(table.counts);
  const arcs = arcsOf(full);
  const hidden = new Set<number>();
  const small = [...arcs.keys()].filter((arc) => isSmall(arcs[arc], smallest));
  for (const arc of small) hidden.add(arc);
  for (const arc of small) protect(arcs, hidden, arc, smallest);
  return ok(safeTable(table, full, hidden, smallest));
}

const isSmall = (arc: Arc | undefined, smallest: number): boolean =>
  arc !== undefined && arc.value > 0 && arc.value < smallest;

/** Hides what must be hidden for `arc` to be possibly 1, and possibly `smallest` − 1. Hiding the sums too is always enough. */
function protect(arcs: readonly Arc[], hidden: Set<number>, arc: number, smallest: number): void {
  const value = arcs[arc]?.value ?? 0;
  for (const [units, raises] of [
    [smallest - 1 - value, true],
    [value - 1, false],
  ] as const) {
    // What is hidden already costs nothing; else little counts are worth less than great ones.
    const costOf = (other: number): number => (hidden.has(other) ? 0 : 1 + (arcs[other]?.value ?? 0));
    for (const other of entriesToMove(arcs, costOf, arc, units, raises) ?? arcs.keys()) hidden.add(other);
  }
}

function withSums(counts: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const lines = counts.map((line) => [...line, sumOf(line)]);
  const width = lines[0]?.length ?? 1;
  return [...lines, Array.from({ length: width }, (_, column) => sumOf(lines.map((line) => line[column] ?? 0)))];
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

function safeTable(
  { rows, columns }: CountTable,
  full: readonly (readonly number[])[],
  hidden: ReadonlySet<number>,
  smallest: number,
): SafeTable {
  const width = columns.length + 1;
  const shown = full.map((line, row) =>
    line.map((value, column): Published => (hidden.has(row * width + column) ? null : value)),
  );
  const sums = shown[rows.length] ?? [];
  return {
    rows,
    columns,
    counts: shown.slice(0, rows.length).map((line) => line.slice(0, columns.length)),
    rowSums: shown.slice(0, rows.length).map((line) => line[columns.length] ?? null),
    columnSums: sums.slice(0, columns.length),
    sum: sums[columns.length] ?? null,
    smallest,
  };
}
