import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { type Hospital, makeConsortium, primitives, RunningConsortium } from '../support/consortium.ts';
import { accepted, apply, inPieces, join, person, register, upload } from '../support/person.ts';
import { until } from '../support/until.ts';

const UPLOAD_EXPIRY_HEIGHTS = 6;
const READ_OPEN_HEIGHTS = 4;

/** One hospital alone decides by itself: enough for what a hospital does without others. */
async function alone() {
  const consortium = makeConsortium(1, {
    parameters: {
      storageReceiptsMin: 1,
      heartbeatMs: 100,
      uploadExpiryHeights: UPLOAD_EXPIRY_HEIGHTS,
      readOpenHeights: READ_OPEN_HEIGHTS,
      uploadQuotaBytes: 1_000_000,
    },
  });
  const running = await RunningConsortium.make(consortium);
  await running.startAll();
  const { service } = running.node(1);
  const patient = person('patient');
  await join(service, consortium.hospitals[0] as Hospital, 'patient', patient);
  return { running, service, patient };
}

const bytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

it('keeps nothing that its author did not sign for this record and this ciphertext', async () => {
  const { service, patient } = await alone();
  const stored = await upload(service, patient, bytes(1_000));
  const request = { ...stored, receiptsWanted: 1 };
  const refusal = async (change: Partial<typeof request>) => {
    const answer = await service.storeRecord({ ...request, ...change });
    return answer.ok ? 'kept' : answer.rejection.code;
  };
  expect(await refusal({ record: bytes(32) })).toBe('duty.envelope-foreign');
  const other = await upload(service, patient, bytes(1_000));
  expect(await refusal({ cid: other.cid })).toBe('duty.envelope-foreign');
  expect(await refusal({ envelope: bytes(200) })).toMatch(/^(encoding|shape|crypto-umbral)\./);
  expect(await refusal({ salt: bytes(16) })).toBe('duty.malformed');
  expect(await refusal({ cid: 'not-a-cid' })).toBe('duty.cid-invalid');
  expect(await refusal({})).toBe('kept');
  expect(await refusal({})).toBe('kept');

  // Once it stands on chain, its content keeps the envelope that stands with it.
  await register(service, patient, stored);
  expect(await refusal({})).toBe('kept');
  expect(await refusal({ salt: bytes(32) })).toBe('duty.content-registered');
});

it('gives up an upload that no record names, and keeps one that a record names until its read closes', async () => {
  const { running, service, patient } = await alone();
  const [dropped, kept] = [await upload(service, patient, bytes(1_000)), await upload(service, patient, bytes(1_000))];
  const store = (stored: typeof dropped) => service.storeRecord({ ...stored, receiptsWanted: 1 });
  accepted(await store(dropped));
  await register(service, patient, kept);
  await running.reached(running.heightOf(1) + UPLOAD_EXPIRY_HEIGHTS + 2);

  expect(await store(dropped)).toMatchObject({ ok: false, rejection: { code: 'duty.blob-missing' } });
  const readId = await apply(service, patient.account, 'readRecord', {
    record: kept.record,
    purpose: 'TREAT',
    freshKey: primitives.publicKeyOf(patient.receiving),
  });
  expect(accepted(await service.readEnvelope(readId)).envelope).toEqual(kept.envelope);

  // The window closes, and the read opens nothing any more.
  await until(async () => !(await service.readEnvelope(readId)).ok, { what: 'the read closes' });
  expect(await service.readCiphertext(readId)).toMatchObject({ ok: false, rejection: { code: 'duty.read-closed' } });
  const unknown = new Uint8Array(32) as Hash;
  expect(await service.readShares(unknown)).toMatchObject({ ok: false, rejection: { code: 'duty.read-unknown' } });
});

it("bounds what one uploader may leave, and throws the stream's own error on", async () => {
  const { service, patient } = await alone();
  const uploader = toHex(patient.id);
  const put = (content: AsyncIterable<Uint8Array>) => service.putBlob(content, { uploader, bytesMax: 2 ** 30 });
  accepted(await put(inPieces(bytes(900_000))));
  expect(await put(inPieces(bytes(200_000)))).toMatchObject({ ok: false, rejection: { code: 'blob.quota' } });
  await expect(
    put(
      (async function* () {
        yield bytes(10);
        throw new Error('the client went away');
      })(),
    ),
  ).rejects.toThrow('the client went away');
});
