import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApi } from '../../src/api/server.ts';
import type { Hash, Height } from '../../src/base/brand.ts';
import { fromHex, toHex, utf8 } from '../../src/base/bytes.ts';
import { decode } from '../../src/base/canonical.ts';
import { decodeCertificate, verifyCertificate } from '../../src/consensus/certificate.ts';
import { decodeBlock } from '../../src/ledger/block.ts';
import { type Header, headerHash, headerShape } from '../../src/ledger/header.ts';
import { decodeReceipts } from '../../src/ledger/receipt.ts';
import { decodeStateProof, verifyStateProof } from '../../src/ledger/tree/prove.ts';
import { ask, hash, idOf, idText, OPTIONS, primitives } from './support.ts';
import { buildWorld, type World } from './world.ts';

let world: World;
let app: FastifyInstance;
beforeAll(async () => {
  world = await buildWorld();
  app = await buildApi(world.service, OPTIONS);
});
afterAll(() => app.close());

const get = async (name: string | null, url: string) => (await ask(app, world.service, name, { url })).json();
const prove = (name: string, keys: readonly string[], height?: number) =>
  ask(app, world.service, name, { method: 'POST', url: '/v1/proofs', body: { keys, ...(height && { height }) } });

describe('what is shown', () => {
  it('of the node: the finalised tip, its peers, its readiness', async () => {
    const { header, hash: blockHash } = world.service.tip();
    expect(await get(null, '/v1/status')).toMatchObject({
      height: header.height,
      blockHash: toHex(blockHash),
      stateRoot: toHex(header.stateRoot),
      peers: 2,
      chainId: toHex(world.service.env.chainId),
      engine: 'qbft',
      ready: true,
    });
  });

  it('of a block: header, certificate, and the ids and kinds of its transactions', async () => {
    const receipt = await get('patient', `/v1/receipts/${world.registered}`);
    const block = await get(null, `/v1/blocks/${receipt.height}`);
    expect(block.transactions).toEqual([{ id: world.registered, kind: 'registerRecord' }]);
    expect(block.certificate.validators).toHaveLength(4);
    expect(block.header.height).toBe(receipt.height);
    expect((await get(null, '/v1/blocks/0')).certificate).toBeNull();
  });

  it('of a block to those who run the chain: the bytes that its hashes cover', async () => {
    const { rawPayload } = await ask(app, world.service, 'hospital 1', { url: '/v1/blocks/3/body' });
    const value = decode(new Uint8Array(rawPayload), 1e7);
    const { block, certificate, receipts } = (value.ok ? value.value : {}) as Record<string, Uint8Array>;
    const header = decodeBlock(block as Uint8Array);
    expect(header.ok && headerHash(primitives, header.value.header)).toEqual(world.service.town.blocks[3]?.hash);
    expect(decodeReceipts(receipts as Uint8Array).ok && decodeCertificate(certificate as Uint8Array).ok).toBe(true);
  });

  it('of a person: keys, standing and the next nonce, also of a hospital account', async () => {
    expect(await get('patient', `/v1/participants/${world.patient}`)).toMatchObject({
      role: 'patient',
      status: 'active',
      home: idText(idOf('hospital 1')),
      nextNonce: 7,
    });
    const hospital = idText(idOf('hospital 1'));
    expect(await get('hospital 1', `/v1/participants/${hospital}`)).toMatchObject({ role: 'hospital', nextNonce: 5 });
  });

  it('of a record: where it is and never what it says', async () => {
    const record = await get('patient', `/v1/records/${world.record}`);
    expect(record).toMatchObject({ owner: world.patient, version: 1, status: 'live' });
    expect(record.cid).toMatch(/^bafk/);
    expect(await get('patient', `/v1/participants/${world.patient}/records`)).toEqual({ items: [record], next: null });
  });

  it('of a request: to both who made and who received it', async () => {
    const request = await get('doctor', `/v1/requests/${world.requested}`);
    expect(request).toMatchObject({ request: world.requested, record: world.record, granted: true });
    for (const name of ['patient', 'doctor']) {
      const { items } = await get(name, `/v1/participants/${idText(idOf(name))}/requests`);
      expect(items).toEqual([request]);
    }
  });

  it('of grants: to whom, for what, until when', async () => {
    const { items, next } = await get('patient', `/v1/participants/${world.patient}/grants`);
    expect(next).toBeNull();
    expect(items).toMatchObject([
      { grantee: { type: 'desk', id: idText(idOf('hospital 1')) }, purposes: ['BTG'], access: 'read', threshold: 3 },
      { grantee: { type: 'person', id: idText(idOf('doctor')) }, purposes: ['TREAT'], access: 'read', threshold: 3 },
    ]);
  });
});

