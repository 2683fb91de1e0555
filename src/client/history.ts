import type { DocumentReference, Provenance } from 'fhir/r4.js';
import type { Address, Hash } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { documentReferenceOf, kindOfRole, type Party, provenanceOf, type RecordSource } from '../fhir/index.ts';
import type { AuditLine } from '../ledger/audit.ts';
import { participants, type RecordRow, records, recordVersions } from '../ledger/state/tables.ts';
import { contentIdText } from './content-id.ts';
import { provenRow, provenRows } from './proven.ts';
import type { Session } from './session.ts';

export interface RecordVersion {
  /** As the chain proves it. */
  readonly row: RecordRow;
  /** What brought it, as the hospital tells it in the asker's own trail; null where that is somebody else's and not told. */
  readonly transaction: Hash | null;
  readonly documentReference: DocumentReference | null;
  /** Who wrote it, when, and by which signed transaction (F39). */
  readonly provenance: Provenance | null;
}

/** The chain of a record's versions, the first one first (F38): for its owner, its newest author, and whoever read it. */
export async function recordHistory(session: Session, record: Uint8Array): Promise<Result<readonly RecordVersion[]>> {
  const newest = await provenRow(session, records, toHex(record));
  if (!newest.ok) return newest;
  if (newest.value === undefined) return refuse('client-record.unknown');
  const numbers = Array.from({ length: newest.value.version - 1 }, (_, i) => [toHex(record), String(i + 1)] as const);
  const earlier = await provenRows(session, recordVersions, numbers);
  if (!earlier.ok) return earlier;
  const rows = [...earlier.value.filter((row) => row !== undefined), newest.value];
  if (rows.length !== newest.value.version) return refuse('client-record.unknown');
  const parties = await provenParties(session, rows);
  if (!parties.ok) return parties;
  const lines = linesOf(await session.api.audit(session.account.id), record);
  // The newest version's status says it for all of them.
  const { status } = newest.value;
  return ok(rows.map((row) => versionOf(record, { ...row, status }, parties.value, take(lines, row))));
}

/** Who wrote them, in what role: believed only under a certificate. */
async function provenParties(
  session: Session,
  rows: readonly RecordRow[],
): Promise<Result<ReadonlyMap<string, Party>>> {
  const ids = [...new Set(rows.map(({ author }) => toHex(author)))];
  const found = await provenRows(
    session,
    participants,
    ids.map((id) => [id] as const),
  );
  if (!found.ok) return found;
  const kindAt = (i: number): Party['kind'] => kindOfRole(found.value[i]?.role ?? 'practitioner');
  return ok(new Map(ids.map((id, i) => [id, { id, kind: kindAt(i) }])));
}

const WRITING: ReadonlySet<string> = new Set(['registerRecord', 'amendRecord']);

/** What was written of this record, oldest first. */
const linesOf = (trail: readonly AuditLine[], of: Uint8Array): AuditLine[] =>
  trail
    .filter(
      ({ kind, outcome, record }) => WRITING.has(kind) && outcome === 'applied' && record !== null && equal(record, of),
    )
    .sort((a, b) => a.height - b.height || a.index - b.index);

/** The line of a version, each line once: two versions may stand in one block. */
function take(lines: AuditLine[], { registeredHeight, author }: RecordRow): AuditLine | undefined {
  const at = lines.findIndex(({ height, sender }) => height === registeredHeight && equal(sender, author));
  return at < 0 ? undefined : lines.splice(at, 1)[0];
}

function versionOf(
  record: Uint8Array,
  row: RecordRow,
  parties: ReadonlyMap<string, Party>,
  line: AuditLine | undefined,
): RecordVersion {
  if (line === undefined) return { row, transaction: null, documentReference: null, provenance: null };
  const source = sourceOf(record, row, parties, line.timestampMs);
  const storedBy = row.storedBy.map((hospital) => toHex(hospital));
  const provenance = provenanceOf({ ...source, transaction: toHex(line.transactionId), storedBy });
  return { row, transaction: line.transactionId, documentReference: documentReferenceOf(source), provenance };
}

function sourceOf(
  record: Uint8Array,
  { author, owner, version, cid, ciphertextBytes, status, category }: RecordRow,
  parties: ReadonlyMap<string, Party>,
  recordedMs: number,
): RecordSource {
  const id = toHex(author);
  return {
    record: toHex(record),
    version,
    owner: toHex(owner as Address),
    author: parties.get(id) ?? { id, kind: 'practitioner' },
    status,
    cid: contentIdText(cid),
    ciphertextBytes,
    recordedMs,
    category: toHex(category),
  };
}
