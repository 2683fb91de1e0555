import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import type { AuditEvent, Bundle, CapabilityStatement, Consent, FhirResource, OperationOutcome } from 'fhir/r4.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES } from '../../src/api/route-table.ts';
import { buildApi } from '../../src/api/server.ts';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { signingDigest } from '../../src/base/digest.ts';
import { FHIR_ROUTES, importConsent, profileFaults } from '../../src/fhir/index.ts';
import type { Receipt } from '../../src/ledger/receipt.ts';
import { storageReceiptBytes } from '../../src/ledger/signed-words.ts';
import { decodeTransaction } from '../../src/ledger/transaction.ts';
import { expectValid } from '../fhir/judge.ts';
import { secretOf } from '../ledger/town.ts';
import { REQUESTS } from './requests.ts';
import { ask, hash, idOf, OPTIONS, primitives } from './support.ts';
import { buildWorld, hospitalName, type World } from './world.ts';

/*
 * The FHIR face over a chain with some life on it: a patient with two records, one of them amended and one shredded, read under a grant that was
 * revoked since, with a second grant that stands; and a doctor who was denied. Every answer is put to a validator of others.
 */

let world: World;
let app: FastifyInstance;
let secondGrant: string;
let denied: { readonly existing: Receipt; readonly missing: Receipt };
const RECORD = hash('record one');

beforeAll(async () => {
  world = await buildWorld();
  app = await buildApi(world.service, OPTIONS);
  const { service } = world;
  service.seal(() => {
    const { town } = service;
    const applied = (receipt: Receipt): Receipt => {
      expect([receipt.outcome, receipt.code]).toEqual(['applied', null]);
      return receipt;
    };
    town.join('other doctor', 'practitioner', hospitalName(2));
    applied(town.act('patient', 'amendRecord', amendment()));
    applied(town.act('patient', 'registerRecord', town.recordPayload('patient', 'two')));
    applied(town.read('doctor', 'one'));
    const grantee = { type: 'person' as const, id: toHex(idOf('doctor')) };
    applied(town.act('patient', 'revoke', { grantee, category: town.category('patient') }));
    const forPayment = town.grantPayload('patient', 'other doctor', { purposes: ['HPAYMT'], uses: 2 });
    secondGrant = toHex(applied(town.act('patient', 'grant', forPayment)).transactionId);
    denied = { existing: town.read('other doctor', 'one'), missing: town.read('other doctor', 'missing') };
    applied(town.act('patient', 'shred', { record: hash('record two') }));
  });
}, 60_000);
afterAll(() => app.close());

/** A second version of the first record, with the receipts of two hospitals. */
function amendment() {
  const { town } = world.service;
  const { owner: _owner, category, storage: _storage, ...next } = town.recordPayload('patient', 'one anew');
  const stored = { ...next, record: RECORD as Uint8Array };
  const words = storageReceiptBytes(town.env.chainId, { ...stored, version: 2, author: idOf('patient'), category });
  const digest = signingDigest(primitives, 'storage-receipt', words);
  const storage = [1, 2].map((n) => ({
    hospital: idOf(hospitalName(n)),
    signature: primitives.sign(digest, secretOf(`${hospitalName(n)} duty`)),
  }));
  return { ...stored, storage };
}

async function get<T extends FhirResource>(name: string | null, url: string, status = 200): Promise<T> {
  const response = await ask(app, world.service, name, { url });
  expect([response.statusCode, response.headers['content-type']]).toEqual([
    status,
    'application/fhir+json; charset=utf-8',
  ]);
  const resource = response.json() as T;
  expectValid(resource);
  expect(world.service.openViews).toBe(0);
  return resource;
}

const resourcesOf = <T extends FhirResource>({ entry = [] }: Bundle): readonly T[] =>
  entry.map(({ resource }) => resource as T);