describe('pages', () => {
  it('of the audit trail come to the same lines, whatever their size', async () => {
    const url = `/v1/participants/${world.patient}/audit`;
    const whole = await get('patient', url);
    expect(whole.items.length).toBeGreaterThan(5);
    expect(whole.items.map(({ kind }: { kind: string }) => kind)).toContain('readRecord');
    for (const limit of [1, 2, 3]) expect(await pagesOf(url, limit)).toEqual(whole.items);
  });

  it('of records and grants do too', async () => {
    for (const list of ['records', 'grants', 'requests']) {
      const url = `/v1/participants/${world.patient}/${list}`;
      expect(await pagesOf(url, 1)).toEqual((await get('patient', url)).items);
    }
  });

  it('tell no totals', async () => {
    const page = await get('patient', `/v1/participants/${world.patient}/audit?limit=1`);
    expect(Object.keys(page).sort()).toEqual(['items', 'next']);
  });

  async function pagesOf(url: string, limit: number): Promise<unknown[]> {
    const items: unknown[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const page: { items: unknown[]; next: string | null } = await get(
        'patient',
        `${url}?limit=${limit}${next === '' ? '' : `&after=${next}`}`,
      );
      expect(page.items.length).toBeLessThanOrEqual(limit);
      items.push(...page.items);
      next = page.next;
    }
    return items;
  }
});

describe('a denial', () => {
  it('is the same answer, byte for byte, for what is forbidden and for what does not exist', async () => {
    const nothing = '00'.repeat(32);
    const nobody = '00'.repeat(20);
    const pairs = [
      [`/v1/records/${world.record}`, `/v1/records/${nothing}`],
      [`/v1/records/${world.record}/readers`, `/v1/records/${nothing}/readers`],
      [`/v1/requests/${world.requested}`, `/v1/requests/${nothing}`],
      [`/v1/reads/${world.read}/ciphertext`, `/v1/reads/${nothing}/ciphertext`],
      [`/v1/receipts/${world.registered}`, `/v1/receipts/${nothing}`],
      [`/v1/participants/${world.patient}/audit`, `/v1/participants/${nobody}/audit`],
      [`/v1/participants/${world.patient}/readable`, `/v1/participants/${nobody}/readable`],
    ];
    for (const [forbidden, unknown] of pairs) {
      const a = await ask(app, world.service, 'other patient', { url: forbidden as string });
      const b = await ask(app, world.service, 'other patient', { url: unknown as string });
      expect([a.statusCode, a.body]).toEqual([b.statusCode, b.body]);
    }
  });

  it('of a proof says nothing either', async () => {
    const a = await prove('other patient', [`record/${world.record}`]);
    const b = await prove('other patient', [`record/${'00'.repeat(32)}`]);
    expect([a.statusCode, a.body]).toEqual([b.statusCode, b.body]);
  });
});

