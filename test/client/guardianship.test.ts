import { beforeEach, describe, expect, it } from 'vitest';
import type { Hash, PublicKey, SecretKey } from '../../src/base/brand.ts';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { openCategory } from '../../src/client/categories.ts';
import { type GuardiansSet, type GuardianWish, setGuardians } from '../../src/client/guardian-plan.ts';
import {
  approveGuardianship,
  giveShare,
  readLetter,
  requestGuardianship,
  vetoGuardianship,
} from '../../src/client/guardianship.ts';
import type { Released } from '../../src/client/open-sealed-roots.ts';
import { readRecord } from '../../src/client/read-record.ts';
import { keysToAct, recoverWallet, replaceAccountKey } from '../../src/client/recover.ts';
import { applied, refusedAtDoor } from '../../src/client/session.ts';
import type { Wallet } from '../../src/client/wallet.ts';
import { writeRecord } from '../../src/client/write-record.ts';
import type { GuardianLetter } from '../../src/crypto/guardian-boxes.ts';
import { guardianKitHash } from '../../src/crypto/guardian-kit.ts';
import { type GuardianPurpose, listCommitment } from '../../src/crypto/guardians.ts';
import { genesisOf, hospitalName, idOf, primitives, secretOf } from '../ledger/town.ts';
import { FakeConsortium, unwrapped } from './fake-consortium.ts';
import { member, type Person, sessionOf } from './people.ts';

const MATURING_MS = 10_000;
const TEXT = utf8('{"resourceType":"Bundle","note":"for whoever acts"}');

let consortium: FakeConsortium;
let patient: Person;
let guardians: readonly Person[];
let record: Uint8Array;
let plan: GuardiansSet;

const wish = (purpose: GuardianPurpose): GuardianWish => ({
  purpose,
  guardians: { threshold: 2, members: guardians.map(({ wallet }) => wallet.id) },
  maturingMs: MATURING_MS,
});

beforeEach(async () => {
  consortium = new FakeConsortium(genesisOf(4, { guardianMaturingMinMs: MATURING_MS }));
  patient = await member(consortium, 'patient', 'patient');
  guardians = [];
  for (const n of [1, 2, 3]) guardians = [...guardians, await member(consortium, `guardian ${n}`, 'patient')];
  const { category } = unwrapped(await openCategory(patient.session, patient.wallet, 'general'));
  const written = await writeRecord(patient.session, patient.wallet, {
    owner: patient.wallet.id,
    category,
    plaintext: TEXT,
  });
  ({ record } = unwrapped(written));
  plan = unwrapped(await setGuardians(patient.session, patient.wallet, [wish('recovery'), wish('acting')]));
});

const guardian = (n: number): Person => guardians[n - 1] as Person;
function letterOf(person: Person, purpose: GuardianPurpose, from = plan): GuardianLetter {
  const found = from.letters.find((one) => one.purpose === purpose && toHex(one.guardian) === toHex(person.wallet.id));
  if (found === undefined) throw new Error('there is a letter for each guardian and purpose');
  return unwrapped(readLetter(person.session, person.wallet, found.letter));
}
const codeOf = (result: { ok: boolean; rejection?: { code: string } }) => result.rejection?.code;
/** Time passes: blocks that hold nothing. */
const wait = (ms: number): void => void consortium.town.seal([], ms);

const deviceKey: SecretKey = secretOf('key of the new device');
const devicePublic: PublicKey = primitives.publicKeyOf(deviceKey);

const replaced = (wallet: Wallet) =>
  replaceAccountKey(sessionOf(consortium, wallet.account), wallet, ({ account }) => sessionOf(consortium, account));

/** Asked by guardian 1, approved by 2. */
async function approved(purpose: GuardianPurpose, key = devicePublic): Promise<Hash> {
  const asked = unwrapped(await requestGuardianship(guardian(1).session, letterOf(guardian(1), purpose), key));
  unwrapped(await approveGuardianship(guardian(2).session, asked.id));
  return asked.id;
}

