import { beforeEach, describe, expect, it } from 'vitest';
import type { Hash } from '../../../src/base/brand.ts';
import { ok, refuse } from '../../../src/base/result.ts';
import { SHARE_BYTES_MAX } from '../../../src/ledger/evaluation/limits.ts';
import type { DisputedShare, ShareJudge } from '../../../src/ledger/evaluation/share-judge.ts';
import { actOf } from '../../../src/ledger/families/index.ts';
import type { WrongClaim } from '../../../src/ledger/families/payloads.ts';
import { hash, hospitalName, idOf, publicOf } from '../town.ts';
import { DOCTOR, FRAGMENTS, HOUR_MS, MINUTE_MS, PATIENT, SECOND_MS, shareOf, Ward } from './ward.ts';

const WINDOW_MS = 5 * MINUTE_MS;
const RIGHT = new Uint8Array(32).fill(1);
const WRONG = new Uint8Array(32).fill(2);

const asked: DisputedShare[] = [];
/** The salt stands for what a real judge would compute. */
const judge: ShareJudge = (_, disputed) => {
  asked.push(disputed);
  const [salt] = disputed.claim.salt;
  return salt === 1 ? ok('right') : salt === 2 ? ok('wrong') : refuse('dispute.malformed-proof');
};

const ward = new Ward(judge);
const start = ward.point;
let read: Hash;
beforeEach(() => {
  ward.back(start);
  asked.length = 0;
  ward.grants({ min: 1, max: 4 });
  read = ward.reads();
  ward.answers(1, read);
});

const failed = (code: string) => ({ outcome: 'failed', code, events: [] });
const claimOf = (change: Partial<WrongClaim> = {}): WrongClaim => ({
  kind: 'wrong',
  share: shareOf(1, read),
  freshSecret: hash('fresh'),
  capsule: new Uint8Array(98),
  envelopeRest: hash('rest'),
  salt: WRONG,
  fragmentIds: FRAGMENTS,
  ...change,
});
const proves = (change: Partial<WrongClaim> = {}, by = DOCTOR) =>
  ward.act(by, 'dispute', { read, holder: idOf(hospitalName(1)), claim: claimOf(change) });
const standing = () => ward.evaluation(read).answers[0]?.claim;

describe('a share that the reader says never came', () => {
  it('rates 0 where the holder does not publish it', () => {
    expect(ward.claims(1, read).events.map(({ name }) => name)).toEqual(['ShareDisputed', 'ShareDisputed']);
    ward.answers(2, read);
    ward.until(read, HOUR_MS);
    expect(ward.ratings(read)).toEqual({ 1: 0, 2: 65_499, 3: 0, 4: 0 });
    expect(ward.winner(read)).toBe(2);
  });

  it('keeps its rating once it is published', () => {
    ward.claims(1, read);
    expect(ward.publishes(1, read)).toMatchObject({ outcome: 'applied' });
    expect(standing()).toBe('published');
    ward.until(read, HOUR_MS);
    expect(ward.ratings(read)).toMatchObject({ 1: 65_535 });
  });

  it('leaves its holder the whole window, however late the claim', () => {
    for (const n of [2, 3, 4]) ward.answers(n, read);
    ward.passes(WINDOW_MS - 1);
    ward.claims(1, read, 1);
    expect(ward.evaluation(read).state).toBe('open');
    ward.passes(WINDOW_MS - SECOND_MS);
    expect(ward.publishes(1, read, SECOND_MS)).toMatchObject({ outcome: 'applied' });
    ward.passes(WINDOW_MS - 1);
    expect(ward.evaluation(read).state).toBe('open');
    ward.passes(1);
    expect(ward.ratings(read)).toMatchObject({ 1: 65_535 });
  });

  it('is claimed once', () => {
    ward.claims(1, read);
    expect(ward.claims(1, read)).toMatchObject(failed('dispute.repeated'));
    ward.publishes(1, read);
    expect(ward.claims(1, read)).toMatchObject(failed('dispute.repeated'));
  });

  it('is published only where somebody claims that it did not come, by its holder, and as committed', () => {
    expect(ward.publishes(1, read)).toMatchObject(failed('dispute.not-claimed'));
    expect(ward.publishes(2, read)).toMatchObject(failed('dispute.not-answered'));
    ward.claims(1, read);
    expect(ward.publishes(1, read, SECOND_MS, shareOf(2, read))).toMatchObject(failed('dispute.other-share'));
    expect(ward.publishes(1, hash('no read'))).toMatchObject(failed('evaluation.unknown'));
  });

  it('is published in at most SHARE_BYTES_MAX bytes', () => {
    const sized = (size: number) => ward.sign(hospitalName(1), 'publishShare', { read, share: new Uint8Array(size) });
    expect(actOf(sized(SHARE_BYTES_MAX)).ok).toBe(true);
    expect(actOf(sized(SHARE_BYTES_MAX + 1))).toMatchObject({ rejection: { code: 'shape.out-of-range' } });
    expect(actOf(sized(0))).toMatchObject({ rejection: { code: 'shape.out-of-range' } });
  });
});

