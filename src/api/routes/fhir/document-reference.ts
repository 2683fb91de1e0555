import { toHex } from '../../../base/bytes.ts';
import { refuse } from '../../../base/result.ts';
import { choosePage, documentReferenceOf, searchset } from '../../../fhir/index.ts';
import type { StateReader } from '../../../ledger/state/table.ts';
import { bundleItems, type RecordRow, records } from '../../../ledger/state/tables.ts';
import { aboutItem, permits } from '../../access.ts';
import { FHIR_PATH, faceUrl, fhir, fhirAnswer } from '../../fhir/answer.ts';
import { BlockLookUp } from '../../fhir/block-look-up.ts';
import { aboutPatient, aboutRecord, countOf, pageQuery, patientOf, patientQuery } from '../../fhir/parameters.ts';
import { recordSource, versionRow } from '../../fhir/record-source.ts';
import { reading } from '../../reading.ts';
import type { Call, Route } from '../../route.ts';
import { hex } from '../../schemas.ts';

/** Index entries of records (F23): who wrote what when, and where the ciphertext is. What is in it only a device with a key can say. */

const RECORDS_PER_TOKEN = 8;

async function one(call: Call, version?: number) {
  const record = call.params.id as string;
  const row = reading(call.service, (view) => versionRow(view, record, version));
  if (row === undefined) return refuse('api-view.nothing-here');
  return fhir(documentReferenceOf(await recordSource(call.service, new BlockLookUp(call.service), record, row)));
}

const read: Route = {
  method: 'GET',
  path: `${FHIR_PATH}/DocumentReference/:id`,
  tag: 'fhir',
  summary: 'The newest version of a record as a DocumentReference',
  access: aboutItem('viewRecord', 'Record'),
  params: { id: hex(32) },
  answer: fhirAnswer('DocumentReference'),
  handle: (call) => one(call),
};

const readVersion: Route = {
  method: 'GET',
  path: `${FHIR_PATH}/DocumentReference/:id/_history/:version`,
  tag: 'fhir',
  summary: 'A version of a record as a DocumentReference',
  access: aboutItem('viewRecord', 'Record'),
  params: { id: hex(32), version: { type: 'string', pattern: '^[1-9][0-9]{0,8}$' } },
  answer: fhirAnswer('DocumentReference'),
  handle: (call) => one(call, Number(call.params.version)),
};

interface Listed {
  /** Its place in the patient's list. */
  readonly n: number;
  readonly record: string;
  readonly row: RecordRow;
}

const search: Route = {
  method: 'GET',
  path: `${FHIR_PATH}/DocumentReference`,
  tag: 'fhir',
  summary: "A patient's records as DocumentReferences, in the order of registration",
  access: aboutPatient('viewRecords'),
  query: { ...patientQuery, ...pageQuery, _after: { type: 'string', pattern: '^(0|[1-9][0-9]{0,8})$' } },
  answer: fhirAnswer('Bundle'),
  handle: async (call) => {
    const { service, shared, caller, remoteAddress } = call;
    const count = countOf(call);
    const { _after: after = null } = call.query;
    if (!shared.charge(remoteAddress, Math.ceil(count / RECORDS_PER_TOKEN) - 1)) return refuse('api-limit.rate');
    const patient = toHex(patientOf(call));
    const parameters = [['patient', `Patient/${patient}`] as const];
    const asked = { url: faceUrl(call), type: 'DocumentReference' as const, parameters, after, count };
    const chosen = reading(service, (view) =>
      choosePage<Listed>({
        ...asked,
        items: listed(view, patient, after === null ? 0 : Number(after) + 1),
        permits: ({ record }) => permits(service, caller, 'viewRecord', aboutRecord(record)),
      }),
    );
    if (!chosen.ok) return chosen;
    const { shown, isMore } = chosen.value;
    const blocks = new BlockLookUp(service);
    const sources = await Promise.all(shown.map(({ record, row }) => recordSource(service, blocks, record, row)));
    const last = shown.at(-1);
    return fhir(
      searchset(asked, sources.map(documentReferenceOf), isMore && last !== undefined ? String(last.n) : null),
    );
  },
};

function* listed(state: StateReader, patient: string, first: number): Generator<Listed> {
  for (let n = first; ; n++) {
    const id = bundleItems.get(state, patient, String(n));
    if (id === undefined) return;
    const record = toHex(id);
    const row = records.get(state, record);
    if (row !== undefined) yield { n, record, row };
  }
}

export const documentReferenceRoutes: readonly Route[] = [search, read, readVersion];
