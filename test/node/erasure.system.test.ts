import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join as pathOf } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { equal, toHex } from '../../src/base/bytes.ts';
import { addressOf, signingDigest } from '../../src/base/digest.ts';
import {
  decodeEnvelope,
  ENVELOPE_ENTROPY_BYTES,
  encodeEnvelope,
  envelopeCommitment,
  sealEnvelope,
  UMBRAL_SCHEME,
} from '../../src/crypto/envelope.ts';
import { issueFragments } from '../../src/crypto/grant-fragment.ts';
import { storageReceiptBytes } from '../../src/ledger/signed-words.ts';
import { cidBytes } from '../../src/node/cid.ts';
import { Shredder } from '../../src/node/shredder.ts';
import { type Hospital, makeConsortium, primitives, RunningConsortium, seededSecret } from '../support/consortium.ts';
import { accepted, apply, join, type Person, person, register, type StoredRecord, upload } from '../support/person.ts';
import { until } from '../support/until.ts';

const WINDOW_BYTES = 64;
/** Of each ciphertext, from its first byte to its last. */
const WINDOWS = 16;
const bytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
type Marks = Readonly<Record<string, Uint8Array>>;

/** Bytes that must be found while a version is kept, and not afterwards. Nothing else on any disk holds one of them. */
function marksOf(name: string, { envelope, salt, ciphertext }: StoredRecord): Marks {
  const { wrappedKey, capsuleSignature } = accepted(decodeEnvelope(primitives, envelope));
  const windows = Array.from({ length: WINDOWS }, (_, i) => {
    const at = Math.floor((i * (ciphertext.length - WINDOW_BYTES)) / (WINDOWS - 1));
    return [`${name}: ciphertext at ${at}`, ciphertext.subarray(at, at + WINDOW_BYTES)] as const;
  });
  return {
    [`${name}: capsule`]: envelope.subarray(0, 98),
    [`${name}: wrapped key`]: wrappedKey,
    [`${name}: author's signature`]: capsuleSignature,
    [`${name}: salt`]: salt,
    ...Object.fromEntries(windows),
  };
}

/** Every byte of every file of a data folder. */
async function found(folder: string, marks: Marks): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  const contents = await Promise.all(
    // A file that LevelDB has just merged into another is gone between the two calls.
    files.map(({ parentPath, name }) => readFile(pathOf(parentPath, name)).catch(() => Buffer.alloc(0))),
  );
  return Object.keys(marks).filter((name) =>
    contents.some((content) => content.includes(Buffer.from(marks[name] as Uint8Array))),
  );
}

async function four() {
  const consortium = makeConsortium(4);
  const running = await RunningConsortium.make(consortium);
  await running.startAll();
  await running.reached(1);
  const { service } = running.node(1);
  const [patient, doctor] = [person('patient'), person('doctor')];
  await join(service, consortium.hospitals[0] as Hospital, 'patient', patient);
  await join(service, consortium.hospitals[1] as Hospital, 'practitioner', doctor);
  const stored = async (length: number): Promise<StoredRecord> => {
    const record = await upload(service, patient, bytes(length));
    await register(service, patient, record);
    return record;
  };
  const expectGone = async (numbers: readonly number[], marks: Marks) => {
    for (const number of numbers) {
      const left = () => found(running.folderOf(number), marks);
      await until(async () => (await left()).length === 0, { timeoutMs: 20_000, what: `erasure at ${number}` }).catch(
        async (error) => {
          throw new Error(`${(error as Error).message}: ${(await left()).join(', ')}`);
        },
      );
    }
  };
  /** Most of them: LevelDB's log cuts what lies across the end of one of its blocks of 32 KiB. */
  const expectKept = async (numbers: readonly number[], marks: Marks) => {
    const most = Math.ceil(Object.keys(marks).length / 2);
    for (const number of numbers)
      await until(async () => (await found(running.folderOf(number), marks)).length >= most, {
        what: `all at ${number}`,
      });
  };
  return { consortium, running, patient, doctor, stored, expectGone, expectKept };
}
type Four = Awaited<ReturnType<typeof four>>;

/** A second version, under the same data key: no node looks inside. */
async function amend({ running }: Four, owner: Person, first: StoredRecord): Promise<StoredRecord> {
  const { service } = running.node(1);
  const next = await upload(service, owner, bytes(1_000));
  const version = await envelopeOf(running, owner, { ...next, record: first.record }, { version: 2, epoch: 0 });
  const kept = accepted(await service.storeRecord({ ...version, receiptsWanted: 3 }));
  await apply(service, owner.account, 'amendRecord', {
    record: first.record,
    epoch: 0,
    cid: cidBytes(version.cid) as Uint8Array,
    ciphertextBytes: kept.ciphertextBytes,
    envelopeHash: kept.envelopeHash,
    storage: kept.receipts,
  });
  return version;
}

