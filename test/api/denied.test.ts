import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApi } from '../../src/api/server.ts';
import type { Hash } from '../../src/base/brand.ts';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { signingDigest } from '../../src/base/digest.ts';
import { categoryOf } from '../../src/ledger/category.ts';
import type { KindName, Payload } from '../../src/ledger/families/payloads.ts';
import { intrinsicGas } from '../../src/ledger/gas.ts';
import type { Receipt } from '../../src/ledger/receipt.ts';
import { storageReceiptBytes } from '../../src/ledger/signed-words.ts';
import { grantTo, OTHER, openWard, PATIENT, record, Ward } from '../ledger/policy/ward.ts';
import { expectApplied, hospitalName, idOf, type Point, primitives, publicOf, secretOf } from '../ledger/town.ts';
import { ask, idText, OPTIONS, signedHeaders } from './support.ts';
import { TownService } from './town-service.ts';

const DOCTOR = 'Dr C';
const THIRD = 'a third patient';
const MISSING = record('of nobody');
const UNGRANTED = record(OTHER);
const OTHER_CATEGORY = record('in another category');
const KEPT_OUT = record(THIRD);

/** Records that the doctor may not read, each for a reason of its own. */
const RECORDS: Readonly<Record<string, Uint8Array>> = {
  'that does not exist': MISSING,
  'that no grant covers': UNGRANTED,
  'of another category than the granted one': OTHER_CATEGORY,
  "that its patient's own policy keeps closed": KEPT_OUT,
};

let ward: Ward;
let service: TownService;
let app: FastifyInstance;
let address: string;
let start: Point;
beforeAll(async () => {
  ward = openWard(new Ward());
  ward.join(THIRD, 'patient');
  ward.openCategory(THIRD);
  expectApplied(ward.act(THIRD, 'registerRecord', ward.recordPayload(THIRD, THIRD)));
  ward.join(DOCTOR, 'practitioner', hospitalName(2));
  for (const patient of [PATIENT, THIRD]) grantTo(ward, patient, DOCTOR, {});
  registerInAnotherCategory();
  const text = 'forbid (principal, action == Action::"readRecord", resource);';
  expectApplied(ward.deploy('keeps out', text, THIRD));
  service = await TownService.over(ward);
  app = await buildApi(service, OPTIONS);
  address = await app.listen({ host: '127.0.0.1', port: 0 });
  start = ward.point;
});
afterAll(() => app.close());

function registerInAnotherCategory(): void {
  const publicKey = publicOf('a second delegating key');
  const category = categoryOf(primitives, publicKey);
  expectApplied(ward.act(PATIENT, 'publishDelegatingKey', { category, epoch: 0, publicKey, label: 'V' }));
  const { storage, ...payload } = { ...ward.recordPayload(PATIENT, 'in another category'), category };
  const bytes = storageReceiptBytes(ward.env.chainId, { ...payload, version: 1, author: idOf(PATIENT) });
  const digest = signingDigest(primitives, 'storage-receipt', bytes);
  const signed = storage.map(({ hospital }, i) => ({
    hospital,
    signature: primitives.sign(digest, secretOf(`${hospitalName(i + 1)} duty`)),
  }));
  expectApplied(ward.act(PATIENT, 'registerRecord', { ...payload, storage: signed }));
}

interface Tried {
  /** Everything that the API tells the sender of it, with the ids of this try written alike. */
  readonly told: readonly string[];
  /** What the chain itself says. */
  readonly receipt: Receipt;
}

/** Hands the transaction in from one and the same height, and asks for all that its sender may see of it. */
async function tried<K extends KindName>(
  kind: K,
  payload: Payload<K>,
  about: Uint8Array,
  gasLimit: number,
): Promise<Tried> {
  ward.back(start);
  const signed = ward.sign(DOCTOR, kind, payload, { gasLimit });
  const posted = await ask(app, service, DOCTOR, {
    method: 'POST',
    url: '/v1/transactions',
    body: { signed: toHex(signed.bytes) },
  });
  const id = toHex(signed.id);
  const self = idText(idOf(DOCTOR));
  const urls = [
    `/v1/receipts/${id}`,
    `/v1/transactions/${id}`,
    `/v1/participants/${self}/audit?limit=200`,
    `/v1/participants/${self}/requests`,
    `/v1/participants/${self}/readable`,
    `/v1/participants/${self}`,
    `/v1/records/${toHex(about)}`,
  ];
  const answers = [posted];
  for (const url of urls) answers.push(await ask(app, service, DOCTOR, { url }));
  const texts = answers.map(({ statusCode, body, headers }) => `${statusCode} ${headers['content-length']} ${body}`);
  const found = await service.receipt(fromHex(id) as Hash);
  if (found === undefined) throw new Error('no block holds it');
  // The sender's own words, and the block's hash, which covers them.
  const alike = (text: string): string =>
    [toHex(signed.bytes), id, toHex(about), toHex(ward.tip.hash)].reduce(
      (so, own, i) => so.replaceAll(own, `<${i}, ${own.length}>`),
      text,
    );
  return { told: [...texts, await heard()].map(alike), receipt: found.receipt };
}

