import { beforeEach, describe, expect, it } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { encode } from '../../src/base/canonical.ts';
import type { ApiClient, ProofsAnswer } from '../../src/client/api.ts';
import { openCategory } from '../../src/client/categories.ts';
import { endEpoch } from '../../src/client/end-epoch.ts';
import { grantAccess } from '../../src/client/grant.ts';
import { CLIENT_LIMITS } from '../../src/client/limits.ts';
import { provenRows } from '../../src/client/proven.ts';
import { readRecord } from '../../src/client/read-record.ts';
import { revokeAccess } from '../../src/client/revoke.ts';
import { createSession } from '../../src/client/session.ts';
import { trustGenesis } from '../../src/client/trust.ts';
import { writeRecord } from '../../src/client/write-record.ts';
import { delegatingKeys, participants } from '../../src/ledger/state/tables.ts';
import { HOUR_MS, primitives, publicOf } from '../ledger/town.ts';
import { FakeConsortium, unwrapped } from './fake-consortium.ts';
import { member, type Person, sessionOf } from './people.ts';

const PLAINTEXT = utf8('what the author sealed');

let consortium: FakeConsortium;
let honest: ApiClient;
let patient: Person;
let doctor: Person;
let category: Uint8Array;
let record: Uint8Array;

beforeEach(async () => {
  consortium = new FakeConsortium();
  honest = consortium.api();
  patient = await member(consortium, 'patient', 'patient');
  doctor = await member(consortium, 'doctor', 'practitioner');
  ({ category } = unwrapped(await openCategory(patient.session, patient.wallet, 'general')));
  ({ record } = unwrapped(await write()));
  const grantee = { type: 'person' as const, id: toHex(doctor.wallet.id) };
  const expires = consortium.town.tip.header.timestampMs + HOUR_MS;
  const wish = { grantee, labels: ['general'], purposes: ['TREAT' as const], access: 'read' as const, uses: null };
  unwrapped(await grantAccess(patient.session, patient.wallet, { ...wish, expires }));
});

const write = (change: Partial<ApiClient> = {}) => {
  const session = sessionOf(consortium, patient.wallet.account, consortium.api(change));
  return writeRecord(session, patient.wallet, { owner: patient.wallet.id, category, plaintext: PLAINTEXT });
};
const read = (change: Partial<ApiClient>) => {
  const session = sessionOf(consortium, doctor.wallet.account, consortium.api(change));
  return readRecord(session, doctor.wallet, { record, purpose: 'TREAT' });
};
const codeOf = (result: { ok: boolean; rejection?: { code: string } }) => (result.ok ? 'ok' : result.rejection?.code);
const proofs = (change: (answer: ProofsAnswer) => ProofsAnswer): Partial<ApiClient> => ({
  proofs: async (keys) => change(await honest.proofs(keys)),
});
const flipped = (bytes: Uint8Array): Uint8Array => bytes.with(-1, (bytes.at(-1) as number) ^ 1);

