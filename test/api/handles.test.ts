import { describe, expect, it } from 'vitest';
import { API_LIMITS } from '../../src/api/limits.ts';
import { toHex } from '../../src/base/bytes.ts';
import { verifyDleq } from '../../src/crypto/oprf/dleq.ts';
import { blindIdentifier } from '../../src/crypto/oprf/handle.ts';
import { enrolmentCommitment } from '../../src/crypto/oprf/salt.ts';
import { handles } from '../../src/ledger/state/tables.ts';
import { NODE_CODES } from '../../src/node/codes.ts';
import { HourlyCount } from '../../src/node/hourly-count.ts';
import { NODE_LIMITS } from '../../src/node/limits.ts';
import { openedBy } from './session-support.ts';
import { apiOver, ask, hash, idOf, primitives, publicOf, type Request } from './support.ts';
import { buildWorld, hospitalName } from './world.ts';

const HANDLE = hash('the handle of somebody');
const saltKey = hash('salt key');
const about = (what: 'presence' | 'resolution', handle: Uint8Array): Request => ({
  method: 'POST',
  url: `/v1/handles/${what}`,
  body: { handle: toHex(handle) },
});
const evaluating = (blinded: Uint8Array, holder = 1): Request => ({
  method: 'POST',
  url: '/v1/handles/evaluations',
  body: { holder, blinded: toHex(blinded) },
});
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Somebody enrolled at hospital 1 under a commitment to a handle; an administrator of hospital 2. */
async function town() {
  const world = await buildWorld();
  const { service } = world;
  const ledger = service.town;
  const commitment = enrolmentCommitment(primitives, saltKey, HANDLE);
  service.seal(() => {
    ledger.act('somebody', 'enrol', ledger.enrolment('somebody', 'patient', hospitalName(1), commitment));
    ledger.act(hospitalName(1), 'admit', { participant: idOf('somebody') });
    ledger.join('administrator 2', 'administrator', hospitalName(2));
  });
  return { ...world, app: await apiOver(service, { codes: NODE_CODES }) };
}

describe('a share of a handle', () => {
  it('is given to registrars, with a proof, and to who asks this hospital as the holder that it is', async () => {
    const { app, service } = await town();
    const { blinded } = blindIdentifier(primitives, { type: 'mrn', value: '12' }, new Uint8Array(48).fill(7));
    const answer = await ask(app, service, 'administrator 2', evaluating(blinded));
    const { evaluated, proof, holder } = answer.json() as Record<string, string>;
    const of = { key: publicOf('handle share'), blinded, evaluated: Buffer.from(evaluated as string, 'hex') };
    expect(verifyDleq(primitives, of as never, Buffer.from(proof as string, 'hex'))).toBe(true);
    expect(holder).toBe(1);
    const other = await ask(app, service, 'administrator 2', evaluating(blinded, 2));
    expect(other.json()).toMatchObject({ error: { code: 'node-handles.no-share' } });
    const off = await ask(app, service, 'hospital 1', evaluating(Uint8Array.of(2, ...Array<number>(32).fill(255))));
    expect(off.json()).toMatchObject({ error: { code: 'crypto-oprf.invalid-point' } });
  });

  it('is counted, for each registrar and for all of one hospital: over the hour’s limit it is refused', async () => {
    const { app, service } = await town();
    const asked = async (who: string, times: number) => {
      const codes: number[] = [];
      for (let i = 0; i < times; i++) codes.push((await ask(app, service, who, evaluating(publicOf('x')))).statusCode);
      return codes;
    };
    const limit = NODE_LIMITS.handleQuestionsPerRegistrarHour;
    const all = await asked('administrator', limit + 1);
    expect([all.slice(0, limit).every((one) => one === 200), all.at(-1)]).toEqual([true, 429]);
    // Another of the same hospital still may, and one of another hospital; and after an hour the first again.
    expect(await asked('hospital 1', 1)).toEqual([200]);
    expect(await asked('administrator 2', 1)).toEqual([200]);
    service.nowMs += 3_600_000;
    expect(await asked('administrator', 1)).toEqual([200]);
  });

  it('costs an address as much as it makes the hospital do', async () => {
    const { service } = await town();
    const rate = { burst: 2 * API_LIMITS.handleTokens, perSecond: 0.001 };
    const app = await apiOver(service, {
      codes: NODE_CODES,
      rateLimits: { perAddress: rate, perKey: { burst: 9, perSecond: 9 } },
    });
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++)
      statuses.push((await ask(app, service, 'hospital 1', evaluating(publicOf('x')))).statusCode);
    expect(statuses).toEqual([200, 200, 429]);
  });
});

