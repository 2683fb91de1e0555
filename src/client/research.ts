import type { MeasureReport } from 'fhir/r4.js';
import { toHex } from '../base/bytes.ts';
import { ok, type Rejection, type Result, refuse } from '../base/result.ts';
import {
  countTable,
  type JsonMap,
  measureReportOf,
  type ResearchRow,
  type SafeTable,
  SMALLEST_COUNT,
  suppress,
} from '../fhir/index.ts';
import { openResource } from './resource.ts';
import { refusedAtDoor, type Session } from './session.ts';
import type { Wallet } from './wallet.ts';

export interface ResearchQuestion {
  /** Where a resource falls in the table; null: it does not count. */
  readonly classify: (resource: JsonMap) => Pick<ResearchRow, 'row' | 'column'> | null;
  /** What the two sides are, for people. */
  readonly rowsAre: string;
  readonly columnsAre: string;
  /** Counts below it are not published. */
  readonly smallest?: number;
}

export interface ResearchExport {
  /** What may leave the device: small cells suppressed, and enough others that nobody computes them (F48). */
  readonly table: SafeTable;
  readonly report: MeasureReport;
  /** Records that could be read and were not counted, and why. */
  readonly left: readonly Rejection[];
}

/**
 * Counts over every record that a grant for HRESCH opens to this account now. Each is read through the chain, decided, logged and told to its
 * patient like any read; what was read stays on this device, and only the table leaves it. A consortium publishes a set of records by one
 * table (docs/fhir.md): what several tell together is not looked at.
 */
export async function exportResearch(
  session: Session,
  wallet: Wallet,
  { classify, rowsAre, columnsAre, smallest = SMALLEST_COUNT }: ResearchQuestion,
): Promise<Result<ResearchExport>> {
  const fromMs = session.device.nowMs();
  const readable = (await session.api.readable(session.account.id)).filter(({ purposes }) =>
    purposes.some(({ purpose }) => purpose === 'HRESCH'),
  );
  if (readable.length === 0) return refuse('client-research.nothing-readable');
  const rows: ResearchRow[] = [];
  const left: Rejection[] = [];
  for (const { record, owner } of readable) {
    // What a hospital lists is where to look; what may be counted, the chain decides read by read.
    const opened = await refusedAtDoor(openResource(session, wallet, { record, purpose: 'HRESCH' }));
    const result = opened.ok ? opened.value : opened;
    if (!result.ok) {
      left.push(result.rejection);
      continue;
    }
    const place = classify(result.value.resource);
    if (place !== null) rows.push({ patient: toHex(owner), ...place });
  }
  const counted = countTable(rows, () => true);
  if (!counted.ok) return counted;
  const table = suppress(counted.value, smallest);
  if (!table.ok) return table;
  const report = measureReportOf(table.value, { rowsAre, columnsAre, fromMs, toMs: session.device.nowMs() });
  return ok({ table: table.value, report, left });
}