/** All pages of a search: each valid, none with a total. */
async function walk<T extends FhirResource>(name: string, url: string): Promise<readonly T[]> {
  const found: T[] = [];
  for (let next: string | undefined = url; next !== undefined; ) {
    const page: Bundle = await get<Bundle>(name, next);
    expect(page).not.toHaveProperty('total');
    found.push(...resourcesOf<T>(page));
    const link = page.link?.find(({ relation }) => relation === 'next')?.url;
    expect(link === undefined || link.startsWith('http://localhost')).toBe(true);
    next = link?.replace(/^http:\/\/[^/]*/, '');
  }
  return found;
}

interface Line {
  readonly transactionId: string;
  readonly timestampMs: number;
  readonly kind: string;
  readonly outcome: string;
  readonly sender: string;
}

/** The patient's trail as the rest of the API tells it. */
async function trail(): Promise<readonly Line[]> {
  const url = `/v1/participants/${world.patient}/audit?limit=200`;
  return ((await ask(app, world.service, 'patient', { url })).json() as { items: Line[] }).items;
}

const patientQuery = () => `patient=Patient/${world.patient}`;

describe('the routes of the FHIR face', () => {
  it('are those that the statement of capabilities is made from, and all of them', async () => {
    const served = ROUTES.filter(({ path }) => path.startsWith('/fhir')).map(({ method, path }) => `${method} ${path}`);
    expect(served.sort()).toEqual(FHIR_ROUTES.map(({ method, path }) => `${method} /fhir${path}`).sort());
    const { rest } = await get<CapabilityStatement>(null, '/fhir/metadata');
    expect(rest?.[0]?.resource?.map(({ type }) => type)).toEqual([
      'AuditEvent',
      'Consent',
      'DocumentReference',
      'Provenance',
    ]);
  });

  it.each(FHIR_ROUTES.map(({ method, path }) => `${method} /fhir${path}`))(
    '%s answers with valid R4',
    async (route) => {
      const request = (REQUESTS[route] as (typeof REQUESTS)[string])(world);
      await get('patient', request.url);
    },
  );

  it.each([
    ['/fhir/Nothing', 404, 'api-route.unknown'],
    ['/fhir/Consent?patient=nobody', 400, 'api-request.invalid'],
    ['/fhir/Consent', 400, 'api-request.invalid'],
    ['/fhir/AuditEvent?patient=PATIENT&date=soon', 400, 'api-request.invalid'],
    ['/fhir/AuditEvent?patient=PATIENT&date=2026-02-30', 400, 'api-request.invalid'],
    ['/fhir/AuditEvent?patient=PATIENT&entity=x', 400, 'api-request.invalid'],
    ['/fhir/AuditEvent?patient=PATIENT&_after=x', 400, 'api-request.invalid'],
    ['/fhir/Provenance?target=Observation/1', 400, 'api-request.invalid'],
    ['/fhir/DocumentReference/RECORD/_history/9', 404, 'api-view.nothing-here'],
    ['/fhir/Consent/READ', 404, 'api-view.nothing-here'],
  ])('refuse %s with %i and the code %s, as an OperationOutcome', async (path, status, code) => {
    const url = path.replace('PATIENT', world.patient).replace('RECORD', world.record).replace('READ', world.read);
    const outcome = await get<OperationOutcome>('patient', url, status);
    expect(outcome.issue[0]?.details?.coding?.[0]?.code).toBe(code);
  });

  it('refuse whoever may not know as they refuse what is not there, byte for byte', async () => {
    for (const path of [
      '/fhir/Consent?patient=X',
      '/fhir/AuditEvent?patient=X',
      '/fhir/AuditEvent/$disclosures?patient=X',
    ]) {
      const about = (id: string) => ask(app, world.service, 'doctor', { url: path.replace('X', id) });
      const [there, missing] = [await about(world.patient), await about('ff'.repeat(20))];
      expect([there.statusCode, there.body]).toEqual([404, missing.body]);
    }
    const record = (id: string) => ask(app, world.service, 'doctor', { url: `/fhir/DocumentReference/${id}` });
    expect((await record(world.record)).body).toBe((await record('ff'.repeat(32))).body);
  });

  it('tell a reader in its links the address that the request named, and nothing that is no address', async () => {
    const url = `/fhir/DocumentReference?${patientQuery()}`;
    const self = async (host: string) => {
      const response = await ask(app, world.service, 'patient', { url, headers: { host } });
      return (response.json() as Bundle).link?.[0]?.url;
    };
    expect(await self('hospital.example:8443')).toMatch(/^http:\/\/hospital\.example:8443\/fhir\/DocumentReference\?/);
    expect(await self('x/y"><')).toMatch(/^http:\/\/localhost\/fhir\//);
  });
});

describe('AuditEvents', () => {
  it('are the own trail: every line of it once, whatever the page and the time asked for, each in its BALP profile', async () => {
    const all = await walk<AuditEvent>('patient', `/fhir/AuditEvent?${patientQuery()}`);
    const items = await trail();
    expect(all.map(({ id }) => id)).toEqual(items.map(({ transactionId }) => transactionId));
    expect(all.flatMap((event) => profileFaults(event))).toEqual([]);
    const profiles = all.flatMap(({ meta }) => meta?.profile ?? []).map((url) => url.split('BasicAudit.')[1]);
    expect(new Set(profiles)).toEqual(new Set(['PatientCreate', 'PatientUpdate', 'PatientRead', 'PatientDelete']));

    const instants = items.map(({ timestampMs }) => new Date(timestampMs).toISOString());
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: items.length + 1 }),
        fc.constantFrom(...instants),
        fc.constantFrom('ge', 'gt', 'le', 'lt', 'eq', ''),
        async (count, when, prefix) => {
          const url = `/fhir/AuditEvent?${patientQuery()}&date=${prefix}${when}&_count=${count}`;
          const found = await walk<AuditEvent>('patient', url);
          expect(found.map(({ id }) => id)).toEqual(
            items
              .filter(({ timestampMs }) => isWithin(prefix, timestampMs, Date.parse(when)))
              .map(({ transactionId }) => transactionId),
          );
        },
      ),
      { numRuns: 25 },
    );
  });

  it('take two dates as a range', async () => {
    const all = await walk<AuditEvent>('patient', `/fhir/AuditEvent?${patientQuery()}`);
    const [from, to] = [all[2]?.recorded, all[4]?.recorded];
    const some = await walk<AuditEvent>('patient', `/fhir/AuditEvent?${patientQuery()}&date=ge${from}&date=le${to}`);
    expect(some.map(({ id }) => id)).toEqual(all.slice(2, 5).map(({ id }) => id));
  });

  it('tell whoever was denied the same of a record that is there and of one that is not', async () => {
    const events = await walk<AuditEvent>('other doctor', `/fhir/AuditEvent?patient=${toHex(idOf('other doctor'))}`);
    const told = Object.values(denied).map(({ transactionId, outcome }) => {
      expect(outcome).toBe('denied');
      const event = events.find(({ id }) => id === toHex(transactionId));
      expect(event).toBeDefined();
      const { recorded: _, ...rest } = JSON.parse(
        JSON.stringify(event)
          .replaceAll(toHex(transactionId), 'ID')
          .replace(/("height","valueString":)"\d+"/, '$1""'),
      );
      return rest;
    });
    expect(told[0]).toEqual(told[1]);
    expect(JSON.stringify(told)).not.toContain(world.patient);
  });

  it('account for the disclosures: the reads of others, none of the own', async () => {
    const bundle = await get<Bundle>('patient', `/fhir/AuditEvent/$disclosures?${patientQuery()}`);
    const events = resourcesOf<AuditEvent>(bundle);
    const reads = (await trail()).filter(({ kind, outcome }) => kind === 'readRecord' && outcome === 'applied');
    const byOthers = reads.filter(({ sender }) => sender !== world.patient);
    expect(events.map(({ id }) => id)).toEqual(byOthers.map(({ transactionId }) => transactionId));
    expect(events.map(({ id }) => id)).toContain(world.read);
    expect(events.map(({ id }) => id)).not.toContain(world.selfRead);
    expect(events.flatMap((event) => profileFaults(event))).toEqual([]);
  });
});