describe('a hospital that lies to an author', () => {
  it('cannot slip in a delegating key of its own', async () => {
    const own = encode({ epoch: 0, publicKey: publicOf('the hospital'), label: 'N' });
    const isDelegating = (key: string) => key.startsWith(delegatingKeys.key('', '').slice(0, 10));
    const lie = proofs((answer) => ({
      ...answer,
      rows: answer.rows.map((row) => (isDelegating(row.key) ? { ...row, value: own } : row)),
    }));
    expect(codeOf(await write(lie))).toBe('client-proof.wrong-value');
  });

  it.each<[string, (answer: ProofsAnswer) => ProofsAnswer, string]>([
    [
      'an invented state',
      (a) => ({ ...a, header: { ...a.header, stateRoot: new Uint8Array(32) as Hash } }),
      'client-proof.wrong-block',
    ],
    [
      'another chain',
      (a) => ({ ...a, header: { ...a.header, chainId: new Uint8Array(32) as Hash } }),
      'client-proof.foreign-chain',
    ],
    [
      'other validators',
      (a) => ({ ...a, header: { ...a.header, validatorsHash: new Uint8Array(32) as Hash } }),
      'client-proof.unknown-validators',
    ],
    [
      'too few signatures',
      (a) => ({ ...a, certificate: { ...a.certificate, signatures: a.certificate.signatures.slice(1) } }),
      'consensus-certificate.too-few',
    ],
    [
      'an absence that is none',
      (a) => ({ ...a, rows: a.rows.map((row) => ({ ...row, value: null })) }),
      'client-proof.wrong-value',
    ],
    [
      'the row of another key',
      (a) => ({ ...a, rows: a.rows.map((row) => ({ ...row, key: 'other' })) }),
      'client-proof.malformed',
    ],
    ['no row', (a) => ({ ...a, rows: [] }), 'client-proof.malformed'],
  ])('is caught at %s', async (_what, lie, code) => {
    expect(codeOf(await write(proofs(lie)))).toBe(code);
  });

  it('is caught at a state that was true once (proofAgeMaxMs)', async () => {
    const old = await honest.proofs([delegatingKeys.key(toHex(patient.wallet.id), toHex(category))]);
    const stale = async (ageMs: number) => {
      const device = { ...patient.session.device, nowMs: () => old.header.timestampMs + ageMs };
      const options = {
        device,
        trust: consortium.trust,
        account: patient.wallet.account,
        api: honest,
        receiptPollMs: 1,
      };
      const input = { owner: patient.wallet.id, category, plaintext: PLAINTEXT };
      return codeOf(await writeRecord(createSession(options), patient.wallet, input));
    };
    // A few thousand milliseconds pass on chain with each block.
    expect(await stale(CLIENT_LIMITS.proofAgeMaxMs + 60_000)).toBe('client-proof.stale');
    expect(await stale(CLIENT_LIMITS.proofAgeMaxMs - 60_000)).toBe('ok');
  });

  it('cannot have the author register another content or envelope', async () => {
    const other = contentOf(async (bytes) => honest.putBlob(flipped(bytes as Uint8Array)));
    expect(codeOf(await write(other))).toBe('client-record.upload-altered');
    const storeRecord: ApiClient['storeRecord'] = async (request) =>
      honest.storeRecord({ ...request, salt: flipped(request.salt) });
    expect(codeOf(await write({ storeRecord }))).toBe('client-record.upload-altered');
  });
});

const contentOf = (putBlob: ApiClient['putBlob']): Partial<ApiClient> => ({ putBlob });

describe('a hospital that lies to a reader', () => {
  it('is caught at an altered ciphertext, envelope or salt', async () => {
    expect(codeOf(await read({}))).toBe('ok');
    const readCiphertext: ApiClient['readCiphertext'] = async (id) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of await honest.readCiphertext(id)) pieces.push(piece);
      return (async function* () {
        yield* pieces.slice(0, -1);
        yield flipped(pieces.at(-1) as Uint8Array);
      })();
    };
    expect(codeOf(await read({ readCiphertext }))).toBe('client-read.content-mismatch');
    const envelope: ApiClient['readEnvelope'] = async (id) => {
      const answer = await honest.readEnvelope(id);
      return { ...answer, envelope: flipped(answer.envelope) };
    };
    expect(codeOf(await read({ readEnvelope: envelope }))).toBe('client-read.envelope-mismatch');
    const salt: ApiClient['readEnvelope'] = async (id) => {
      const answer = await honest.readEnvelope(id);
      return { ...answer, salt: answer.salt.slice(1) };
    };
    expect(codeOf(await read({ readEnvelope: salt }))).toBe('client-read.envelope-mismatch');
  });

  it('cannot hand over the envelope and ciphertext of another record', async () => {
    // Not through `write`: its session draws the same random bytes again.
    const input = { owner: patient.wallet.id, category, plaintext: PLAINTEXT };
    const other = unwrapped(await writeRecord(patient.session, patient.wallet, input));
    const session = sessionOf(consortium, patient.wallet.account);
    const own = unwrapped(await readRecord(session, patient.wallet, { record: other.record, purpose: 'PATRQT' }));
    expect(codeOf(await read({ readEnvelope: () => honest.readEnvelope(own.sent.id) }))).toBe(
      'client-read.envelope-mismatch',
    );
    expect(codeOf(await read({ readCiphertext: () => honest.readCiphertext(own.sent.id) }))).toBe(
      'client-read.content-mismatch',
    );
  });

  it('cannot pass one hospital off as three, or answer another read', async () => {
    const readShares: ApiClient['readShares'] = async (id) => {
      const [first] = await honest.readShares(id);
      return first === undefined ? [] : [first, first, first, first];
    };
    expect(codeOf(await read({ readShares }))).toBe('crypto-share.too-few');
  });

  it('cannot stream more bytes than the chain names', async () => {
    const readCiphertext: ApiClient['readCiphertext'] = async () =>
      (async function* () {
        for (;;) yield new Uint8Array(1_000);
      })();
    await expect(read({ readCiphertext })).rejects.toMatchObject({ code: 'client-http.answer-too-large' });
  });
});

