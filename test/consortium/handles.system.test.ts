import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { createApiClient } from '../../src/client/api-client.ts';
import { type Device, hostDevice } from '../../src/client/device.ts';
import { admit, enrol, enrolmentRequest, sponsorEnrolment } from '../../src/client/enrol.ts';
import { createHandleApi } from '../../src/client/handles.ts';
import { createRegistrar, type KnownHospital, type Registrar, refuseDuplicate } from '../../src/client/registrar.ts';
import { createSession, type Session } from '../../src/client/session.ts';
import { type ChainTrust, trustGenesis } from '../../src/client/trust.ts';
import { type Account, createWallet } from '../../src/client/wallet.ts';
import { hospitalHandle } from '../../src/consortium/commands/hospital-handle.ts';
import { Consortium } from '../../src/consortium/consortium.ts';
import { makeConsortium } from '../../src/consortium/genesis-maker.ts';
import { hospitalFolder } from '../../src/consortium/layout.ts';
import { formsOf } from '../../src/consortium/marker-forms.ts';
import { searchFolders } from '../../src/consortium/marker-search.ts';
import { deskOf, joinConsortium, personAt, runningHospitals } from '../../src/consortium/people.ts';
import { anyFreePorts } from '../../src/consortium/ports.ts';
import type { HandleKey } from '../../src/crypto/oprf/handle.ts';
import { enrolmentCommitment } from '../../src/crypto/oprf/salt.ts';
import { readHandleSecrets } from '../../src/node/handle-file.ts';
import { NODE_LIMITS } from '../../src/node/limits.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';
import { accepted } from '../support/person.ts';
import { until } from '../support/until.ts';

/**
 * Four hospitals as processes. A person is enrolled at the first by a record number; a registrar at the second, while the fourth is down, finds
 * that; and neither the number nor its handle is in any byte that a hospital keeps, says or hears.
 */
const [A, B, C, D] = [1, 2, 3, 4] as const;
const MRN = { type: 'https://hospital-a.example/mrn', value: 'QX-77349-zebra-0015' };
const primitives = nativePrimitives();

let data: string;
let consortium: Consortium;
let trust: ChainTrust;
let key: HandleKey;
let everyone: readonly KnownHospital[];
const device: Device = hostDevice(primitives);

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'carechain-handles-'));
  data = join(folder, 'data');
  const ports = await anyFreePorts(8);
  await makeConsortium(primitives, data, {
    name: 'A consortium with handles',
    hospitals: 4,
    peerPorts: ports.slice(0, 4),
    apiPorts: ports.slice(4),
    timestampMs: Date.now(),
    parameters: { blockIntervalMs: 100, heartbeatMs: 300, roundTimeoutMs: 1_000 },
  });
  consortium = await Consortium.open(primitives, data, {
    nodeArgs: (number) => ['--record', join(folder, `recording-${number}`)],
  });
  await consortium.startAll();
  trust = accepted(trustGenesis(primitives, consortium.genesisText));
  key = consortium.genesis.handleKey as HandleKey;
  everyone = runningHospitals(consortium);
}, 60_000);
afterAll(async () => {
  await consortium?.stopAll();
  rmSync(join(data, '..'), { recursive: true, force: true });
});

const around = () => ({ consortium, device, trust });

function sessionAt(account: Account, hospital: number): Session {
  const api = createApiClient({ baseUrl: consortium.api(hospital), chainId: trust.chainId, device, account });
  return createSession({ device, trust, api, account, receiptPollMs: 50 });
}

/** The person's device and the desk of A, by the record number. */
async function enrolAtA(registrar: Registrar): Promise<{ readonly id: string; readonly handle: Hash }> {
  const { handle, enrolledAt, unanswered } = accepted(await registrar.identify(MRN, everyone));
  expect([enrolledAt, unanswered]).toEqual([[], []]);
  const saltKey = (await readHandleSecrets(hospitalFolder(data, A)))?.saltKey as Uint8Array;
  const wallet = createWallet(device);
  const request = enrolmentRequest(wallet, 'patient');
  const sponsorship = sponsorEnrolment(primitives, trust.chainId, registrar.session.account, {
    request,
    handle: enrolmentCommitment(primitives, saltKey, handle),
  });
  accepted(await enrol(sessionAt(wallet.account, A), { request, sponsorship }));
  accepted(await admit(registrar.session, wallet.id));
  return { id: toHex(wallet.id), handle };
}

const silent = (results: unknown[] = []) => ({
  json: true,
  say: () => {},
  result: (one: unknown) => void results.push(one),
});

