import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Hash, SecretKey } from '../../src/base/brand.ts';
import { concat, toHex } from '../../src/base/bytes.ts';
import { combineShares, type HolderShare } from '../../src/crypto/combine-shares.ts';
import { decodeEnvelope, UMBRAL_SCHEME, verifyEnvelope } from '../../src/crypto/envelope.ts';
import { issueFragments } from '../../src/crypto/grant-fragment.ts';
import { participants, reads } from '../../src/ledger/state/tables.ts';
import { cidBytes } from '../../src/node/cid.ts';
import {
  type Consortium,
  freeAddresses,
  type Hospital,
  libp2pNetworks,
  makeConsortium,
  primitives,
  RunningConsortium,
  seededSecret,
} from '../support/consortium.ts';
import {
  accepted,
  apply,
  join,
  type Person,
  person,
  register,
  type StoredRecord,
  send,
  upload,
} from '../support/person.ts';
import { until } from '../support/until.ts';

const hospital = (consortium: Consortium, number: number): Hospital => consortium.hospitals[number - 1] as Hospital;

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return concat(...pieces);
}

it('four nodes finalise the same blocks, apply a transaction, and one that was away catches up and goes on', async () => {
  const consortium = makeConsortium(4);
  const running = await RunningConsortium.make(consortium);
  await running.startAll();
  await running.reached(2);
  const { service } = running.node(1);
  expect(service.readiness()).toEqual({ ready: true, code: null });

  const patient = person('patient');
  await join(service, hospital(consortium, 1), 'patient', patient);
  await running.stop(4);
  const missed = running.heightOf(1);
  const doctor = person('doctor');
  await join(service, hospital(consortium, 2), 'practitioner', doctor);
  await running.reached(missed + 5);

  await running.start(4);
  await running.reached(running.heightOf(1));
  await until(() => running.node(4).service.readiness().ready, { what: 'the late node is ready' });
  for (const someone of [patient, doctor]) {
    const rows = running.nodes.map((node) => {
      const view = node.service.view();
      const row = participants.get(view, toHex(someone.id));
      view.close();
      return row?.status;
    });
    expect(rows).toEqual(['active', 'active', 'active', 'active']);
  }
  const height = running.heightOf(1);
  await running.reached(height);
  for (let at = 0; at <= height; at++) expect((await running.hashesAt(at)).size, `height ${at}`).toBe(1);

  // The node that came back votes again: the chain goes on without another one.
  await running.stop(2);
  await running.reached(running.heightOf(1) + 3);
  expect((await running.hashesAt(running.heightOf(1) - 1)).size).toBe(1);
});

it('continues the same chain when all nodes start again', async () => {
  const running = await RunningConsortium.make(makeConsortium(4));
  await running.startAll();
  await running.reached(3);
  const before = [...(await running.hashesAt(3))];
  const heights = running.nodes.map(({ service }) => service.tip().header.height);
  await running.stop();

  await running.startAll();
  expect([...(await running.hashesAt(3))]).toEqual(before);
  expect(running.nodes.every(({ service }, i) => service.tip().header.height >= (heights[i] as number))).toBe(true);
  await running.reached(Math.max(...heights) + 2);
  expect((await running.hashesAt(Math.max(...heights) + 1)).size).toBe(1);
});

async function readAs(
  running: RunningConsortium,
  reader: Person,
  stored: StoredRecord,
): Promise<{ readonly readId: Hash; readonly freshSecret: SecretKey }> {
  const freshSecret = seededSecret(`fresh ${randomBytes(8).toString('hex')}`);
  const readId = await apply(running.node(1).service, reader.account, 'readRecord', {
    record: stored.record,
    purpose: 'TREAT',
    freshKey: primitives.publicKeyOf(freshSecret),
  });
  return { readId, freshSecret };
}