describe('trust', () => {
  it('comes from the genesis file: its hash is the chain id, its hospitals the validators', () => {
    const trust = unwrapped(trustGenesis(primitives, consortium.genesisText));
    expect(trust).toEqual(consortium.trust);
    expect(codeOf(trustGenesis(primitives, `${consortium.genesisText} `))).toBe('genesis.malformed');
  });
});

describe('proofs of many rows', () => {
  it('are asked for in parts (proofKeysMax), and come back in order', async () => {
    const asked: number[] = [];
    const counting: ApiClient['proofs'] = (keys) => {
      asked.push(keys.length);
      return honest.proofs(keys);
    };
    const session = sessionOf(consortium, patient.wallet.account, consortium.api({ proofs: counting }));
    const nobody = Array.from({ length: CLIENT_LIMITS.proofKeysMax }, (_, i): [string] => [`nobody ${i}`]);
    const rows = unwrapped(await provenRows(session, participants, [...nobody, [toHex(doctor.wallet.id)]]));
    expect(asked).toEqual([CLIENT_LIMITS.proofKeysMax, 1]);
    expect(rows.map((row) => row?.role)).toEqual([...nobody.map(() => undefined), 'practitioner']);
  });
});

describe('a hospital that lies to a patient about grants', () => {
  const labelled = () => ({ grantee: { type: 'person' as const, id: toHex(doctor.wallet.id) }, label: 'general' });
  const patientAt = (change: Partial<ApiClient>) =>
    sessionOf(consortium, patient.wallet.account, consortium.api(change));

  it('cannot swallow a revocation and say that it was applied', async () => {
    const id = new Uint8Array(32).fill(7) as Hash;
    const receipt = { transactionId: id, outcome: 'applied', code: null, policies: [], events: [], gasUsed: 1 };
    const { height } = consortium.town.tip.header;
    const session = patientAt({
      submit: async () => id,
      receipt: async () => ({ height, index: 0, receipt }) as never,
    });
    const revoked = await revokeAccess(session, patient.wallet, { ...labelled(), endEpoch: false });
    expect(codeOf(revoked)).toBe('client-grant.still-stands');
  });

  it('cannot show an older state, in which a revocation has not happened or a grant still stands', async () => {
    const older = await honest.proofs([participants.key(toHex(patient.wallet.id))]);
    const session = patientAt({ proofs: async (keys) => ({ ...(await honest.proofs(keys)), ...older }) });
    const revoked = await revokeAccess(session, patient.wallet, { ...labelled(), endEpoch: false });
    expect(codeOf(revoked)).toBe('client-proof.stale');
  });

  it('cannot have a grant made again that the chain does not hold', async () => {
    const session = patientAt({
      grants: async (id) => {
        const [real] = await honest.grants(id);
        if (real === undefined) return [];
        const invented = { ...real, grantee: { type: 'person' as const, id: toHex(stranger.wallet.id) } };
        return [{ ...invented, row: { ...real.row, access: 'read-write' as const } }, real];
      },
    });
    const stranger = await member(consortium, 'stranger', 'practitioner');
    const ended = unwrapped(await endEpoch(session, patient.wallet, 'general'));
    expect(ended.reissued.map(({ grantee }) => grantee.id)).toEqual([toHex(doctor.wallet.id)]);
  });
});