it('finds across hospitals who is enrolled, for registrars within their hourly limit alone, and leaves no trace of the number', async () => {
  // Genesis is signed by nobody: a session rests on a key that a quorum proves.
  const height = async () => (await sessionAt(createWallet(device).account, A).api.status()).height;
  await until(async () => (await height()) > 0, { timeoutMs: 30_000, what: 'the first block' });
  const atA = createRegistrar((await deskOf(around(), A)).session, key);
  const { id, handle } = await enrolAtA(atA);
  const person = personAt(around(), {
    title: 'registrar',
    role: 'administrator',
    wallet: createWallet(device),
    hospital: B,
  });
  await joinConsortium(around(), await deskOf(around(), B), person, 'the registrar of hospital B');
  const atB = createRegistrar(person.session, key);

  // One hospital is down: three answer, which is the threshold.
  await consortium.stop(D);
  const found = accepted(await atB.identify(MRN, everyone));
  expect(toHex(found.handle)).toBe(toHex(handle));
  expect(found.enrolledAt.map(toHex)).toEqual([toHex(consortium.hospital(A).id)]);
  expect(found.unanswered).toEqual([{ hospital: consortium.hospital(D).id, code: 'client-http.unreachable' }]);
  expect(refuseDuplicate(found, consortium.hospital(B).id)).toMatchObject({
    rejection: { code: 'client-handle.enrolled-elsewhere' },
  });
  expect(accepted(await atB.identify({ ...MRN, value: 'another number' }, everyone)).enrolledAt).toEqual([]);

  // That there is somebody, B may know; who it is, A alone.
  const [first] = everyone as [KnownHospital];
  expect(await atB.resolve(handle, first)).toBeUndefined();
  expect(toHex((await atA.resolve(handle, first)) as Uint8Array)).toBe(id);
  expect(
    await atA.resolve(accepted(await atB.identify({ ...MRN, value: 'nobody' }, everyone)).handle, first),
  ).toBeUndefined();

  // The command line of hospital B's desk says the same.
  const valueFile = join(data, '..', 'value');
  writeFileSync(valueFile, `${MRN.value}\n`, { mode: 0o600 });
  const results: unknown[] = [];
  const ask = everyone.map(({ baseUrl }) => baseUrl);
  const api = consortium.api(B);
  const options = { data: hospitalFolder(data, B), api, type: MRN.type, valueFile, ask };
  expect(await hospitalHandle(options, silent(results) as never)).toBe(1);
  expect(results).toMatchObject([{ enrolledAt: [toHex(consortium.hospital(A).id)], asked: 3 }]);
  rmSync(valueFile);

  // Nobody else: a stranger, and the person herself.
  const stranger = createRegistrar(sessionAt(createWallet(device).account, B), key);
  expect(await stranger.identify(MRN, everyone)).toMatchObject({
    rejection: { code: 'crypto-oprf.too-few', detail: { valid: 0, threshold: 3, reason: 'api-view.denied' } },
  });

  // Who asks more than an hour allows is refused by each that counts, and others are not.
  const deskC = (await deskOf(around(), C)).session;
  const { baseUrl } = first;
  const asking = createHandleApi({ baseUrl, chainId: trust.chainId, device, account: deskC.account });
  const point = primitives.publicKeyOf(createWallet(device).account.secretKey);
  for (let i = 0; i < NODE_LIMITS.handleQuestionsPerRegistrarHour; i++) await asking.evaluate(A, point);
  await expect(asking.evaluate(A, point)).rejects.toMatchObject({ status: 429, code: 'node-handles.too-many' });
  expect(await createRegistrar(deskC, key).identify(MRN, everyone)).toMatchObject({
    rejection: { code: 'crypto-oprf.too-few', detail: { valid: 2, reason: 'node-handles.too-many' } },
  });
  expect(accepted(await atB.identify(MRN, everyone)).enrolledAt).toHaveLength(1);

  // With two down there is no handle, for nobody.
  await consortium.stop(C);
  expect(await atB.identify(MRN, everyone)).toMatchObject({ rejection: { code: 'crypto-oprf.too-few' } });

  await consortium.stopAll();
  const forms = [
    ...formsOf(MRN.value),
    { encoding: 'handle', bytes: handle },
    { encoding: 'handle-hex', bytes: Buffer.from(toHex(handle)) },
  ];
  const searched = await searchFolders([join(data, '..')], forms);
  expect([searched.hits, searched.files > 20]).toEqual([[], true]);
  // The same search finds what is there: the commitment, which stands on chain.
  const saltKey = (await readHandleSecrets(hospitalFolder(data, A)))?.saltKey as Uint8Array;
  const commitment = enrolmentCommitment(primitives, saltKey, handle);
  const control = await searchFolders([join(data, '..')], [{ encoding: 'raw', bytes: commitment }]);
  expect(control.hits.length).toBeGreaterThan(0);
});
