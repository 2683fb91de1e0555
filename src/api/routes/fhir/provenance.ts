import { toHex } from '../../../base/bytes.ts';
import { refuse } from '../../../base/result.ts';
import { choosePage, provenanceOf, searchset } from '../../../fhir/index.ts';
import type { StateReader } from '../../../ledger/state/table.ts';
import { type RecordRow, records } from '../../../ledger/state/tables.ts';
import { FHIR_PATH, faceUrl, fhir, fhirAnswer } from '../../fhir/answer.ts';
import { BlockLookUp } from '../../fhir/block-look-up.ts';
import { aboutRecord, countOf, pageQuery, targetOf } from '../../fhir/parameters.ts';
import { authorOf } from '../../fhir/people.ts';
import { recordIdOf, versionRow } from '../../fhir/record-source.ts';
import { reading } from '../../reading.ts';
import type { Call, Route } from '../../route.ts';
import { text } from '../../schemas.ts';

/** Versions whose blocks are read for one token of an address's rate. */
const VERSIONS_PER_TOKEN = 4;

/** Who wrote which version of a record, and by which signed transaction (F38, F39). */
const search: Route = {
  method: 'GET',
  path: `${FHIR_PATH}/Provenance`,
  tag: 'fhir',
  summary:
    'Who wrote which version of a record, who keeps it, and by which transaction: a Provenance each, the first version first',
  access: { action: 'viewRecord', questions: (call) => [aboutRecord(targetOf(call))] },
  query: {
    target: text(96, 'Required: DocumentReference/ and the record.'),
    ...pageQuery,
    _after: { type: 'string', pattern: '^[1-9][0-9]{0,8}$' },
  },
  answer: fhirAnswer('Bundle'),
  handle: async (call) => {
    const { service, shared, remoteAddress } = call;
    const record = targetOf(call);
    const count = countOf(call);
    const { _after: after = null } = call.query;
    const parameters = [['target', `DocumentReference/${record}`] as const];
    const asked = { url: faceUrl(call), type: 'Provenance' as const, parameters, after, count };
    const chosen = reading(service, (view) =>
      // The policies have decided about the record, with all its versions.
      choosePage({ ...asked, items: versions(view, record, Number(after ?? 0) + 1), permits: () => true }),
    );
    if (!chosen.ok) return chosen;
    const { shown, isMore } = chosen.value;
    if (!shared.charge(remoteAddress, Math.ceil(shown.length / VERSIONS_PER_TOKEN))) return refuse('api-limit.rate');
    const blocks = new BlockLookUp(service);
    const resources = [];
    for (const row of shown) resources.push(await provenance(call, blocks, record, row));
    const last = shown.at(-1);
    return fhir(searchset(asked, resources, isMore && last !== undefined ? String(last.version) : null));
  },
};

function* versions(state: StateReader, record: string, first: number): Generator<RecordRow> {
  const newest = records.get(state, record)?.version ?? 0;
  for (let version = first; version <= newest; version++) {
    const row = versionRow(state, record, version);
    if (row !== undefined) yield row;
  }
}

async function provenance({ service }: Call, blocks: BlockLookUp, record: string, row: RecordRow) {
  const brought = await blocks.versionBy(row.registeredHeight, recordIdOf(record), row.cid);
  const recordedMs = await blocks.timestampMs(row.registeredHeight);
  if (brought === undefined) throw new Error(`no transaction of block ${row.registeredHeight} brought this version`);
  return provenanceOf({
    record,
    version: row.version,
    owner: toHex(row.owner),
    author: reading(service, (view) => authorOf(view, row.author)),
    recordedMs,
    transaction: toHex(brought.id),
    signature: brought.signature,
    storedBy: row.storedBy.map(toHex),
  });
}

export const provenanceRoutes: readonly Route[] = [search];