async function envelopeOf(
  running: RunningConsortium,
  owner: Person,
  stored: StoredRecord,
  { version, epoch }: { readonly version: number; readonly epoch: number },
): Promise<StoredRecord> {
  const envelope = sealEnvelope(primitives, {
    name: { chainId: running.consortium.chainId, recordId: stored.record, version },
    keyId: { category: owner.category, epoch },
    cid: cidBytes(stored.cid) as Uint8Array,
    dataKey: stored.dataKey,
    delegatingKey: primitives.publicKeyOf(seededSecret(`patient delegating ${epoch}`)),
    author: primitives.publicKeyOf(owner.account),
    entropy: bytes(ENVELOPE_ENTROPY_BYTES),
  });
  return { ...stored, envelope: encodeEnvelope(accepted(envelope)), salt: bytes(32) };
}

/** Each hospital keeps a fragment of a grant to the doctor; answers their bytes, and how to revoke. */
async function grantTo({ running, patient, doctor, consortium }: Four) {
  const { service } = running.node(1);
  const grantId = bytes(32);
  const keyId = { category: patient.category, epoch: 0 };
  const holders = consortium.hospitals.map(({ id, keys }) => ({
    hospital: id,
    dutyKey: primitives.publicKeyOf(keys.duty),
  }));
  const issued = accepted(
    issueFragments(primitives, {
      chainId: consortium.chainId,
      grantId,
      keyId,
      delegatingSecret: patient.delegating,
      grantee: primitives.publicKeyOf(doctor.receiving),
      signingSecret: patient.signing,
      threshold: 3,
      holders,
      entropy: bytes(32),
    }),
  );
  const fragments = issued.map((each) => ({ ...each, ...keyId }));
  const receipts = accepted(
    await service.storeFragments({ grantId, patient: patient.id, grantee: doctor.id, fragments }),
  );
  const grantee = { type: 'person', id: toHex(doctor.id) } as const;
  const named = receipts.map(({ hospital, fragmentsHash, signature }) => ({
    hospital,
    fragmentsHash,
    receipt: signature,
  }));
  await apply(service, patient.account, 'grant', {
    grantee,
    categories: [{ category: patient.category, epochFrom: 0, epochTo: 0 }],
    purposes: ['TREAT'],
    access: 'read',
    expires: service.tip().header.timestampMs + 3_600_000,
    uses: null,
    request: null,
    delivery: { scheme: UMBRAL_SCHEME, grantId, threshold: 3, oraclesMin: 3, oraclesMax: 4, holders: named },
  });
  const fragmentAt = (number: number): Marks => {
    const hospital = consortium.hospitals[number - 1] as Hospital;
    const fragment = issued.find(({ holder }) => equal(holder, hospital.id))?.fragment ?? new Uint8Array(0);
    return { 'fragment begins': fragment.slice(0, 48), 'fragment ends': fragment.slice(-48) };
  };
  const revoke = () => apply(service, patient.account, 'revoke', { grantee, category: patient.category });
  return { fragmentAt, revoke };
}

it('leaves no byte of a shredded record on any disk: small, large or amended, after a restart, and at a hospital that was away', async () => {
  const town = await four();
  const { running, patient, stored, expectGone, expectKept } = town;
  const { service } = running.node(1);
  const [small, large, other] = [await stored(1_000), await stored(600_000), await stored(1_000)];
  const second = await amend(town, patient, small);
  const { fragmentAt, revoke } = await grantTo(town);
  const marks = {
    ...marksOf('first version', small),
    ...marksOf('second version', second),
    ...marksOf('large', large),
  };
  const keeps = marksOf('another record', other);
  await expectKept([1, 2, 3, 4], { ...marks, ...keeps });

  await running.stop(4);
  for (const { record } of [small, large]) await apply(service, patient.account, 'shred', { record });
  await expectGone([1, 2, 3], marks);
  // A fragment serves the category's other records; it goes with its grant.
  await expectKept([1], fragmentAt(1));
  await revoke();
  for (const n of [1, 2, 3]) await expectGone([n], fragmentAt(n));

  // A copy that somebody kept comes back to no hospital.
  const { record, cid, envelope, salt } = large;
  const refused = { ok: false, rejection: { code: 'duty.content-shredded' } };
  expect(
    await service.putBlob(
      (async function* () {
        yield large.ciphertext;
      })(),
      { uploader: 'u', bytesMax: 2 ** 30 },
    ),
  ).toMatchObject(refused);
  expect(await service.storeRecord({ record, cid, envelope, salt, receiptsWanted: 1 })).toMatchObject(refused);

  await expectKept([4], marks);
  await running.stop(2);
  expect(await found(running.folderOf(2), marks)).toEqual([]);
  await running.start(2, 4);
  await expectGone([4], { ...marks, ...fragmentAt(4) });
  await running.reached(running.heightOf(1) + 2);
  await expectGone([1, 2, 3, 4], marks);
  await expectKept([1, 2, 3, 4], keeps);
  for (const { service: each } of running.nodes)
    expect(await each.metrics()).toContain('carechain_node_records_missing 0');
  await running.stop();
  for (const n of [1, 2, 3, 4]) expect(await found(running.folderOf(n), marks)).toEqual([]);
});

