import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { openCategory } from '../../src/client/categories.ts';
import { hostDevice } from '../../src/client/device.ts';
import { grantAccess } from '../../src/client/grant.ts';
import type { Tap } from '../../src/client/http.ts';
import { EMPTY_MEDICAL_INDEX, type MedicalIndex, recordsWith, rememberRecord } from '../../src/client/medical-index.ts';
import { openMedicalIndex, sealMedicalIndex } from '../../src/client/medical-index-file.ts';
import { readRecord } from '../../src/client/read-record.ts';
import { revokeAccess } from '../../src/client/revoke.ts';
import { endSearchEpoch, indexedRecord, indexRecord, searchFor } from '../../src/client/search.ts';
import { handOverSearch, searchWithToken } from '../../src/client/search-token.ts';
import type { Session } from '../../src/client/session.ts';
import type { Wallet } from '../../src/client/wallet.ts';
import { writeRecord } from '../../src/client/write-record.ts';
import { keywordsOf } from '../../src/fhir/keywords.ts';
import {
  type MakeNetwork,
  makeConsortium,
  memoryNetworks,
  primitives,
  RunningConsortium,
} from '../support/consortium.ts';
import { Devices } from '../support/device.ts';
import { accepted } from '../support/person.ts';
import { until } from '../support/until.ts';

const PACE = { storageReceiptsMin: 1, heartbeatMs: 100 };
const resource = (code: string, display: string) => ({
  resourceType: 'Condition',
  code: { coding: [{ system: 'http://snomed.info/sct', code, display }] },
});
const ASTHMA = resource('195967001', 'Quixotic-asthma');
const GOUT = resource('90560007', 'Xylophonic-podagra');

interface Patient {
  readonly wallet: Wallet;
  readonly session: Session;
}

/** Written, read back through the chain, and indexed by what it says. */
async function keep({ wallet, session }: Patient, index: MedicalIndex, content: object) {
  const record = await write({ wallet, session }, content);
  const opened = accepted(await readRecord(session, wallet, { record, purpose: 'PATRQT' }));
  const keywords = keywordsOf(JSON.parse(new TextDecoder().decode(opened.plaintext)));
  return { record, index: accepted(await indexRecord(session, wallet, index, { record, keywords })) };
}

async function write({ wallet, session }: Patient, content: object): Promise<Uint8Array> {
  const input = { owner: wallet.id, category: wallet.categoryOf('general'), plaintext: utf8(JSON.stringify(content)) };
  return accepted(await writeRecord(session, wallet, input)).record;
}

async function everyFile(folder: string): Promise<Buffer> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((one) => one.isFile()).map((one) => readFile(join(one.parentPath, one.name)));
  return Buffer.concat(await Promise.all(files));
}

const formsOf = (bytes: Uint8Array): readonly (string | Buffer)[] => [
  Buffer.from(bytes),
  toHex(bytes),
  toHex(bytes).toUpperCase(),
  Buffer.from(bytes).toString('base64').replace(/=+$/, ''),
  Buffer.from(bytes).toString('base64url'),
];