describe('proofs', () => {
  const category = toHex(primitives.hash(utf8('')).slice(16));

  it('hold under a certified header, for rows that are there and rows that are not', async () => {
    const keys = [`participant/${world.patient}`, `delegating/${world.patient}/${category}`, 'hospitals/all'];
    const answer = (await prove('patient', keys)).json();
    const header = headerOf(answer.header);
    expect(toHex(headerHash(primitives, header))).toBe(answer.blockHash);
    const certificate = decodeCertificate(fromHex(answer.certificate) as Uint8Array);
    const set = world.service.tip().validators;
    expect(certificate.ok && verifyCertificate(primitives, world.service.env.chainId, set, certificate.value).ok).toBe(
      true,
    );

    const shown = answer.proofs.map(({ key, value, proof }: Record<string, string | null>) => {
      const read = decodeStateProof(fromHex(proof as string) as Uint8Array);
      const proven = read.ok && verifyStateProof(primitives, header.stateRoot, hash(key as string), read.value);
      if (proven === false || !proven.ok) return 'no proof';
      if ('absent' in proven.value) return value === null ? 'absent' : 'wrong';
      return toHex(proven.value.present) === toHex(primitives.hash(fromHex(value as string) as Uint8Array))
        ? 'present'
        : 'wrong';
    });
    expect(shown).toEqual(['present', 'absent', 'present']);
  });

  it('are of the height that is asked for', async () => {
    const early = (await prove('patient', [`participant/${world.patient}`], 1)).json();
    expect(headerOf(early.header).height).toBe(1 as Height);
    expect(early.proofs[0].value).not.toBeNull();
    expect(early.proofs[0].value).not.toBe(
      (await prove('patient', [`participant/${world.patient}`])).json().proofs[0].value,
    );
  });

  it('are given of public rows to members, of delegating keys to practitioners, and all or none', async () => {
    const own = `delegating/${world.patient}/${category}`;
    const asked = async (name: string, ...keys: string[]) => (await prove(name, keys)).statusCode;
    expect(await asked('hospital 1', 'consortium/validators', 'hospitals/all')).toBe(200);
    expect(await asked('stranger', 'consortium/validators')).toBe(403);
    expect(await asked('doctor', own)).toBe(200);
    expect(await asked('other patient', own)).toBe(404);
    expect(await asked('doctor', 'hospitals/all', `grant/${world.patient}/x`)).toBe(404);
    expect(await asked('patient', `reads/${world.record}/${idText(idOf('doctor'))}`, `read/${world.read}`)).toBe(200);
    expect(await asked('patient', `request/${world.requested}`, `key/${world.patient}`, `nonce/${world.patient}`)).toBe(
      200,
    );
  });

  it('are given of keys and standing to every member, of a grant to its grantee, of a record to who read it', async () => {
    const asked = async (name: string, key: string) => (await prove(name, [key])).statusCode;
    const grant = `grant/${world.patient}/person:${idText(idOf('doctor'))}:${toHex(world.service.town.category('patient'))}`;
    const rows = [`participant/${world.patient}`, grant, `record/${world.record}`];
    const statuses = (name: string) => Promise.all(rows.map((row) => asked(name, row)));
    expect(await statuses('doctor')).toEqual([200, 200, 200]);
    expect(await statuses('other patient')).toEqual([200, 404, 404]);
    expect(await statuses('hospital 1')).toEqual([200, 404, 404]);
    expect(await statuses('stranger')).toEqual([404, 404, 404]);
  });

  function headerOf(text: string): Header {
    const value = decode(fromHex(text) as Uint8Array, 100_000);
    const header = value.ok ? headerShape(value.value, '') : value;
    if (!header.ok) throw new Error(header.rejection.code);
    return header.value as Header;
  }
});

describe('a read', () => {
  it('opens for its reader, until it was too many blocks ago', async () => {
    const url = `/v1/reads/${world.read}/shares`;
    expect(await get('doctor', url)).toMatchObject([{ share: '010203' }]);
    expect(await get('patient', `/v1/reads/${world.selfRead}/envelope`)).toEqual({
      envelope: '010203',
      salt: idText(hash('salt')),
    });
    const { town } = world.service;
    const row = await world.service.receipt(fromHex(world.read) as Hash);
    const last = (row?.height as number) + town.env.genesis.parameters.readOpenHeights;
    while (town.tip.header.height < last) world.service.seal(() => town.seal([]));
    expect((await ask(app, world.service, 'doctor', { url })).statusCode).toBe(200);
    world.service.seal(() => town.seal([]));
    expect((await ask(app, world.service, 'doctor', { url })).statusCode).toBe(404);
  });
});
