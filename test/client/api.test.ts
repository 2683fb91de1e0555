import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Api, createApi } from '../../src/api/server.ts';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { ok } from '../../src/base/result.ts';
import type { ApiClient } from '../../src/client/api.ts';
import { createApiClient } from '../../src/client/api-client.ts';
import { auditTrail } from '../../src/client/audit.ts';
import { openCategory } from '../../src/client/categories.ts';
import { contentIdOf, contentIdText } from '../../src/client/content-id.ts';
import { hostDevice } from '../../src/client/device.ts';
import { grantAccess, previewGrant } from '../../src/client/grant.ts';
import { collect, type Tap } from '../../src/client/http.ts';
import { readRecord } from '../../src/client/read-record.ts';
import { requestAccess } from '../../src/client/request-access.ts';
import { revokeAccess } from '../../src/client/revoke.ts';
import { rewrapRecord } from '../../src/client/rewrap.ts';
import { refusedAtDoor } from '../../src/client/session.ts';
import { shredRecord } from '../../src/client/shred.ts';
import { trustGenesis } from '../../src/client/trust.ts';
import { accountOf, type KeyPair, type Wallet } from '../../src/client/wallet.ts';
import { writeRecord } from '../../src/client/write-record.ts';
import { TownService } from '../api/town-service.ts';
import { genesisOf, HOUR_MS, hospitalName, primitives, secretOf } from '../ledger/town.ts';
import { FakeConsortium, oneByOne, unwrapped } from './fake-consortium.ts';
import { type Connect, member, type Person, stranger } from './people.ts';

const BUNDLE = utf8('{"resourceType":"Bundle","note":"MARKER-4711"}');

let consortium: FakeConsortium;
let api: Api;
let recorded: string;

const tap: Tap = (_exchange, _side, bytes) => {
  recorded += Buffer.from(bytes).toString('latin1');
};
const nowMs = () => consortium.town.tip.header.timestampMs;
const device = () => ({ ...hostDevice(primitives), nowMs });
const clientFor = (account: KeyPair | null): ApiClient =>
  createApiClient({ baseUrl: api.address, chainId: consortium.trust.chainId, device: device(), account, tap });
const connect: Connect = (account) => ({ api: clientFor(account), device: device() });

beforeEach(async () => {
  recorded = '';
  consortium = new FakeConsortium(genesisOf(4));
  const service = Object.assign(await TownService.over(consortium.town), {
    putBlob: async (stream: AsyncIterable<Uint8Array>) =>
      ok(await consortium.api().putBlob(await collect(stream, 1e8))),
    storeRecord: async (request: Parameters<FakeConsortium['storeRecord']>[0]) => ok(consortium.storeRecord(request)),
    storeFragments: async (request: Parameters<FakeConsortium['storeFragments']>[0]) =>
      ok(consortium.storeFragments(request)),
    readShares: async (id: Parameters<FakeConsortium['shares']>[0]) => ok(consortium.shares(id)),
    readEnvelope: async (id: Parameters<FakeConsortium['shares']>[0]) => ok(consortium.envelopeOf(id)),
    readCiphertext: async (id: Parameters<FakeConsortium['shares']>[0]) => {
      const bytes = consortium.ciphertextOf(id);
      return ok({ cid: contentIdText(await contentIdOf(bytes)), bytes: bytes.length, stream: oneByOne(bytes) });
    },
  });
  api = await createApi(service, { host: '127.0.0.1', port: 0, docs: false, logger: null, rateLimits: null, nowMs });
});
afterEach(() => api.close());

const join = (name: string, role: 'patient' | 'practitioner', hospital = 1) =>
  member(consortium, name, role, { hospital, connect });
const granteeOf = ({ wallet }: { wallet: Wallet }) => ({ type: 'person' as const, id: toHex(wallet.id) });
const codeOf = (result: { ok: boolean; rejection?: { code: string } }) => (result.ok ? 'ok' : result.rejection?.code);