const isWithin = (prefix: string, ms: number, whenMs: number): boolean =>
  ({ ge: ms >= whenMs, gt: ms > whenMs, le: ms <= whenMs, lt: ms < whenMs })[prefix] ?? ms === whenMs;

describe('Consents', () => {
  it('are the grants of the patient: inactive once revoked, with what was signed', async () => {
    const all = await walk<Consent>('patient', `/fhir/Consent?${patientQuery()}&_count=1`);
    const grants = (await trail()).filter(({ kind, outcome }) => kind === 'grant' && outcome === 'applied');
    expect(all.map(({ id }) => id)).toEqual(grants.map(({ transactionId }) => transactionId));
    expect(all.filter(({ status }) => status === 'inactive').map(({ id }) => id)).toEqual([world.granted]);
    expect(all.at(-1)?.id).toBe(secondGrant);
    expect(all[0]?.identifier?.map(({ value }) => value)).toEqual([world.granted, world.requested]);
    for (const status of ['active', 'inactive'])
      expect(
        (await walk<Consent>('patient', `/fhir/Consent?${patientQuery()}&status=${status}&_count=1`)).map(
          ({ id }) => id,
        ),
      ).toEqual(all.filter((one) => one.status === status).map(({ id }) => id));
    expect(await get<Consent>('patient', `/fhir/Consent/${secondGrant}`)).toEqual(all.at(-1));
  });

  it('come back as the same grant', async () => {
    const consent = await get<Consent>('patient', `/fhir/Consent/${secondGrant}`);
    const { town } = world.service;
    const imported = importConsent(consent, {
      nowMs: town.tip.header.timestampMs,
      longestMs: town.env.genesis.parameters.grantDurationMaxMs,
      patient: world.patient,
      categories: [{ category: town.category('patient'), epoch: 0, label: 'N', sensitivities: [] }],
      resolve: () => undefined,
    });
    expect(imported.findings).toEqual([]);
    expect(imported.grants).toMatchObject([
      { grantee: { type: 'person', id: toHex(idOf('other doctor')) }, access: 'read', purposes: ['HPAYMT'], uses: 2 },
    ]);
  });
});