/** What guardians 1 and 2, and the hospitals, give for a request. */
async function released(request: Hash, purpose: GuardianPurpose): Promise<Released> {
  const given = [];
  for (const one of [guardian(1), guardian(2)])
    given.push(unwrapped(await giveShare(one.session, one.wallet, letterOf(one, purpose), request)));
  return {
    chainId: consortium.trust.chainId,
    request,
    kit: letterOf(guardian(1), purpose).kit,
    secretKey: deviceKey,
    guardians: given,
    hospitals: await guardian(1).session.api.releasedShares(request),
  };
}

describe('a lost device', () => {
  it('is replaced by two guardians of three and three hospitals of four: the new one is the patient, and the old one signs no more', async () => {
    consortium.down.add(toHex(idOf(hospitalName(4))));
    const request = await approved('recovery');
    wait(MATURING_MS);
    const wallet = unwrapped(
      await recoverWallet(consortium.device('new'), patient.wallet.id, await released(request, 'recovery')),
    );
    expect(wallet.id).toEqual(patient.wallet.id);
    const next = unwrapped(await replaced(wallet));
    expect(next.id).toEqual(patient.wallet.id);

    const session = sessionOf(consortium, next.account);
    const opened = unwrapped(await readRecord(session, next, { record, purpose: 'PATRQT' }));
    expect(opened).toMatchObject({ path: 'self', plaintext: TEXT });
    const old = await refusedAtDoor(readRecord(patient.session, patient.wallet, { record, purpose: 'PATRQT' }));
    expect(codeOf(old)).toBe('transaction.key-retired');
  });

  it('is not made somebody else: a kit that names another owner than the patient is refused before it is opened', async () => {
    const request = await approved('recovery');
    wait(MATURING_MS);
    const all = await released(request, 'recovery');
    const other = idOf('somebody else');
    expect(codeOf(await recoverWallet(consortium.device('new'), other, all))).toBe('client-guardian.other-person');
    const stolen = { ...all, kit: { ...all.kit, owner: other } };
    expect(codeOf(await recoverWallet(consortium.device('new'), patient.wallet.id, stolen))).toBe(
      'client-guardian.other-person',
    );
  });

  it('may be lost again: the plan set by the new one leads to its own account key', async () => {
    const first = await approved('recovery');
    wait(MATURING_MS);
    const found = unwrapped(
      await recoverWallet(consortium.device('new'), patient.wallet.id, await released(first, 'recovery')),
    );
    const next = unwrapped(await replaced(found));
    const session = sessionOf(consortium, next.account);
    plan = unwrapped(await setGuardians(session, next, [wish('recovery')]));

    const second = await approved('recovery');
    wait(MATURING_MS);
    const again = unwrapped(
      await recoverWallet(consortium.device('newer'), patient.wallet.id, await released(second, 'recovery')),
    );
    expect(again.account).toEqual(next.account);
    expect(toHex(again.account.publicKey)).not.toBe(toHex(found.account.publicKey));
  });

  it('is not replaced by hospitals and fewer guardians, nor by guardians and fewer hospitals', async () => {
    const request = await approved('recovery');
    wait(MATURING_MS);
    const all = await released(request, 'recovery');
    const device = consortium.device('new');
    const few = { ok: false, rejection: { code: 'client-guardian.too-few-shares' } };
    expect(await recoverWallet(device, patient.wallet.id, { ...all, guardians: all.guardians.slice(1) })).toMatchObject(
      few,
    );
    expect(await recoverWallet(device, patient.wallet.id, { ...all, hospitals: all.hospitals.slice(2) })).toMatchObject(
      few,
    );
    expect(
      await recoverWallet(device, patient.wallet.id, { ...all, secretKey: secretOf('another device') }),
    ).toMatchObject(few);
  });

  it('is not replaced where hospitals give other sealed roots, and is where one does', async () => {
    const request = await approved('recovery');
    wait(MATURING_MS);
    const all = await released(request, 'recovery');
    const altered = all.hospitals.map((one) => ({ ...one, sealed: one.sealed.map((byte) => byte ^ 1) }));
    const tried = await recoverWallet(consortium.device('new'), patient.wallet.id, { ...all, hospitals: altered });
    expect(codeOf(tried)).toBe('client-guardian.sealed-altered');
    const hospitals = [...altered.slice(1), ...all.hospitals.slice(0, 1)];
    expect((await recoverWallet(consortium.device('new'), patient.wallet.id, { ...all, hospitals })).ok).toBe(true);
  });
});

