import { beforeEach, describe, expect, it } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { type AllowedRead, requestRead } from '../../src/client/allowed-read.ts';
import type { ApiClient, HeldShare } from '../../src/client/api.ts';
import { openCategory } from '../../src/client/categories.ts';
import { disputeUndelivered, disputeWrongShare } from '../../src/client/dispute.ts';
import { grantAccess, previewGrant } from '../../src/client/grant.ts';
import { readRecord } from '../../src/client/read-record.ts';
import { reviewShares } from '../../src/client/review-shares.ts';
import { applied } from '../../src/client/session.ts';
import { type OpenedShares, openShares } from '../../src/client/shares.ts';
import { writeRecord } from '../../src/client/write-record.ts';
import { evaluations } from '../../src/ledger/state/tables.ts';
import { HOUR_MS, hospitalName, idOf, primitives } from '../ledger/town.ts';
import { FakeConsortium, unwrapped } from './fake-consortium.ts';
import { hospitalAccount, member, type Person, sessionOf } from './people.ts';

const PLAINTEXT = utf8('what the author sealed');
const LIAR = idOf(hospitalName(2));
const MADE_UP = new Uint8Array(400).fill(7);

let consortium: FakeConsortium;
let honest: ApiClient;
let patient: Person;
let doctor: Person;
let record: Uint8Array;
/** Transactions that the doctor's device has sent. */
let sent: number;

const granteeOf = ({ wallet }: Person) => ({ type: 'person' as const, id: toHex(wallet.id) });
const codeOf = (result: { ok: boolean; rejection?: { code: string } }) => (result.ok ? 'ok' : result.rejection?.code);
const isLiar = ({ holder }: Pick<HeldShare, 'holder'>) => toHex(holder) === toHex(LIAR);

beforeEach(async () => {
  consortium = new FakeConsortium();
  honest = consortium.api();
  patient = await member(consortium, 'patient', 'patient');
  doctor = await member(consortium, 'doctor', 'practitioner');
  const { category } = unwrapped(await openCategory(patient.session, patient.wallet, 'general'));
  const input = { owner: patient.wallet.id, category, plaintext: PLAINTEXT };
  ({ record } = unwrapped(await writeRecord(patient.session, patient.wallet, input)));
  const expires = consortium.town.tip.header.timestampMs + HOUR_MS;
  const wish = { labels: ['general'], purposes: ['TREAT' as const], access: 'read' as const, uses: null, expires };
  unwrapped(await grantAccess(patient.session, patient.wallet, { ...wish, grantee: granteeOf(doctor) }));
  sent = 0;
});

/** A doctor's device whose hospital changes what the holders answer. */
const device = (readShares: ApiClient['readShares'] = honest.readShares) =>
  sessionOf(
    consortium,
    doctor.wallet.account,
    consortium.api({
      readShares,
      submit: (signed) => {
        sent++;
        return honest.submit(signed);
      },
    }),
  );
const altered = async (read: Hash): Promise<readonly HeldShare[]> =>
  (await honest.readShares(read)).map((one) => (isLiar(one) ? { ...one, share: MADE_UP } : one));

/** Every hospital commits what `shareOf` says, as its own node does in the block after the read. */
async function commit(read: Hash, shareOf: (one: HeldShare) => Uint8Array = ({ share }) => share) {
  for (const one of await honest.readShares(read)) {
    const n = [1, 2, 3, 4].find((at) => toHex(idOf(hospitalName(at))) === toHex(one.holder)) as number;
    const session = sessionOf(consortium, hospitalAccount(n));
    const answers = [{ read, shareHash: primitives.hash(shareOf(one)) }];
    unwrapped(applied(await session.send('respond', { answers })));
  }
}

const asked = async (session = device()): Promise<AllowedRead> =>
  unwrapped(await requestRead(session, { record, purpose: 'TREAT' }));
const opened = async (session: ReturnType<typeof device>, allowed: AllowedRead): Promise<OpenedShares> =>
  unwrapped(await openShares(session, doctor.wallet, allowed));
const reviewOfLiar = async (allowed: AllowedRead, what: OpenedShares) =>
  unwrapped(await reviewShares(device(), allowed, what)).find(isLiar);