/** The newest block as the event stream tells it to the doctor. */
async function heard(): Promise<string> {
  const leaving = new AbortController();
  const height = ward.tip.header.height;
  const headers = { ...signedHeaders(service, DOCTOR, { url: '/v1/events' }), 'last-event-id': String(height - 1) };
  const response = await fetch(`${address}/v1/events`, { headers, signal: leaving.signal });
  let text = '';
  for await (const piece of response.body as ReadableStream<Uint8Array>) {
    text += Buffer.from(piece).toString();
    if (text.includes(`id: ${height}\n`) && text.endsWith('\n\n')) break;
  }
  leaving.abort();
  return text;
}

const readOf = (about: Uint8Array): Payload<'readRecord'> => ({
  record: about,
  purpose: 'TREAT',
  freshKey: publicOf('fresh'),
});

describe('who is denied', () => {
  it('is told the same of every record, byte for byte, in every answer and on the event stream', async () => {
    const all: Tried[] = [];
    for (const about of Object.values(RECORDS)) all.push(await tried('readRecord', readOf(about), about, 100_000));
    expect(all.map(({ receipt }) => receipt.outcome)).toEqual(all.map(() => 'denied'));
    // The chain's own receipts differ: that is what must not show.
    expect(new Set(all.map(({ receipt }) => receipt.gasUsed)).size).toBeGreaterThan(1);
    for (const { told } of all) expect(told).toEqual(all[0]?.told);
    const receipt = JSON.parse(all[0]?.told[1]?.replace(/^\d+ \d+ /, '') as string);
    expect(receipt).toMatchObject({
      outcome: 'denied',
      code: 'policy.denied',
      policies: [],
      gasUsed: null,
      events: [],
    });
  });

  it('learns nothing by the gas limit either: where it ends is told as a denial too', async () => {
    const bytes = ward.sign(DOCTOR, 'readRecord', readOf(MISSING), { gasLimit: 5_000 }).bytes.length;
    const spent: number[] = [];
    for (const about of Object.values(RECORDS))
      spent.push((await tried('readRecord', readOf(about), about, 100_000)).receipt.gasUsed);
    const least = Math.min(...spent);
    const most = Math.max(...spent);
    expect(least).toBeLessThan(most);
    const codes = new Set<string | null>();
    for (const gasLimit of [intrinsicGas(bytes) + 1, least - 1, least, Math.ceil((least + most) / 2), most - 1, most]) {
      const all: Tried[] = [];
      for (const about of Object.values(RECORDS)) all.push(await tried('readRecord', readOf(about), about, gasLimit));
      for (const { told } of all) expect(told).toEqual(all[0]?.told);
      for (const { receipt } of all) codes.add(receipt.code);
    }
    expect([...codes].sort()).toEqual(['policy.denied', 'policy.out-of-gas']);
  });

  it('is told the same of every record that one may not amend', async () => {
    const envelopeHash = primitives.hash(new Uint8Array(1));
    const amend = (about: Uint8Array): Payload<'amendRecord'> => {
      const { cid, ciphertextBytes, epoch, storage } = ward.recordPayload(PATIENT, 'a new version');
      return { record: about, cid, ciphertextBytes, envelopeHash, epoch, storage };
    };
    const amended = [];
    for (const about of [MISSING, UNGRANTED, OTHER_CATEGORY])
      amended.push(await tried('amendRecord', amend(about), about, 100_000));
    expect(amended.map(({ receipt }) => receipt.outcome)).toEqual(['denied', 'denied', 'denied']);
    for (const { told } of amended) expect(told).toEqual(amended[0]?.told);
  });

  it('is told with code and policies of what is about oneself or about all', async () => {
    ward.back(start);
    const refused = service.seal(() =>
      ward.act(DOCTOR, 'propose', { change: 'setParameter', value: { name: 'blockIntervalMs', value: 500 } }),
    );
    expect(refused.outcome).toBe('denied');
    const { body } = await ask(app, service, DOCTOR, { url: `/v1/receipts/${toHex(refused.transactionId)}` });
    expect(JSON.parse(body)).toMatchObject({
      code: refused.code,
      policies: refused.policies,
      gasUsed: refused.gasUsed,
    });
  });

  it('is seen with reasons by whose record it was', async () => {
    ward.back(start);
    const { transactionId } = service.seal(() => ward.act(DOCTOR, 'readRecord', readOf(KEPT_OUT)));
    const trail = async (name: string) => {
      const url = `/v1/participants/${idText(idOf(name))}/audit?limit=200`;
      const { items } = (await ask(app, service, name, { url })).json() as { items: { transactionId: string }[] };
      return items.find((line) => line.transactionId === toHex(transactionId));
    };
    const owner = idText(idOf(THIRD));
    expect(await trail(THIRD)).toMatchObject({ owner, policies: [expect.stringMatching(/^patient:/)] });
    expect(await trail(DOCTOR)).toMatchObject({ owner: null, policies: [], record: toHex(KEPT_OUT) });
  });
});