describe('the count of an hour', () => {
  it('holds in every sixty minutes, and takes nobody new when it can remember no more', () => {
    const count = new HourlyCount(3, 2);
    const ask = (asker: string, at: number) => (count.left(asker, at) > 0 ? count.note(asker, at) : 'refused');
    expect([0, 1_000, 3_000_000].map((at) => ask('a', at))).toEqual([1, 2, 3]);
    expect([3_100_000, 3_600_000, 3_600_500, 3_601_000].map((at) => ask('a', at))).toEqual([
      'refused',
      3,
      'refused',
      3,
    ]);
    expect([ask('b', 3_601_000), ask('c', 3_601_000)]).toEqual([1, 'refused']);
    expect(ask('c', 7_300_000)).toBe(1);
  });
});

describe('looking up a handle in a session with the hospital', () => {
  const MATRIX = [
    ['hospital 1', 200, 200],
    ['administrator', 200, 200],
    ['hospital 2', 200, 404],
    ['administrator 2', 200, 404],
    ['doctor', 404, 404],
    ['patient', 404, 404],
    ['somebody', 404, 404],
  ] as const;

  it.each(MATRIX)('%s is answered %i for presence and %i for who it is', async (who, presence, resolution) => {
    const { app, service } = await town();
    const session = await openedBy(app, service, who);
    const found = await session.ask(who, about('presence', HANDLE));
    const resolved = await session.ask(who, about('resolution', HANDLE));
    expect([found.status, resolved.status]).toEqual([presence, resolution]);
    if (presence === 200) expect(JSON.parse(text(found.body))).toEqual({ hospital: toHex(idOf('hospital 1')) });
    if (resolution === 200) expect(JSON.parse(text(resolved.body))).toEqual({ participant: toHex(idOf('somebody')) });
    expect(service.openViews).toBe(0);
  });

  it('answers who may not know, and who asks for nobody, with the same bytes', async () => {
    const { app, service } = await town();
    const answers = new Set<string>();
    const lengths = new Set<number>();
    const asking: readonly (readonly [string, 'presence' | 'resolution', Uint8Array])[] = [
      ['hospital 1', 'presence', hash('nobody')],
      ['hospital 1', 'resolution', hash('nobody')],
      ['administrator 2', 'resolution', HANDLE],
      ['administrator 2', 'resolution', hash('nobody')],
      ['administrator 2', 'presence', hash('nobody')],
      ['patient', 'presence', HANDLE],
      ['doctor', 'resolution', hash('nobody')],
    ];
    for (const [who, what, handle] of asking) {
      const session = await openedBy(app, service, who);
      const sealed = (await session.send(session.seal(session.request(who, about(what, handle))))) as Uint8Array;
      lengths.add(sealed.length);
      answers.add(Buffer.from(session.unseal(sealed)).toString('hex'));
    }
    expect([answers.size, lengths.size]).toEqual([1, 1]);
    expect(text(Buffer.from([...answers][0] as string, 'hex'))).toContain('api-view.nothing-here');
  });

  it('counts what a registrar asks for, found or not, and nothing of who is none', async () => {
    const { app, service } = await town();
    const session = await openedBy(app, service, 'administrator 2');
    const codes: number[] = [];
    for (let i = 0; i <= NODE_LIMITS.handleLookUpsPerRegistrarHour; i++)
      codes.push((await session.ask('administrator 2', about('presence', hash(`guess ${i}`)))).status);
    expect(new Set(codes.slice(0, -1))).toEqual(new Set([404]));
    expect(codes.at(-1)).toBe(429);
    const doctor = await openedBy(app, service, 'doctor');
    for (let i = 0; i < 20; i++) expect((await doctor.ask('doctor', about('presence', HANDLE))).status).toBe(404);
    const other = await openedBy(app, service, 'hospital 1');
    expect((await other.ask('hospital 1', about('presence', HANDLE))).status).toBe(200);
  });

  it('finds nothing by the chain alone: the commitment is this hospital’s, and one identity has one there', async () => {
    const { service } = await town();
    const ledger = service.town;
    const commitment = enrolmentCommitment(primitives, saltKey, HANDLE);
    const row = handles.get(ledger.tip.view, toHex(idOf('hospital 1')), toHex(commitment));
    expect(row).toEqual(idOf('somebody'));
    const elsewhere = enrolmentCommitment(primitives, hash('salt key of hospital 2'), HANDLE);
    expect(toHex(elsewhere)).not.toBe(toHex(commitment));
    const again = ledger.act('the same', 'enrol', ledger.enrolment('the same', 'patient', hospitalName(1), commitment));
    expect(again).toMatchObject({ outcome: 'failed', code: 'participant.duplicate-handle' });
  });
});
