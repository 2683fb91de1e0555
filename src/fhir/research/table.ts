import { ok, type Result, refuse } from '../../base/result.ts';
import type { FhirCode } from '../codes.ts';
import { FHIR_LIMITS } from '../limits.ts';

/** One record that research may count: whose it is, and where it falls. */
export interface ResearchRow {
  /** A pseudonym: it tells patients apart and leaves with nothing. */
  readonly patient: string;
  readonly row: string;
  readonly column: string;
}

/** How many patients fall into each cell. Margins are sums of cells: a patient in two cells counts in both. */
export interface CountTable {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** [row][column] */
  readonly counts: readonly (readonly number[])[];
  readonly patients: number;
}

/**
 * Patients by two properties, over the records that `permits` lets through: those that a grant for HRESCH covers now. Names are sorted by UTF-16
 * units, so that the order of records tells nothing.
 */
export function countTable(
  rows: Iterable<ResearchRow>,
  permits: (row: ResearchRow) => boolean,
): Result<CountTable, FhirCode> {
  const { researchRowsMax, researchValuesMax } = FHIR_LIMITS;
  const cells = new Map<string, Map<string, Set<string>>>();
  const columns = new Set<string>();
  const patients = new Set<string>();
  let seen = 0;
  for (const one of rows) {
    if (++seen > researchRowsMax) return refuse('fhir-research.too-wide', { researchRowsMax });
    if (!permits(one)) continue;
    const line = cells.get(one.row) ?? new Map<string, Set<string>>();
    const cell = line.get(one.column) ?? new Set<string>();
    cells.set(one.row, line.set(one.column, cell.add(one.patient)));
    columns.add(one.column);
    patients.add(one.patient);
    if (cells.size > researchValuesMax || columns.size > researchValuesMax)
      return refuse('fhir-research.too-wide', { researchValuesMax });
  }
  const [rowNames, columnNames] = [[...cells.keys()].sort(), [...columns].sort()];
  const counts = rowNames.map((row) => columnNames.map((column) => cells.get(row)?.get(column)?.size ?? 0));
  return ok({ rows: rowNames, columns: columnNames, counts, patients: patients.size });
}