describe('a share that the reader proves wrong', () => {
  it('rates 0 at once, while the read goes on with the others', () => {
    expect(proves()).toMatchObject({ outcome: 'applied' });
    expect(standing()).toBe('wrong');
    ward.answers(2, read);
    ward.until(read, HOUR_MS);
    expect(ward.ratings(read)).toEqual({ 1: 0, 2: 65_499, 3: 0, 4: 0 });
  });

  it('is judged by the chain: the read, the record, the keys and the holder are not the claimant’s to choose', () => {
    proves();
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      chainId: ward.env.chainId,
      readId: read,
      read: { reader: idOf(DOCTOR), freshKey: publicOf('fresh'), version: 1 },
      record: { envelopeHash: hash('envelope one'), owner: idOf(PATIENT) },
      keys: {
        delegatingPk: publicOf(`${PATIENT} delegating`),
        verifyingPk: publicOf(`${PATIENT} signing`),
        receivingPk: publicOf(`${DOCTOR} receiving`),
      },
      holder: idOf(hospitalName(1)),
    });
  });

  it('is judged by the key of its own epoch, and in the version that was read', () => {
    const category = ward.category(PATIENT);
    ward.act(PATIENT, 'publishDelegatingKey', { category, epoch: 1, publicKey: publicOf('the next'), label: 'N' });
    proves();
    expect(asked[0]).toMatchObject({
      keys: { delegatingPk: publicOf(`${PATIENT} delegating`) },
      record: { version: 1 },
    });
  });

  it('is right where the judge says so: the claim fails and costs gas, and the rating stays', () => {
    const receipt = proves({ salt: RIGHT });
    expect(receipt).toMatchObject(failed('dispute.share-right'));
    expect(receipt.gasUsed).toBeGreaterThan(2_500);
    expect(standing()).toBe('none');
    ward.until(read, HOUR_MS);
    expect(ward.ratings(read)).toMatchObject({ 1: 65_535 });
  });

  it.each([
    ['of another share', { share: new Uint8Array(32) }, 'dispute.other-share', 0],
    ['with other fragments', { fragmentIds: [hash('another')] }, 'dispute.other-fragments', 0],
    ['that does not fit the read', { salt: new Uint8Array(32) }, 'dispute.malformed-proof', 1],
  ] as const)('is not proved by a proof %s', (_, change, code, judged) => {
    expect(proves(change)).toMatchObject(failed(code));
    expect(asked).toHaveLength(judged);
    expect(standing()).toBe('none');
  });

  it('gets one verdict', () => {
    proves();
    expect(proves()).toMatchObject(failed('dispute.repeated'));
    expect(ward.claims(1, read)).toMatchObject(failed('dispute.repeated'));
  });

  it('may be proved wrong after it was published: garbage with the right hash is no share', () => {
    ward.claims(1, read);
    ward.publishes(1, read);
    expect(proves()).toMatchObject({ outcome: 'applied' });
    expect(standing()).toBe('wrong');
  });

  it('is judged on a shipped chain by the scheme itself: a proof that does not fit the record shows nothing', () => {
    const plain = new Ward();
    plain.grants({ min: 1, max: 1 });
    const other = plain.reads();
    plain.answers(1, other);
    const claim = claimOf({ share: shareOf(1, other) });
    const receipt = plain.act(DOCTOR, 'dispute', { read: other, holder: idOf(hospitalName(1)), claim });
    expect(receipt).toMatchObject(failed('dispute.malformed-proof'));
  });
});

describe('a dispute', () => {
  it.each([
    ['about no read', () => ward.claims(1, hash('no read')), { outcome: 'denied' }],
    ['about a hospital that has committed nothing', () => ward.claims(2, read), failed('dispute.not-answered')],
  ])('%s comes to nothing', (_, dispute, answer) => {
    expect(dispute()).toMatchObject(answer);
  });

  it('about a read of the owner comes to nothing: nobody held a share', () => {
    const payload = {
      record: hash('record one') as Uint8Array,
      purpose: 'PATRQT' as const,
      freshKey: publicOf('fresh'),
    };
    const { transactionId } = ward.act(PATIENT, 'readRecord', payload);
    const claim = { read: transactionId, holder: idOf(hospitalName(1)), claim: { kind: 'undelivered' as const } };
    expect(ward.act(PATIENT, 'dispute', claim)).toMatchObject(failed('evaluation.unknown'));
  });

  it('is the reader’s alone', () => {
    expect(proves({}, PATIENT)).toMatchObject({ outcome: 'denied', code: 'policy.denied' });
  });

  it('comes too late after the close, and so does a share', () => {
    ward.claims(1, read);
    ward.until(read, HOUR_MS);
    expect(ward.publishes(1, read)).toMatchObject(failed('evaluation.closed'));
    expect(proves()).toMatchObject(failed('evaluation.closed'));
  });

  it('does not keep open what has too few answers: a day after the read it fails', () => {
    ward.grants({ min: 3 });
    const few = ward.reads();
    ward.answers(1, few);
    ward.until(few, 24 * HOUR_MS - SECOND_MS);
    ward.claims(1, few, SECOND_MS);
    expect(ward.evaluation(few).state).toBe('failed');
    expect(ward.ratings(few)).toMatchObject({ 1: 0 });
  });
});
