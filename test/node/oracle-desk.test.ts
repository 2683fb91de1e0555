import { describe, expect, it } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { ok } from '../../src/base/result.ts';
import { keyIdBytes } from '../../src/crypto/envelope.ts';
import { enqueue } from '../../src/ledger/evaluation/queues.ts';
import { fragmentsHashOf } from '../../src/ledger/signed-words.ts';
import { StateOverlay } from '../../src/ledger/state/overlay.ts';
import { evaluations, grants, hospitals, reads, records } from '../../src/ledger/state/tables.ts';
import type { NodeContext } from '../../src/node/node-context.ts';
import { OracleDesk } from '../../src/node/oracle-desk.ts';
import type { OwnTransactions } from '../../src/node/own-transactions.ts';
import { primitives, seeded } from '../support/consortium.ts';

const [hospital, patient, doctor] = ['hospital', 'patient', 'doctor'].map((name) => seeded(name, 20)) as Uint8Array[];
const [grantId, record, category] = [seeded('grant', 32), seeded('record', 32), seeded('category', 16)];
const fragmentId = seeded('fragment', 32) as Hash;
const keyId = keyIdBytes({ category, epoch: 0 });
const GRANT_KEY = `person:00:${toHex(category)}`;
const NOW_MS = 1_000;

/** A hospital that holds a fragment of one grant, and whose shares cost nothing to make: what is tested is when, and of what. */
class Ward {
  readonly looked: string[] = [];
  readonly state = new StateOverlay({ get: () => undefined });
  readonly sent: number[] = [];
  /** Answers that are being made at this moment, and the most there ever were at once. */
  making = 0;
  mostMaking = 0;
  made = 0;
  #release: () => void = () => {};
  readonly desk: OracleDesk;

  constructor() {
    const holders = [{ hospital, fragmentsHash: fragmentsHashOf(primitives, [fragmentId]) }];
    const envelopeHash = seeded('envelope', 32);
    const row = { owner: patient, author: patient, sealedBy: patient, category, epoch: 0, version: 1, envelopeHash };
    const stored = { cid: seeded('cid', 36), ciphertextBytes: 1, storedBy: [], status: 'live', registeredHeight: 0 };
    records.set(this.state, { ...row, ...stored, requests: 0 } as never, toHex(record));
    hospitals.set(
      this.state,
      { record: HOSPITAL, status: 'active', admittedHeight: 0 } as never,
      toHex(hospital as Uint8Array),
    );
    const terms = { threshold: 1, oraclesMin: 1, oraclesMax: 1, holders, grantId, scheme: 'umbral-v1' };
    const span = { purposes: ['TREAT'], access: 'read', expires: 10 ** 6, usesLeft: null, epochFrom: 0, epochTo: 0 };
    const grant = { grant: seeded('grant transaction', 32), grantedHeight: 0, ...terms, ...span };
    grants.set(this.state, grant as never, toHex(patient as Uint8Array), GRANT_KEY);
    const tip = { header: { height: 1, timestampMs: NOW_MS } };
    const context: unknown = {
      env: { primitives },
      hospital,
      tip: () => tip,
      state: {
        get: (key: string) => {
          this.looked.push(key);
          return this.state.get(key);
        },
      },
      shelf: { get: () => this.#envelope() },
      keeper: { ofGrant: async () => [{ keyId, fragmentId, fragment: Uint8Array.of(1) }] },
      shares: { once: (read: Hash, attempt: number) => ok(Uint8Array.of(...read, attempt)) },
    };
    const own: Pick<OwnTransactions, 'send'> = { send: (_kind, payload) => this.#send(payload as never) };
    this.desk = new OracleDesk(context as NodeContext, own as OwnTransactions, (error) => {
      throw error;
    });
  }

  async #envelope() {
    this.making++;
    this.mostMaking = Math.max(this.mostMaking, this.making);
    await new Promise(setImmediate);
    this.making--;
    this.made++;
    return { envelope: Uint8Array.of(1), salt: Uint8Array.of(1) };
  }

  #send({ answers }: { readonly answers: readonly unknown[] }): Promise<boolean> {
    this.sent.push(answers.length);
    return new Promise((resolve) => {
      this.#release = () => resolve(true);
    });
  }

  /** The mempool takes what was sent. */
  async take(): Promise<void> {
    this.#release();
    await new Promise(setImmediate);
  }

  read(name: string, state: 'open' | 'evaluated' = 'open'): string {
    const id = seeded(name, 32) as Hash;
    const envelopeHash = seeded('envelope', 32);
    const opened = {
      record,
      owner: patient,
      reader: doctor,
      version: 1,
      envelopeHash,
      purpose: 'TREAT',
      path: 'grant',
    };
    const freshKey = primitives.publicKeyOf(seeded('fresh', 32) as never);
    reads.set(this.state, { ...opened, freshKey, grantId, height: 1, timestampMs: 1 } as never, toHex(id));
    const terms = {
      threshold: 1,
      oraclesMin: 1,
      oraclesMax: 1,
      answers: [],
      ratings: [],
      winner: null,
      closesMs: 10 ** 6,
    };
    const holders = [{ hospital, fragmentsHash: fragmentsHashOf(primitives, [fragmentId]) }];
    const grant = seeded('grant transaction', 32);
    const parties = { owner: patient, reader: doctor, readMs: 1, grant, grantKey: GRANT_KEY, holders };
    evaluations.set(this.state, { ...parties, ...terms, state } as never, toHex(id));
    if (state === 'open') enqueue(this.state, 'hour', id, 10 ** 6);
    return `evaluation/${toHex(id)}`;
  }
}

const HOSPITAL = {
  name: 'a hospital',
  tier: 'tertiary',
  accountKey: primitives.publicKeyOf(seeded('account', 32) as never),
  validatorKey: null,
  dutyKey: primitives.publicKeyOf(seeded('duty', 32) as never),
  peerId: '12D3KooW',
  addresses: [],
};
const block = (...keys: readonly string[]) => new Map(keys.map((key) => [key, Uint8Array.of(1)]));

describe('the oracle desk', () => {
  it('takes up after a start what waits for its end, and looks at nothing that is closed', async () => {
    const ward = new Ward();
    const closed = Array.from({ length: 20 }, (_, i) => ward.read(`closed ${i}`, 'evaluated'));
    ward.read('open');
    await ward.desk.scan();
    await ward.desk.committed(block());
    expect(ward.sent).toEqual([1]);
    expect(ward.looked.filter((key) => closed.includes(key))).toEqual([]);
  });

  it('makes answers one round at a time, also when blocks come while something is being sent', async () => {
    const ward = new Ward();
    await ward.desk.committed(block(ward.read('first')));
    expect(ward.sent).toEqual([1]);
    const made = ward.made;
    const blocks = [ward.desk.committed(block(ward.read('second'))), ward.desk.committed(block(ward.read('third')))];
    const taken = ward.take();
    const more = ward.desk.committed(block(ward.read('fourth')));
    await Promise.all([...blocks, taken, more]);
    for (let i = 0; i < 10; i++) await new Promise(setImmediate);
    expect(ward.mostMaking).toBe(1);
    // One round for all that came meanwhile: the first again, for no block holds its answer yet, and the three others.
    expect([ward.sent, ward.made - made]).toEqual([[1, 4], 4]);
  });
});