it('finds a keyword at the hospital, and neither its folder nor the wire holds a byte of it', async () => {
  const exchanges = new Map<number, Buffer[]>();
  const tap: Tap = (exchange, _side, bytes) =>
    exchanges.set(exchange, [...(exchanges.get(exchange) ?? []), Buffer.from(bytes)]);
  const running = await RunningConsortium.make(makeConsortium(1, { parameters: PACE }));
  await running.startAll();
  const devices = await Devices.at(running, [1], tap);
  const patient = await devices.member('patient', 1);
  const doctor = await devices.member('practitioner', 1);
  const { session, wallet } = patient;
  accepted(await openCategory(session, wallet, 'general'));
  // One recording of the patient's requests alone: the exchanges of each client are counted from 1.
  exchanges.clear();

  const first = await keep(patient, EMPTY_MEDICAL_INDEX, ASTHMA);
  const second = await keep(patient, first.index, GOUT);
  const third = await keep(patient, second.index, ASTHMA);
  const { index } = third;
  const found = async (keyword: string, at = index) =>
    accepted(await searchFor(session, wallet, at, keyword)).map(toHex);
  expect((await found('http://snomed.info/sct|195967001')).sort()).toEqual(
    [first, third].map(({ record }) => toHex(record)).sort(),
  );
  expect(await found('Xylophonic')).toEqual([toHex(second.record)]);
  expect(await found('migraine')).toEqual([]);

  // A trapdoor in the hands of a doctor: under a grant alone, until it is revoked or the epoch ends.
  const handOver = { keyword: 'podagra', grantee: doctor.wallet.id, label: 'general' };
  const token = accepted(await handOverSearch(session, wallet, index, handOver));
  const byDoctor = () => searchWithToken(doctor.session, doctor.wallet, token);
  expect(await byDoctor()).toMatchObject({ ok: false, rejection: { code: 'api-view.nothing-here' } });
  const grantee = { type: 'person' as const, id: toHex(doctor.wallet.id) };
  const terms = { purposes: ['TREAT' as const], access: 'read' as const, expires: Date.now() + 3_600_000, uses: null };
  const grant = () => grantAccess(session, wallet, { grantee, labels: ['general'], ...terms, request: null });
  accepted(await grant());
  expect(accepted(await byDoctor()).map(toHex)).toEqual([toHex(second.record)]);
  accepted(await revokeAccess(session, wallet, { grantee, label: 'general', endEpoch: false }));
  expect(await byDoctor()).toMatchObject({ ok: false, rejection: { code: 'api-view.nothing-here' } });
  accepted(await grant());
  const ended = accepted(await endSearchEpoch(session, wallet, index));
  expect(await byDoctor()).toMatchObject({ ok: false, rejection: { code: 'crypto-search.wrong-index' } });
  expect(await found('podagra', ended)).toEqual([toHex(second.record)]);

  const wire = Buffer.concat([...exchanges.values()].flat());
  await devices.close();
  await running.stop();
  const disk = await everyFile(running.folder);
  const words = [
    '195967001',
    '90560007',
    'quixotic',
    'Quixotic',
    'xylophonic',
    'Xylophonic',
    'asthma',
    'podagra',
    'snomed',
  ];
  for (const word of words)
    for (const form of formsOf(utf8(word))) {
      expect(wire.includes(form), `${word} on the wire`).toBe(false);
      expect(disk.includes(form), `${word} on the disk`).toBe(false);
    }
  // Record ids are on chain and in the envelopes; with a search none goes over the wire.
  const searching = [...exchanges.values()]
    .map((parts) => Buffer.concat(parts))
    .filter((one) => /^(PUT|POST) \S+\/search/.test(one.toString('latin1')));
  expect(searching.length).toBeGreaterThan(6);
  for (const one of searching)
    for (const { record } of [first, second, third])
      for (const form of formsOf(record)) expect(one.includes(form)).toBe(false);
});

/** Hospital 2 gets no ciphertext and no envelope from another as long as it is shut. */
function shut(gate: { isShut: boolean }): MakeNetwork {
  const make = memoryNetworks();
  return (consortium, hospital) => {
    const network = make(consortium, hospital);
    if (hospital.number !== 2) return network;
    const request: typeof network.request = (peer, kind, ...rest) => {
      if (gate.isShut && (kind === 'blob' || kind === 'envelope')) throw new Error('the line is down');
      return network.request(peer, kind, ...rest);
    };
    return Object.assign(Object.create(network) as typeof network, network, { request });
  };
}

it("a device at hospital B has hospital A's record fetched by the index that it carries", async () => {
  const gate = { isShut: true };
  const running = await RunningConsortium.make(makeConsortium(2, { parameters: PACE }), shut(gate));
  await running.startAll();
  await running.reached(1);
  const devices = await Devices.at(running, [1, 2]);
  const patient = await devices.member('patient', 1);
  accepted(await openCategory(patient.session, patient.wallet, 'general'));
  const record = await write(patient, ASTHMA);
  const row = await patient.session.api.record(record);
  expect(row?.row.storedBy.map(toHex)).toEqual([toHex(running.node(1).hospital)]);
  const entry = accepted(
    await indexedRecord(patient.session, patient.wallet, { record, keywords: keywordsOf(ASTHMA) }),
  );
  const file = accepted(
    sealMedicalIndex(hostDevice(primitives), patient.wallet, accepted(rememberRecord(EMPTY_MEDICAL_INDEX, entry))),
  );

  // Another device of the same person, at hospital B, with nothing but the wallet and this file.
  const index = accepted(openMedicalIndex(primitives, patient.wallet, file));
  const [hit] = recordsWith(index, 'Quixotic');
  expect(hit).toMatchObject({ hospital: running.node(1).hospital, label: 'general', version: 1, record });
  const atB = devices.session(patient.wallet.account, 2);
  const wish = { record: hit?.record as Uint8Array, purpose: 'PATRQT' as const };
  const missing = async () => (await running.node(2).service.metrics()).includes('carechain_node_records_missing 1');
  await until(missing, { what: 'hospital B misses the record' });
  await expect(readRecord(atB, patient.wallet, wish)).rejects.toMatchObject({ code: 'duty.envelope-missing' });

  gate.isShut = false;
  const opened = accepted(await readRecord(atB, patient.wallet, wish));
  expect(JSON.parse(new TextDecoder().decode(opened.plaintext))).toEqual(ASTHMA);
  await devices.close();
});
