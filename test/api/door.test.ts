import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApi } from '../../src/api/server.ts';
import { toHex } from '../../src/base/bytes.ts';
import { type Canonical, encode } from '../../src/base/canonical.ts';
import { LIMITS } from '../../src/base/limits.ts';
import type { SignedTransaction } from '../../src/ledger/transaction.ts';
import { idOf, secretOf, Town } from '../ledger/town.ts';
import { apiOver, codeOf, DAG_CBOR, inject, OPTIONS, primitives, type Request } from './support.ts';
import { TownService } from './town-service.ts';

const post = (body: Request['body']): Request => ({ method: 'POST', url: '/v1/transactions', body }) as Request;
const status: Request = { url: '/v1/status' };

/** { b: 0, a: 0 } in this order. */
const unsorted = (): Uint8Array => Uint8Array.of(0xa2, 0x61, 0x62, 0, 0x61, 0x61, 0);

describe('bad transactions at the door', () => {
  let town: Town;
  let door: FastifyInstance;
  beforeAll(async () => {
    town = new Town();
    town.join('patient', 'patient');
    door = await buildApi(await TownService.over(town), OPTIONS);
  });
  afterAll(() => door.close());

  const publish = () => ({
    category: town.category('patient'),
    epoch: 0,
    publicKey: primitives.publicKeyOf(secretOf('patient delegating')),
    label: 'N' as const,
  });
  const signed = (change: Partial<SignedTransaction['transaction']> = {}, name = 'patient'): Uint8Array =>
    town.sign(name, 'publishDelegatingKey', publish(), change).bytes;
  const badly = (): Uint8Array => {
    const { transaction, signature } = town.sign('patient', 'publishDelegatingKey', publish());
    const unsignedBytes = encode({ ...transaction, gasLimit: 99_999 } as unknown as Canonical);
    return encode({ signature, unsigned: unsignedBytes });
  };
  /** The definite empty list, 10,000 deep. */
  const deep = (): Uint8Array => new Uint8Array(10_001).fill(0x81, 0, 10_000).fill(0x80, 10_000);

  const CASES: readonly (readonly [string, string, () => Uint8Array])[] = [
    ['malformed CBOR', 'encoding.malformed', () => Uint8Array.of(0xff)],
    ['unsorted keys', 'encoding.not-canonical', unsorted],
    ['10,000 nested lists', 'encoding.too-deep', deep],
    ['a truncated transaction', 'encoding.truncated', () => signed().slice(0, -1)],
    ['bytes behind its end', 'encoding.malformed', () => Uint8Array.of(...signed(), 0)],
    ['another value than a map', 'shape.wrong-type', () => encode([])],
    [
      'an unknown field',
      'shape.unknown-field',
      () => encode({ signature: new Uint8Array(65), unsigned: Uint8Array.of(1), more: 1 }),
    ],
    ['a missing field', 'shape.missing-field', () => encode({ signature: new Uint8Array(65) })],
    ['a wrong signature', 'transaction.bad-signature', badly],
    ['another chain', 'transaction.foreign-chain', () => signed({ chainId: primitives.hash(Uint8Array.of(1)) })],
    ['another version', 'transaction.version', () => signed({ version: 9 })],
    ['an unknown kind', 'transaction.unknown-kind', () => signed({ kind: 'nothing' })],
    ['a height that has passed', 'transaction.expired', () => signed({ validUntilHeight: 1 })],
    ['a height too far ahead', 'transaction.too-far-ahead', () => signed({ validUntilHeight: 10_000 })],
    ['too little gas', 'transaction.gas-limit', () => signed({ gasLimit: 1 })],
    ['a stranger', 'transaction.stranger', () => signed({}, 'nobody')],
    [
      'a used nonce',
      'transaction.nonce-used',
      () =>
        town.sign('hospital 1', 'suspend', { participant: town.env.chainId.slice(12) as never }, { nonce: 0 }).bytes,
    ],
  ];

  it.each(CASES)('%s is refused as %s, alone and in a batch, and the node serves on', async (_name, code, make) => {
    const alone = await inject(door, post({ signed: toHex(make()) }));
    expect(codeOf(alone)).toBe(code);
    expect(alone.statusCode).toBeGreaterThanOrEqual(400);
    const url = '/v1/transactions/batch';
    const batch = await inject(door, { method: 'POST', url, body: encode([make()]), type: DAG_CBOR });
    expect(batch.json()).toMatchObject([{ code }]);
    expect((await inject(door, status)).statusCode).toBe(200);
  });

  it.each([
    ['malformed', 'encoding.malformed', Uint8Array.of(0xff)],
    ['10,000 deep', 'encoding.too-deep', deep()],
    ['truncated', 'encoding.truncated', encode([Uint8Array.of(1, 2)]).slice(0, -1)],
    ['not canonical', 'encoding.not-canonical', Uint8Array.of(0x81, ...unsorted())],
    ['no list', 'shape.wrong-type', encode({})],
    ['empty', 'shape.out-of-range', encode([])],
    ['with an oversize item', 'shape.out-of-range', encode([new Uint8Array(LIMITS.transactionBytesMax + 1)])],
  ])('a batch that is %s is refused whole, as %s', async (_name, code, body) => {
    const response = await inject(door, { method: 'POST', url: '/v1/transactions/batch', body, type: DAG_CBOR });
    expect([response.statusCode, codeOf(response)]).toEqual([400, code]);
  });

  it('verifies no signature of repeats, of strangers, or of an enrolment that names no active hospital', async () => {
    const service = await TownService.over(town);
    const counted = await apiOver(service);
    const handed: number[] = [];
    const submit = service.submit.bind(service);
    service.submit = (transactions) => {
      handed.push(transactions.length);
      return submit(transactions);
    };
    const send = async (transactions: readonly Uint8Array[]) => {
      const body = encode([...transactions]);
      return (await inject(counted, { method: 'POST', url: '/v1/transactions/batch', body, type: DAG_CBOR })).json();
    };
    const nowhere = { ...town.enrolment('newcomer', 'patient'), hospital: idOf('nowhere') };
    const stranger = { code: 'transaction.stranger' };
    expect(await send([signed({}, 'nobody'), town.sign('newcomer', 'enrol', nowhere).bytes])).toEqual([
      stranger,
      stranger,
    ]);
    expect(handed).toEqual([]);

    const forged = { ...town.enrolment('newcomer', 'patient'), handle: primitives.hash(Uint8Array.of(7)) };
    const enrol = town.sign('newcomer', 'enrol', forged).bytes;
    expect(await send(Array(50).fill(enrol))).toEqual(Array(50).fill(stranger));
    expect(handed).toEqual([1]);

    const good = town.sign('newcomer', 'enrol', town.enrolment('newcomer', 'patient')).bytes;
    const duplicate = { code: 'mempool.duplicate' };
    expect(await send([good, good, good])).toEqual([{ id: expect.any(String) }, duplicate, duplicate]);
    expect(handed).toEqual([1, 1]);
  });

  it('a good one among bad ones is accepted, answers stay in order, and its replay is refused', async () => {
    const good = signed();
    const body = encode([Uint8Array.of(0xff), good]);
    const send = () => inject(door, { method: 'POST', url: '/v1/transactions/batch', body, type: DAG_CBOR });
    expect((await send()).json()).toMatchObject([{ code: 'encoding.malformed' }, { id: expect.any(String) }]);
    expect((await send()).json()).toMatchObject([{}, { code: 'transaction.nonce-used' }]);
  });
});