it('erases at its next start what a crash between the block and the erasure left', async () => {
  const { running, patient, stored, expectGone, expectKept } = await four();
  const record = await stored(1_000);
  const marks = marksOf('record', record);
  await expectKept([1, 2, 3, 4], marks);
  const crash = vi.spyOn(Shredder.prototype, 'shred').mockImplementation(async () => {});
  onTestFinished(() => crash.mockRestore());
  await apply(running.node(1).service, patient.account, 'shred', { record: record.record });
  await running.reached(running.heightOf(1) + 1);
  await running.stop();
  await expectKept([1, 2, 3, 4], marks);
  crash.mockRestore();
  await running.startAll();
  await expectGone([1, 2, 3, 4], marks);
});

it('leaves no byte of an envelope that its owner replaced, and keeps the new one and the ciphertext everywhere', async () => {
  const { running, consortium, patient, stored, expectGone, expectKept } = await four();
  const { service } = running.node(1);
  const old = await stored(1_000);
  const whole = marksOf('old', old);
  const envelopeMarks = Object.fromEntries(Object.entries(whole).filter(([name]) => !name.includes('ciphertext')));
  const contentMarks = Object.fromEntries(Object.entries(whole).filter(([name]) => name.includes('ciphertext')));
  await expectKept([1, 2, 3, 4], whole);
  await apply(service, patient.account, 'publishDelegatingKey', {
    category: patient.category,
    epoch: 1,
    publicKey: primitives.publicKeyOf(seededSecret('patient delegating 1')),
    label: 'N',
  });
  const next = await envelopeOf(running, patient, old, { version: 1, epoch: 1 });
  const offer = { record: old.record, cid: old.cid, envelope: next.envelope, salt: next.salt, receiptsWanted: 3 };
  const signed = (secret = patient.account) => {
    const words = storageReceiptBytes(consortium.chainId, {
      record: old.record,
      version: 1,
      cid: cidBytes(old.cid) as Uint8Array,
      ciphertextBytes: old.ciphertext.length,
      envelopeHash: envelopeCommitment(primitives, next.salt, next.envelope),
      author: addressOf(primitives, primitives.publicKeyOf(patient.account)),
      category: patient.category,
      epoch: 1,
    });
    return primitives.sign(signingDigest(primitives, 'envelope-replacement', words), secret);
  };
  // Anybody may know the owner's key and make an envelope in the owner's name: only the owner signs for it.
  for (const ownerSignature of [null, signed(seededSecret('a stranger'))])
    expect(await service.storeRecord({ ...offer, ownerSignature })).toMatchObject({
      rejection: { code: 'duty.replacement-unsigned' },
    });

  await running.stop(4);
  const kept = accepted(await service.storeRecord({ ...offer, ownerSignature: signed() }));
  // Until the block, the one that stands is the one that is read; a restart gives up neither.
  await running.stop(3);
  await running.start(3);
  await expectKept([1, 2, 3], { ...envelopeMarks, salt: next.salt });
  await running.start(4);
  await running.stop(4);
  await apply(service, patient.account, 'rewrap', {
    record: old.record,
    epoch: 1,
    envelopeHash: kept.envelopeHash,
    storage: kept.receipts,
  });
  await expectGone([1, 2, 3], envelopeMarks);
  await expectKept([4], envelopeMarks);
  await running.start(4);
  await expectGone([4], envelopeMarks);
  await expectKept([1, 2, 3, 4], { ...contentMarks, salt: next.salt });
});