describe('over the API of a hospital', () => {
  it('one record goes from upload to revocation, and no byte of its text goes over the wire', async () => {
    const patient = await join('patient', 'patient');
    const doctorA = await join('doctor A', 'practitioner');
    const doctorB = await join('doctor B', 'practitioner', 2);
    const { category } = unwrapped(await openCategory(patient.session, patient.wallet, 'general'));
    const grant = (to: Person, access: 'read' | 'write', request: Uint8Array | null = null) =>
      grantAccess(patient.session, patient.wallet, {
        grantee: granteeOf(to),
        labels: ['general'],
        purposes: ['TREAT'],
        access,
        expires: nowMs() + HOUR_MS,
        uses: access === 'read' ? 5 : null,
        request: request as null,
      });
    const read = (record: Uint8Array) => readRecord(doctorB.session, doctorB.wallet, { record, purpose: 'TREAT' });
    const write = () =>
      writeRecord(doctorA.session, doctorA.wallet, { owner: patient.wallet.id, category, plaintext: BUNDLE });

    expect(codeOf(await write())).toBe('policy.denied');
    unwrapped(await grant(doctorA, 'write'));
    const { record } = unwrapped(await write());
    expect(codeOf(await read(record))).toBe('policy.denied');
    const asked = unwrapped(await requestAccess(doctorB.session, { record, purpose: 'TREAT', hospitalCount: 4 }));
    const [request] = await patient.session.api.requests(patient.wallet.id);
    expect(request).toMatchObject({ request: asked.id, row: { requester: doctorB.wallet.id, granted: false } });
    unwrapped(await grant(doctorB, 'read', asked.id));
    expect(unwrapped(await read(record)).plaintext).toEqual(BUNDLE);

    const previewed = { grantee: granteeOf(doctorB), labels: ['general'] };
    const preview = unwrapped(await previewGrant(patient.session, patient.wallet, previewed));
    expect(preview.replaced.map(({ row }) => row.usesLeft)).toEqual([4]);
    expect(preview.standing).toHaveLength(2);
    const wish = { grantee: granteeOf(doctorB), label: 'general', endEpoch: true };
    expect(unwrapped(await revokeAccess(patient.session, patient.wallet, wish)).epoch).toBe(1);
    expect(codeOf(await read(record))).toBe('policy.denied');

    expect(unwrapped(await rewrapRecord(patient.session, patient.wallet, record)).epoch).toBe(1);
    const { session, wallet } = patient;
    const own = () => readRecord(session, wallet, { record, purpose: 'PATRQT' });
    expect(unwrapped(await own())).toMatchObject({ plaintext: BUNDLE, author: doctorA.wallet.id });
    expect(await session.api.record(record)).toMatchObject({ row: { epoch: 1, sealedBy: wallet.id, status: 'live' } });
    unwrapped(await shredRecord(session, record));
    expect(codeOf(await own())).toBe('policy.denied');
    expect(await session.api.record(record)).toMatchObject({ row: { status: 'shredded' } });

    const trail = await auditTrail(patient.session, patient.wallet.id);
    const reads = trail.filter(
      ({ line }) => line.kind === 'readRecord' && toHex(line.sender) === toHex(doctorB.wallet.id),
    );
    expect(reads.map(({ line }) => line.outcome)).toEqual(['denied', 'applied', 'denied']);
    expect(reads[1]?.sentence).toContain('for treatment: done, under a grant');
    expect(recorded).toContain('PUT /v1/blobs HTTP/1.1');
    expect(recorded).not.toContain('MARKER-4711');
    expect(recorded).not.toContain(toHex(utf8('MARKER-4711')));
  });

  it('a stranger is refused at the door, and shown nothing', async () => {
    const nobody = stranger(consortium, 'nobody', connect);
    const refused = await refusedAtDoor(openCategory(nobody.session, nobody.wallet, 'general'));
    expect(refused).toMatchObject({ ok: false, rejection: { code: 'transaction.stranger', detail: { status: 403 } } });
    const patient = await join('patient', 'patient');
    await expect(nobody.session.api.grants(patient.wallet.id)).rejects.toMatchObject({ name: 'ApiError', status: 404 });
    expect(await nobody.session.api.participant(patient.wallet.id)).toBeUndefined();
  });

  it('status, genesis and the consortium are open to all, and the genesis gives the trust', async () => {
    const anyone = clientFor(null);
    const trust = unwrapped(trustGenesis(primitives, await anyone.genesis()));
    expect(trust).toEqual(consortium.trust);
    expect(await anyone.status()).toMatchObject({ chainId: trust.chainId, height: 0 });
    expect((await anyone.hospitals()).map(({ name }) => name)).toEqual(
      expect.arrayContaining([1, 2, 3, 4].map(hospitalName)),
    );
  });

  it('whole blocks, records, people and the answers to a batch arrive in the chain’s own types', async () => {
    const patient = await join('patient', 'patient');
    const { category } = unwrapped(await openCategory(patient.session, patient.wallet, 'general'));
    const input = { owner: patient.wallet.id, category, plaintext: BUNDLE };
    const { record, sent, cid } = unwrapped(await writeRecord(patient.session, patient.wallet, input));
    const found = await patient.session.api.record(record);
    expect(contentIdText(found?.row.cid as Uint8Array)).toBe(cid);
    expect(await patient.session.api.records(patient.wallet.id)).toEqual([found]);
    expect(await patient.session.api.participant(patient.wallet.id)).toMatchObject({
      role: 'patient',
      status: 'active',
    });
    // Who granted what to whom stands in a block: hospitals read it whole, persons do not.
    expect(codeOf(await refusedAtDoor(patient.session.api.block(sent.height)))).toBe('api-view.denied');
    const desk = clientFor(accountOf(primitives, secretOf(hospitalName(1))));
    const { block } = await desk.block(sent.height);
    expect(block).toEqual(consortium.town.blocks[sent.height]?.bytes);
    const answers = await patient.session.api.submitBatch([Uint8Array.of(1), Uint8Array.of(0xf6)]);
    expect(answers.map(codeOf)).toEqual(['shape.wrong-type', 'shape.wrong-type']);
  });

  it('finalised blocks are told as they come, to each what is addressed to them', async () => {
    const patient = await join('patient', 'patient');
    const after = consortium.town.tip.header.height;
    const sent = openCategory(patient.session, patient.wallet, 'general');
    for await (const event of patient.session.api.events({ afterHeight: after })) {
      expect(event).toMatchObject({ type: 'block', height: after + 1 });
      expect(event.type === 'block' && event.events?.map(({ name }) => name)).toEqual(['DelegatingKeyPublished']);
      break;
    }
    unwrapped(await sent);
  });

  it('a hospital account has a nonce and sends like a person', async () => {
    const desk = accountOf(primitives, secretOf(hospitalName(1)));
    const before = await clientFor(desk).nonce(desk.id);
    await join('patient', 'patient');
    expect(await clientFor(desk).nonce(desk.id)).toBe(before + 1);
  });
});