describe('a reader holds shares to what their holders committed', () => {
  it('finds nothing to claim where all hold, before and after they are committed', async () => {
    const session = device();
    const allowed = await asked(session);
    const what = await opened(session, allowed);
    expect(unwrapped(await reviewShares(session, allowed, what)).map((one) => one.standing)).toEqual(
      Array.from({ length: 4 }, () => 'uncommitted'),
    );
    await commit(allowed.sent.id);
    const after = unwrapped(await reviewShares(session, allowed, what));
    expect(after.map(({ standing, dispute }) => [standing, dispute])).toEqual(
      Array.from({ length: 4 }, () => ['right', null]),
    );
  });

  it('reads with the other three where one share was altered on its way, and claims nothing about its holder', async () => {
    const session = device(altered);
    const allowed = await asked(session);
    await commit(allowed.sent.id);
    const what = await opened(session, allowed);
    expect(codeOf(what.dataKey)).toBe('ok');
    expect(await reviewOfLiar(allowed, what)).toMatchObject({ standing: 'differs', dispute: 'undelivered' });

    const before = sent;
    const came = what.shares.find(isLiar) as HeldShare;
    expect(codeOf(await disputeWrongShare(session, allowed, came))).toBe('client-dispute.not-committed');
    expect(sent - before).toBe(0);
    expect(codeOf(await disputeUndelivered(session, allowed, LIAR))).toBe('ok');
    expect(await reviewOfLiar(allowed, what)).toMatchObject({ standing: 'differs', dispute: null });
  });

  it('proves on chain that a committed share is wrong, once', async () => {
    const session = device(altered);
    const allowed = await asked(session);
    const what = await opened(session, allowed);
    expect(codeOf(what.dataKey)).toBe('ok');
    const came = what.shares.find(isLiar) as HeldShare;
    // Nothing of it is committed yet.
    expect(codeOf(await disputeWrongShare(session, allowed, came))).toBe('client-dispute.not-committed');
    await commit(allowed.sent.id, (one) => (isLiar(one) ? MADE_UP : one.share));
    expect(await reviewOfLiar(allowed, what)).toMatchObject({ standing: 'wrong', dispute: 'wrong' });
    expect(codeOf(await disputeWrongShare(session, allowed, came))).toBe('ok');
    expect(await reviewOfLiar(allowed, what)).toMatchObject({ standing: 'wrong', dispute: null });
    const row = evaluations.get(consortium.town.tip.view, toHex(allowed.sent.id));
    expect(row?.answers.filter(({ claim }) => claim !== 'none').map(({ hospital }) => toHex(hospital))).toEqual([
      toHex(LIAR),
    ]);
  });

  it('says that a committed share never came', async () => {
    const session = device(async (read) => (await honest.readShares(read)).filter((one) => !isLiar(one)));
    const allowed = await asked(session);
    const what = await opened(session, allowed);
    await commit(allowed.sent.id);
    expect(await reviewOfLiar(allowed, what)).toMatchObject({ standing: 'missing', dispute: 'undelivered' });
  });

  it('takes the committed share of two under one name, whichever comes first', async () => {
    const both = async (read: Hash) => [...(await altered(read)).filter(isLiar), ...(await honest.readShares(read))];
    const session = device(both);
    const allowed = await asked(session);
    await commit(allowed.sent.id);
    const what = await opened(session, allowed);
    expect(what.wrong).toEqual([]);
    expect(await reviewOfLiar(allowed, what)).toMatchObject({ standing: 'right' });
  });

  it('opens with a share that differs only where too few others came', async () => {
    const withoutOne = async (read: Hash) => (await honest.readShares(read)).slice(1);
    const session = device(withoutOne);
    const allowed = await asked(session);
    await commit(allowed.sent.id, (one) => (isLiar(one) ? MADE_UP : one.share));
    const what = await opened(session, allowed);
    expect(codeOf(what.dataKey)).toBe('ok');
    expect(toHex((what.shares.at(-1) as HeldShare).holder)).toBe(toHex(LIAR));
    expect(await reviewOfLiar(allowed, what)).toMatchObject({ standing: 'differs' });
  });
});

describe('a read', () => {
  it('asks for proofs twice: what was read, then all that shares are held to', async () => {
    const questions: (readonly string[])[] = [];
    const proofs: ApiClient['proofs'] = (keys) => {
      questions.push(keys.map((key) => key.slice(0, key.indexOf('/'))));
      return honest.proofs(keys);
    };
    const session = sessionOf(consortium, doctor.wallet.account, consortium.api({ proofs }));
    expect(unwrapped(await readRecord(session, doctor.wallet, { record, purpose: 'TREAT' })).plaintext).toEqual(
      PLAINTEXT,
    );
    expect(questions).toEqual([
      ['read', 'record'],
      ['grant', 'delegating-epoch', 'participant', 'participant', 'evaluation'],
    ]);
  });
});

describe('a hospital that lies about the grants that stand', () => {
  const preview = async (grants: ApiClient['grants']) => {
    const session = sessionOf(consortium, patient.wallet.account, consortium.api({ grants }));
    const wish = { grantee: granteeOf(doctor), labels: ['general'] };
    return unwrapped(await previewGrant(session, patient.wallet, wish));
  };

  it('cannot hide the grant that a new one would replace, nor change its words', async () => {
    const [real] = await honest.grants(patient.wallet.id);
    expect((await preview(async () => [])).replaced).toEqual([real]);
    const reworded = async () => [{ ...real, row: { ...real?.row, access: 'write' } }] as never;
    expect((await preview(reworded)).standing).toEqual([real]);
  });

  it('cannot show one that the chain does not hold', async () => {
    const [real] = await honest.grants(patient.wallet.id);
    const invented = { ...real, grantee: { type: 'person', id: toHex(LIAR) } } as never;
    expect((await preview(async () => [invented])).standing).toEqual([real]);
  });
});