describe('nothing is released', () => {
  const held = async (request: Hash): Promise<readonly (string | undefined)[]> => [
    codeOf(await giveShare(guardian(1).session, guardian(1).wallet, letterOf(guardian(1), 'recovery'), request)),
    String((await guardian(1).session.api.releasedShares(request)).length),
  ];

  it('before enough guardians approved, nor before the time for a veto is over', async () => {
    const letter = letterOf(guardian(1), 'recovery');
    const { id } = unwrapped(await requestGuardianship(guardian(1).session, letter, devicePublic));
    wait(2 * MATURING_MS);
    expect(await held(id)).toEqual(['client-guardian.immature', '0']);
    unwrapped(await approveGuardianship(guardian(2).session, id));
    wait(MATURING_MS - 1);
    expect(await held(id)).toEqual(['client-guardian.immature', '0']);
    wait(1);
    expect(await held(id)).toEqual([undefined, '4']);
  });

  it('after the patient objected', async () => {
    const request = await approved('recovery');
    unwrapped(await vetoGuardianship(patient.session, request));
    wait(2 * MATURING_MS);
    expect(await held(request)).toEqual(['client-guardian.immature', '0']);
  });

  it('for a plan that was replaced, by guardians or by hospitals', async () => {
    const request = await approved('recovery');
    const before = letterOf(guardian(1), 'recovery');
    plan = unwrapped(await setGuardians(patient.session, patient.wallet, [wish('recovery')]));
    wait(2 * MATURING_MS);
    expect((await guardian(1).session.api.releasedShares(request)).length).toBe(0);
    expect(codeOf(await requestGuardianship(guardian(1).session, before, devicePublic))).toBe(
      'guardianship.other-list',
    );
    const later = await approved('recovery');
    wait(MATURING_MS);
    expect(codeOf(await giveShare(guardian(1).session, guardian(1).wallet, before, later))).toBe(
      'client-guardian.other-letter',
    );
  });

  it("under a stranger's plan that names the patient's kit, with guardians of the stranger's own", async () => {
    const thief = await member(consortium, 'thief', 'patient');
    const friend = await member(consortium, 'friend of the thief', 'patient');
    const letter = letterOf(guardian(1), 'recovery');
    const kit = guardianKitHash(primitives, consortium.trust.chainId, letter.kit);
    const list = { threshold: 1, members: [friend.wallet.id] };
    const { salt } = letter.kit;
    const part = { list: listCommitment(primitives, salt, list), kit, maturingMs: MATURING_MS };
    unwrapped(applied(await thief.session.send('setGuardians', { parts: [{ purpose: 'recovery', ...part }] })));
    const wished = { owner: thief.wallet.id, purpose: 'recovery' as const, key: devicePublic, ...list, salt };
    const { id } = unwrapped(applied(await friend.session.send('requestGuardianship', wished)));
    wait(MATURING_MS);
    expect(await held(id)).toEqual(['client-guardian.other-letter', '0']);
  });

  it('for one purpose by the approval of another', async () => {
    const acting = await approved('acting');
    wait(MATURING_MS);
    expect((await held(acting))[0]).toBe('client-guardian.other-letter');
    const all = await released(acting, 'acting');
    expect(codeOf(await recoverWallet(consortium.device('new'), patient.wallet.id, all))).toBe(
      'client-guardian.other-person',
    );
  });
});

