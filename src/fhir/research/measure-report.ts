import type {
  CodeableConcept,
  MeasureReport,
  MeasureReportGroupPopulation,
  MeasureReportGroupStratifierStratum,
} from 'fhir/r4.js';
import { concept, DATA_ABSENT, OWN, SYSTEMS } from '../terms.ts';
import { instantOf } from '../times.ts';
import type { Published, SafeTable } from './suppress.ts';

export interface ReportSetting {
  /** What the two sides of the table are, for people: "age group", "diagnosis". */
  readonly rowsAre: string;
  readonly columnsAre: string;
  /** Block times that the counted records stand between, ms. */
  readonly fromMs: number;
  readonly toMs: number;
}

type Population = MeasureReportGroupPopulation;

/** A safe table (F48) as a FHIR summary MeasureReport: a stratifier by rows, by columns, and by both. */
export const measureReportOf = (table: SafeTable, setting: ReportSetting): MeasureReport => {
  const { rowsAre, columnsAre, fromMs, toMs } = setting;
  const by = (code: string) => ({ code: [{ text: code }] });
  return {
    resourceType: 'MeasureReport',
    status: 'complete',
    type: 'summary',
    measure: OWN.measure,
    date: instantOf(toMs),
    period: { start: instantOf(fromMs), end: instantOf(toMs) },
    group: [
      {
        population: [populationOf(table.sum)],
        stratifier: [
          { ...by(rowsAre), stratum: table.rows.map((row, at) => stratumOf(row, table.rowSums[at] ?? null)) },
          {
            ...by(columnsAre),
            stratum: table.columns.map((column, at) => stratumOf(column, table.columnSums[at] ?? null)),
          },
          { ...by(`${rowsAre}, ${columnsAre}`), stratum: cellsOf(table, setting) },
        ],
      },
    ],
  };
};

const cellsOf = (table: SafeTable, { rowsAre, columnsAre }: ReportSetting): MeasureReportGroupStratifierStratum[] =>
  table.rows.flatMap((row, i) =>
    table.columns.map((column, j) => ({
      component: [
        { code: { text: rowsAre }, value: { text: row } },
        { code: { text: columnsAre }, value: { text: column } },
      ],
      population: [populationOf(table.counts[i]?.[j] ?? null)],
    })),
  );

const stratumOf = (name: string, count: Published): MeasureReportGroupStratifierStratum => ({
  value: { text: name },
  population: [populationOf(count)],
});

const INITIAL: CodeableConcept = concept(SYSTEMS.measurePopulation, 'initial-population', 'Initial Population');

/** A suppressed count is masked, and not 0. */
const populationOf = (count: Published): Population =>
  count === null ? { extension: [{ url: DATA_ABSENT, valueCode: 'masked' }], code: INITIAL } : { code: INITIAL, count };