describe('DocumentReferences and Provenances', () => {
  it('list the records of the patient, a tombstone for the shredded one', async () => {
    const all = await walk('patient', `/fhir/DocumentReference?${patientQuery()}&_count=1`);
    expect(all).toMatchObject([
      { id: world.record, status: 'current', meta: { versionId: '2' } },
      { id: toHex(hash('record two')), status: 'superseded' },
    ]);
    expect(JSON.stringify(all[1])).not.toContain('ipfs://');
  });

  it('show an earlier version as it was, and lead to the one that it replaced', async () => {
    const first = await get('patient', `/fhir/DocumentReference/${world.record}/_history/1`);
    const second = await get('patient', `/fhir/DocumentReference/${world.record}/_history/2`);
    expect(second).toEqual(await get('patient', `/fhir/DocumentReference/${world.record}`));
    expect(first).toMatchObject({ meta: { versionId: '1' } });
    expect(second).toMatchObject({
      relatesTo: [{ target: { reference: `DocumentReference/${world.record}/_history/1` } }],
    });
  });

  it('name the transaction of each version, with its very signature', async () => {
    const all = await walk('patient', `/fhir/Provenance?target=DocumentReference/${world.record}&_count=1`);
    expect(all.map(({ id }) => id)).toHaveLength(2);
    expect(all[0]?.id).toBe(world.registered);
    const { signed } = (
      await ask(app, world.service, 'patient', { url: `/v1/transactions/${world.registered}` })
    ).json();
    const bytes = fromHex(signed) as Uint8Array;
    const transaction = decodeTransaction(primitives, world.service.env.chainId, bytes);
    const signature = transaction.ok ? Buffer.from(transaction.value.signature).toString('base64') : '';
    expect(all[0]).toMatchObject({ signature: [{ data: signature }] });
  });
});