describe('a guardian who acts', () => {
  const asGuardian = async (request: Hash) => unwrapped(await keysToAct(primitives, await released(request, 'acting')));
  const reads = async (person: Person, asked: Hash | null) =>
    readRecord(person.session, person.wallet, {
      record,
      purpose: 'PATRQT',
      ...(asked === null ? {} : { asGuardian: await asGuardian(asked) }),
    });

  it('signs as himself, opens the record by the delegating key, and is denied before, after a veto, and for others', async () => {
    expect(codeOf(await reads(guardian(1), null))).toBe('policy.denied');
    const request = await approved('acting');
    expect(codeOf(await reads(guardian(1), null))).toBe('policy.denied');
    wait(MATURING_MS);
    const opened = unwrapped(await reads(guardian(1), request));
    expect(opened).toMatchObject({ path: 'guardian', plaintext: TEXT, owner: patient.wallet.id });
    // Who approved does not act.
    expect(codeOf(await reads(guardian(2), request))).toBe('policy.denied');
    const keys = await asGuardian(request);
    unwrapped(await vetoGuardianship(patient.session, request));
    const after = await readRecord(guardian(1).session, guardian(1).wallet, {
      record,
      purpose: 'PATRQT',
      asGuardian: keys,
    });
    expect(codeOf(after)).toBe('policy.denied');
  });

  it('may be an executor, by a list of its own', async () => {
    plan = unwrapped(await setGuardians(patient.session, patient.wallet, [wish('executor')]));
    const request = await approved('executor');
    wait(MATURING_MS);
    const asGuardianOf = unwrapped(await keysToAct(primitives, await released(request, 'executor')));
    const opened = await readRecord(guardian(1).session, guardian(1).wallet, {
      record,
      purpose: 'PATRQT',
      asGuardian: asGuardianOf,
    });
    expect(unwrapped(opened)).toMatchObject({ path: 'guardian', plaintext: TEXT });
  });
});

describe('a plan', () => {
  it('is not set where too few hospitals keep their half, and says nothing of lists on chain', async () => {
    for (const n of [3, 4]) consortium.down.add(toHex(idOf(hospitalName(n))));
    const tried = await setGuardians(patient.session, patient.wallet, [wish('recovery')]);
    expect(codeOf(tried)).toBe('client-guardian.too-few-receipts');
    const chain = consortium.town.blocks.map(({ bytes }) => toHex(bytes));
    const sets = chain.filter((block) => block.includes(toHex(utf8('setGuardians'))));
    expect(sets).toHaveLength(1);
    for (const { wallet } of guardians) expect(sets[0]).not.toContain(toHex(wallet.id));
    for (const n of [1, 2, 3, 4]) expect(sets[0]?.split(toHex(idOf(hospitalName(n)))).length).toBeLessThan(3);
  });

  it('takes active patients for guardians, and m of at least two', async () => {
    const doctor = await member(consortium, 'doctor', 'practitioner');
    const of = (members: readonly Person[], threshold = 2): GuardianWish => ({
      ...wish('recovery'),
      guardians: { threshold, members: members.map(({ wallet }) => wallet.id) },
    });
    const set = async (one: GuardianWish) => codeOf(await setGuardians(patient.session, patient.wallet, [one]));
    expect(await set(of([guardian(1), doctor]))).toBe('client-guardian.unknown');
    expect(await set(of([guardian(1), guardian(2)], 1))).toBe('client-guardian.threshold');
    expect(await set({ ...wish('recovery'), maturingMs: MATURING_MS - 1 })).toBe('guardianship.maturing');
  });

  it('writes letters that open to their guardian alone', async () => {
    const [first] = plan.letters;
    if (first === undefined) throw new Error('there are letters');
    expect(readLetter(guardian(2).session, guardian(2).wallet, first.letter).ok).toBe(false);
    expect(readLetter(guardian(1).session, guardian(1).wallet, first.letter).ok).toBe(true);
  });
});
