import { beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import type { ApiClient } from '../../src/client/api.ts';
import { CLIENT_CODES } from '../../src/client/codes.ts';
import { ApiError, ClientError } from '../../src/client/errors.ts';
import { CLIENT_LIMITS } from '../../src/client/limits.ts';
import { createSession } from '../../src/client/session.ts';
import { decodeTransaction } from '../../src/ledger/transaction.ts';
import { primitives } from '../ledger/town.ts';
import { FakeConsortium } from './fake-consortium.ts';
import { member, type Person, sessionOf } from './people.ts';

let consortium: FakeConsortium;
let patient: Person;
beforeEach(async () => {
  consortium = new FakeConsortium();
  patient = await member(consortium, 'patient', 'patient');
});

const sessionWith = (change: Partial<ApiClient>) =>
  sessionOf(consortium, patient.wallet.account, consortium.api(change));
const key = (label: string, epoch = 0) => ({
  category: patient.wallet.categoryOf(label),
  epoch,
  publicKey: patient.wallet.delegatingKey(label, epoch).publicKey,
  label: 'N' as const,
});

describe('a session', () => {
  it('numbers what is sent at the same moment, one after another', async () => {
    const labels = ['a', 'b', 'c', 'd'];
    const sent = await Promise.all(labels.map((label) => patient.session.send('publishDelegatingKey', key(label))));
    expect(sent.map(({ receipt }) => receipt.outcome)).toEqual(labels.map(() => 'applied'));
    expect(new Set(sent.map(({ height }) => height)).size).toBe(4);
  });

  it('hands back denied and failed transactions with their receipt, and goes on with the next nonce', async () => {
    const denied = await patient.session.send('admit', { participant: patient.wallet.id });
    expect(denied.receipt).toMatchObject({ outcome: 'denied', code: 'policy.denied' });
    const failed = await patient.session.send('publishDelegatingKey', key('general', 5));
    expect(failed.receipt).toMatchObject({ outcome: 'failed', code: 'delegating-key.epoch' });
    expect((await patient.session.send('publishDelegatingKey', key('general'))).receipt.outcome).toBe('applied');
  });

  it('asks the chain for its nonce again once a submission went wrong', async () => {
    const { submit } = consortium.api();
    let lost = true;
    const session = sessionWith({
      submit: async (signed) => {
        const id = await submit(signed);
        if (!lost) return id;
        lost = false;
        throw new ClientError('client-http.timeout');
      },
    });
    // The first arrived, and only its answer was lost.
    await expect(session.send('publishDelegatingKey', key('a'))).rejects.toMatchObject({ code: 'client-http.timeout' });
    expect((await session.send('publishDelegatingKey', key('b'))).receipt.outcome).toBe('applied');
  });

  it('goes on where another device of the same account has sent meanwhile', async () => {
    const second = sessionWith({});
    const outcomes = [];
    for (const [session, label] of [
      [patient.session, 'a'],
      [second, 'b'],
      [patient.session, 'c'],
    ] as const)
      outcomes.push((await session.send('publishDelegatingKey', key(label))).receipt.outcome);
    expect(outcomes).toEqual(['applied', 'applied', 'applied']);
  });

  it('is not held up by one that a hospital refuses', async () => {
    let first = true;
    const { submit } = consortium.api();
    const session = sessionWith({
      submit: (signed) => {
        if (!first) return submit(signed);
        first = false;
        return Promise.reject(new ApiError(503, 'mempool.full', 'Full.'));
      },
    });
    const [refused, done] = await Promise.allSettled([
      session.send('publishDelegatingKey', key('a')),
      session.send('publishDelegatingKey', key('b')),
    ]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'mempool.full', status: 503 } });
    expect(done).toMatchObject({ status: 'fulfilled', value: { receipt: { outcome: 'applied' } } });
  });

  it('waits until a block holds the transaction, and no longer than it may (receiptTimeoutMs)', async () => {
    const { receipt } = consortium.api();
    let asked = 0;
    const late = sessionWith({ receipt: async (id) => (++asked < 3 ? undefined : receipt(id)) });
    expect((await late.send('publishDelegatingKey', key('a'))).receipt.outcome).toBe('applied');
    expect(asked).toBe(3);
    const never = sessionWith({ receipt: async () => undefined });
    await expect(never.send('publishDelegatingKey', key('b'), { receiptTimeoutMs: 3 })).rejects.toMatchObject({
      code: 'client-session.no-receipt',
      message: CLIENT_CODES['client-session.no-receipt'].meaning,
    });
  });

  it('signs for its chain, with a lifetime and a gas limit inside the bounds of genesis', async () => {
    const seen: Uint8Array[] = [];
    const { submit } = consortium.api();
    const session = sessionWith({
      submit: (signed) => {
        seen.push(signed);
        return submit(signed);
      },
    });
    await session.send('publishDelegatingKey', key('a'));
    const { env } = consortium.town;
    const read = decodeTransaction(primitives, env.chainId, seen[0] as Uint8Array);
    const { parameters } = env.genesis;
    expect(read.ok && read.value.transaction.gasLimit).toBe(CLIENT_LIMITS.gasLimitDefault);
    expect(CLIENT_LIMITS.gasLimitDefault).toBeLessThanOrEqual(parameters.transactionGasMax);
    expect(CLIENT_LIMITS.validityHeights).toBeLessThanOrEqual(parameters.validityHeightsMax);
    expect(read.ok && toHex(read.value.keyAddress)).toBe(toHex(patient.wallet.id));
  });

  it('of a device with the wrong key signs nothing that a hospital takes', async () => {
    const account = { ...patient.wallet.account, secretKey: patient.wallet.signing.secretKey };
    const options = { device: patient.session.device, trust: consortium.trust, api: consortium.api(), account };
    await expect(createSession(options).send('publishDelegatingKey', key('a'))).rejects.toMatchObject({
      code: 'transaction.bad-signature',
    });
  });
});
