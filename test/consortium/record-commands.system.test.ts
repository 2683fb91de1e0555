import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle } from 'fhir/r4.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { hostDevice } from '../../src/client/device.ts';
import { createHttp } from '../../src/client/http.ts';
import type { Wallet } from '../../src/client/wallet.ts';
import { fhirImport } from '../../src/consortium/commands/fhir/import.ts';
import { recordGet } from '../../src/consortium/commands/record/get.ts';
import { recordGrant } from '../../src/consortium/commands/record/grant.ts';
import { recordList } from '../../src/consortium/commands/record/list.ts';
import { recordPut } from '../../src/consortium/commands/record/put.ts';
import type { Output } from '../../src/consortium/output.ts';
import type { PersonOptions } from '../../src/consortium/person-device.ts';
import { splitBundle } from '../../src/fhir/index.ts';
import { samplePatientText } from '../../src/fhir/sample.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';
import { expectValid } from '../fhir/judge.ts';
import { makeConsortium, RunningConsortium, temporaryFolder } from '../support/consortium.ts';
import { Devices } from '../support/device.ts';

/** The commands of a person against four nodes with disks, through their APIs: what goes in comes out, for whom it was granted. */
const HOSPITALS = 4;
const PACE = { blockIntervalMs: 50, heartbeatMs: 250 };
const PASSWORD = 'only for this test';
const device = hostDevice(nativePrimitives());

interface Stage {
  readonly folder: string;
  readonly patient: Wallet;
  readonly doctor: Wallet;
  readonly chainId: Hash;
  /** The flags that say who acts, and at which hospital. */
  as(who: 'patient' | 'doctor'): PersonOptions;
  path(name: string): string;
}

async function stage(): Promise<Stage> {
  const running = await RunningConsortium.make(makeConsortium(HOSPITALS, { parameters: PACE }));
  await running.startAll();
  const devices = await Devices.at(running, [1, 2]);
  onTestFinished(() => devices.close());
  const { wallet: patient } = await devices.member('patient', 1);
  const { wallet: doctor } = await devices.member('practitioner', 2);
  const folder = await temporaryFolder();
  const path = (name: string): string => join(folder, name);
  writeFileSync(path('genesis.json'), running.consortium.genesisText);
  writeFileSync(path('password'), PASSWORD);
  writeFileSync(path('patient.json'), patient.seal(device, PASSWORD));
  writeFileSync(path('doctor.json'), doctor.seal(device, PASSWORD));
  const as: Stage['as'] = (who) => ({
    key: path(`${who}.json`),
    passwordFile: path('password'),
    genesis: path('genesis.json'),
    node: devices.address(who === 'patient' ? 1 : 2),
  });
  return { folder, patient, doctor, chainId: running.consortium.chainId, as, path };
}

async function result<T>(command: (output: Output) => Promise<number>): Promise<T> {
  const results: object[] = [];
  const exitCode = await command({ json: true, say: () => {}, result: (value) => void results.push(value) });
  expect([exitCode, results.length]).toEqual([0, 1]);
  return results[0] as T;
}

const digestOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('the commands of a person', () => {
  it('put any file, grant it, and get it byte for byte: once it is granted, and never over a file that is there', async () => {
    const { patient, doctor, as, path } = await stage();
    writeFileSync(path('study'), randomBytes(300_001));
    const { record } = await result<{ record: string }>((output) => recordPut(path('study'), as('patient'), output));
    const out = path('out');
    const get = (output: Output) => recordGet(record, { ...as('doctor'), out, purpose: 'TREAT' }, output);
    await expect(result(get)).rejects.toMatchObject({ code: 'policy.denied', exitCode: 1 });
    const to = toHex(doctor.id);
    const wish = { ...as('patient'), to, access: 'read', purpose: 'TREAT', hours: 1, uses: 2 } as const;
    expect(await result((output) => recordGrant(wish, output))).toMatchObject({ holders: HOSPITALS });
    expect(await result(get)).toMatchObject({ bytes: 300_001, path: 'grant', owner: toHex(patient.id) });
    expect(digestOf(out)).toBe(digestOf(path('study')));
    await expect(result(get)).rejects.toMatchObject({ code: 'consortium-command.file-exists', exitCode: 64 });
  });

  it('put into the file of another under a grant to write, by the id of the category', async () => {
    const { patient, doctor, as, path } = await stage();
    writeFileSync(path('letter'), 'A letter of the doctor.');
    const to = toHex(doctor.id);
    const wish = { ...as('patient'), to, access: 'write', purpose: 'TREAT', hours: 1, category: 'letters' } as const;
    const { category } = await result<{ category: string }>((output) => recordGrant(wish, output));
    const put = (name: string) => (output: Output) =>
      recordPut(path('letter'), { ...as('doctor'), patient: toHex(patient.id), category: name }, output);
    await expect(result(put('letters'))).rejects.toMatchObject({ exitCode: 64 });
    const { record } = await result<{ record: string }>(put(category));
    const own = { ...as('patient'), out: path('out'), purpose: 'PATRQT', category: 'letters' } as const;
    expect(await result((output) => recordGet(record, own, output))).toMatchObject({
      path: 'self',
      author: toHex(doctor.id),
    });
    expect(digestOf(own.out)).toBe(digestOf(path('letter')));
  });

  it('import a Bundle as a record for each category, and hospitals tell of them in valid R4', async () => {
    const { patient, as, path, chainId } = await stage();
    const text = samplePatientText();
    writeFileSync(path('bundle.json'), text);
    const { records } = await result<{ records: { record: string; category: string }[] }>((output) =>
      fhirImport(path('bundle.json'), as('patient'), output),
    );
    expect(records.map(({ category }) => category)).toEqual(['general', 'diagnoses', 'vital signs', 'medication']);
    const listed = await result<{ records: { record: string; name: string }[] }>((output) =>
      recordList(as('patient'), output),
    );
    expect(listed.records.map(({ record, name }) => [record, name])).toEqual(
      records.map(({ record, category }) => [record, category]),
    );
    const medication = { ...as('patient'), out: path('medication'), purpose: 'PATRQT' } as const;
    await result((output) => recordGet(records[3]?.record ?? '', medication, output));
    const parts = splitBundle(text);
    expect(parts.ok && parts.value[3]?.text).toBe(readFileSync(medication.out, 'utf8'));

    const http = createHttp({ baseUrl: as('patient').node, chainId, device, account: patient.account });
    const bundle = async (url: string): Promise<Bundle> => {
      const [route = '', query] = url.split('?');
      const request = { method: 'GET', path: route, query: Object.fromEntries(new URLSearchParams(query)) } as const;
      const found = JSON.parse(Buffer.from(await http.whole(request, 1e6)).toString('utf8')) as Bundle;
      expectValid(found);
      return found;
    };
    const about = `patient=Patient/${toHex(patient.id)}`;
    expect((await bundle(`/fhir/DocumentReference?${about}`)).entry).toHaveLength(records.length);
    expect((await bundle(`/fhir/Provenance?target=DocumentReference/${records[0]?.record}`)).entry).toHaveLength(1);
    expect((await bundle(`/fhir/Consent?${about}`)).entry).toBeUndefined();
    expect((await bundle(`/fhir/AuditEvent/$disclosures?${about}`)).entry).toBeUndefined();
    const links = (await bundle(`/fhir/AuditEvent?${about}&_count=2`)).link?.map(({ relation }) => relation);
    expect(links).toEqual(['self', 'next']);
  });
});