it('keeps a record at every hospital, also one that was away, and opens it for a grantee until the grant is revoked', async () => {
  const consortium = makeConsortium(4);
  const running = await RunningConsortium.make(consortium);
  await running.startAll();
  await running.reached(1);
  const { service } = running.node(1);
  const [patient, doctor] = [person('patient'), person('doctor')];
  await join(service, hospital(consortium, 1), 'patient', patient);
  await join(service, hospital(consortium, 2), 'practitioner', doctor);

  // Hospital 4 is away while the record is stored.
  await running.stop(4);
  const stored = await upload(service, patient, new Uint8Array(randomBytes(700_000)));
  expect(await register(service, patient, stored)).toBe(3);
  await running.start(4);
  const late = running.node(4).service;
  await until(() => late.readiness().ready, { timeoutMs: 20_000, what: 'hospital 4 is ready' });
  await until(async () => (await late.metrics()).includes('carechain_node_records_missing 0'), {
    what: 'nothing missing',
  });

  // The owner reads through hospital 4: the bytes are there, and so is the envelope.
  await running.reached(running.heightOf(1));
  const own = await readAs(running, patient, stored);
  await running.reached(running.heightOf(1));
  expect(accepted(await late.readEnvelope(own.readId))).toEqual({ envelope: stored.envelope, salt: stored.salt });
  const { cid, bytes, stream } = accepted(await late.readCiphertext(own.readId));
  expect([cid, bytes]).toEqual([stored.cid, stored.ciphertext.length]);
  expect(Buffer.from(await collect(stream)).equals(stored.ciphertext)).toBe(true);
  expect(await late.readShares(own.readId)).toMatchObject({ ok: false, rejection: { code: 'duty.no-shares' } });

  // A grant: each hospital verifies and keeps its fragment, and signs.
  const { chainId } = service.env;
  const grantId = new Uint8Array(randomBytes(32));
  const keyId = { category: patient.category, epoch: 0 };
  const issued = accepted(
    issueFragments(primitives, {
      chainId,
      grantId,
      keyId,
      delegatingSecret: patient.delegating,
      grantee: primitives.publicKeyOf(doctor.receiving),
      signingSecret: patient.signing,
      threshold: 3,
      holders: consortium.hospitals.map(({ id, keys }) => ({
        hospital: id,
        dutyKey: primitives.publicKeyOf(keys.duty),
      })),
      entropy: new Uint8Array(randomBytes(32)),
    }),
  );
  const fragments = issued.map((each) => ({ ...each, ...keyId }));
  const parties = { grantId, patient: patient.id, grantee: doctor.id };
  const receipts = accepted(await service.storeFragments({ ...parties, fragments }));
  expect(receipts).toHaveLength(4);
  const grantee = { type: 'person', id: toHex(doctor.id) } as const;
  await apply(service, patient.account, 'grant', {
    grantee,
    categories: [{ category: patient.category, epochFrom: 0, epochTo: 0 }],
    purposes: ['TREAT'],
    access: 'read',
    expires: service.tip().header.timestampMs + 3_600_000,
    uses: 5,
    request: null,
    delivery: {
      scheme: UMBRAL_SCHEME,
      grantId,
      threshold: 3,
      oraclesMin: 3,
      oraclesMax: 4,
      holders: receipts.map(({ hospital: id, fragmentsHash, signature }) => ({
        hospital: id,
        fragmentsHash,
        receipt: signature,
      })),
    },
  });

  // The doctor reads: shares of all four open the data key, and one hospital may be down.
  const read = await readAs(running, doctor, stored);
  const envelope = accepted(decodeEnvelope(primitives, stored.envelope));
  const capsule = accepted(verifyEnvelope(primitives, { chainId, cid: cidBytes(stored.cid) as Uint8Array }, envelope));
  const open = (shares: readonly HolderShare[]) =>
    combineShares(primitives, {
      chainId,
      readId: read.readId,
      envelope,
      capsule,
      keys: {
        verifyingPk: primitives.publicKeyOf(patient.signing),
        delegatingPk: primitives.publicKeyOf(patient.delegating),
        receivingPk: primitives.publicKeyOf(doctor.receiving),
      },
      shares,
      threshold: 3,
      freshSecret: read.freshSecret,
      receivingSecret: doctor.receiving,
    }).dataKey;
  const shares = accepted(await service.readShares(read.readId));
  expect(shares).toHaveLength(4);
  expect(accepted(open(shares))).toEqual(stored.dataKey);
  await running.stop(3);
  const three = accepted(await service.readShares(read.readId));
  expect(three).toHaveLength(3);
  expect(accepted(open(three))).toEqual(stored.dataKey);
  await running.start(3);

  // Others' fragments never take the place of these.
  const other = accepted(
    await service.storeFragments({
      ...parties,
      fragments: fragments.map((each) => ({ ...each, fragmentId: primitives.hash(each.fragmentId) })),
    }),
  );
  expect(other).toEqual([]);

  // Revoked: no share for the read that was open, and none kept.
  await apply(service, patient.account, 'revoke', { grantee, category: patient.category });
  expect(await service.readShares(read.readId)).toMatchObject({ ok: false, rejection: { code: 'duty.grant-ended' } });
  const denied = await send(service, doctor.account, 'readRecord', {
    record: stored.record,
    purpose: 'TREAT',
    freshKey: primitives.publicKeyOf(doctor.receiving),
  });
  expect(denied.receipt).toMatchObject({ outcome: 'denied', code: 'policy.denied' });
  const view = service.view();
  expect(reads.get(view, toHex(denied.id))).toBeUndefined();
  view.close();
});

it('runs over real sockets: blocks, a transaction, a replicated record', async () => {
  const addresses = await freeAddresses(4);
  const consortium = makeConsortium(4, { addresses });
  const running = await RunningConsortium.make(consortium, libp2pNetworks(addresses));
  await running.startAll();
  await running.reached(2, 30_000);
  const { service } = running.node(2);
  const patient = person('patient');
  await join(service, hospital(consortium, 2), 'patient', patient);
  const stored = await upload(service, patient, new Uint8Array(randomBytes(600_000)));
  expect(await register(service, patient, stored)).toBeGreaterThanOrEqual(3);
  const own = await readAs(running, patient, stored);
  await running.reached(running.heightOf(1));
  for (const { service: each } of running.nodes) {
    const { stream } = accepted(await each.readCiphertext(own.readId));
    expect(Buffer.from(await collect(stream)).equals(stored.ciphertext)).toBe(true);
  }
  expect((await running.hashesAt(running.heightOf(1) - 1)).size).toBe(1);
});
