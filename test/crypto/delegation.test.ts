import { beforeAll, describe, expect, it } from 'vitest';
import type { Address, Hash, SecretKey } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { type CombineInput, combineShares, type HolderShare } from '../../src/crypto/combine-shares.ts';
import { type Envelope, sealEnvelope, verifyEnvelope } from '../../src/crypto/envelope.ts';
import { type IssuedFragment, type IssueInput, issueFragments, openFragment } from '../../src/crypto/grant-fragment.ts';
import { answerRead } from '../../src/crypto/read-share.ts';
import type { Capsule, GrantKeys, Verified } from '../../src/crypto/umbral/types.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';
import { bytesFrom } from './support/vectors.ts';

const native = nativePrimitives();
const secretOf = (label: string) => bytesFrom(label, 32) as SecretKey;
const publicOf = (label: string) => native.publicKeyOf(secretOf(label));
const chainId = bytesFrom('chain', 32) as Hash;
const cid = bytesFrom('cid', 36);
const dataKey = bytesFrom('data key', 32);
const keyId = { category: bytesFrom('category', 16), epoch: 1 };
const readId = bytesFrom('read', 32) as Hash;
const HOLDERS = [1, 2, 3, 4].map((i) => ({
  hospital: bytesFrom(`holder ${i}`, 20) as Address,
  dutyKey: publicOf(`duty ${i}`),
}));
const dutyOf = (holder: Uint8Array): SecretKey =>
  secretOf(`duty ${1 + HOLDERS.findIndex(({ hospital }) => toHex(hospital) === toHex(holder))}`);
const keys: GrantKeys = {
  verifyingPk: publicOf('signing'),
  delegatingPk: publicOf('delegating'),
  receivingPk: publicOf('receiving'),
};
const issueInput: IssueInput = {
  chainId,
  grantId: bytesFrom('grant', 32),
  keyId,
  delegatingSecret: secretOf('delegating'),
  grantee: keys.receivingPk,
  signingSecret: secretOf('signing'),
  threshold: 3,
  holders: HOLDERS,
  entropy: bytesFrom('issue', 32),
};

function value<T>(result: { ok: true; value: T } | { ok: false; rejection: { code: string } }): T {
  if (!result.ok) throw new Error(result.rejection.code);
  return result.value;
}

function recordOf(recordId: Uint8Array): { readonly envelope: Envelope; readonly capsule: Verified<Capsule> } {
  const name = { chainId, recordId, version: 1 };
  const author = publicOf('author');
  const entropy = bytesFrom(`envelope ${toHex(recordId)}`, 64);
  const sealing = { name, keyId, cid, dataKey, delegatingKey: keys.delegatingPk, author, entropy };
  const envelope = value(sealEnvelope(native, sealing));
  return { envelope, capsule: value(verifyEnvelope(native, { chainId, cid }, envelope)) };
}

const record = recordOf(bytesFrom('record', 32));

function answerOf(fragment: IssuedFragment, { capsule }: { capsule: Verified<Capsule> }, fresh = 'fresh'): HolderShare {
  const { holder, fragmentId } = fragment;
  const dutySecret = dutyOf(holder);
  const name = { chainId, grantId: issueInput.grantId, holder, keyId };
  const kfrag = value(openFragment(native, name, { fragment: fragment.fragment, dutySecret, keys }));
  const share = { chainId, readId, holder, freshKey: publicOf(fresh) };
  return {
    holder,
    fragmentIds: [fragmentId],
    share: value(answerRead(native, share, { capsule, kfrag, dutySecret, attempt: 0 })),
  };
}

let issued: readonly IssuedFragment[];
let shares: readonly HolderShare[];
let input: CombineInput;
beforeAll(() => {
  issued = value(issueFragments(native, issueInput));
  shares = issued.map((fragment) => answerOf(fragment, record));
  input = {
    chainId,
    readId,
    ...record,
    keys,
    shares,
    threshold: 3,
    freshSecret: secretOf('fresh'),
    receivingSecret: secretOf('receiving'),
  };
});
const combine = (changes: Partial<CombineInput>) => combineShares(native, { ...input, ...changes });
const codeOf = (changes: Partial<CombineInput>): unknown => {
  const { dataKey: opened } = combine(changes);
  return opened.ok ? 'ok' : opened.rejection.code;
};
const wrongOf = (changes: Partial<CombineInput>) => [...new Set(combine(changes).wrong.map(({ code }) => code))];

describe('a grant', () => {
  it('lets the grantee open what the author sealed, with any three of four shares', () => {
    expect(combine({})).toEqual({ dataKey: { ok: true, value: dataKey }, wrong: [] });
    for (let down = 0; down < 4; down++)
      expect(combine({ shares: shares.filter((_, i) => i !== down) }).dataKey).toEqual({ ok: true, value: dataKey });
  });

  it('opens nothing with two, however often they answer', () => {
    const [first, second] = shares as [HolderShare, HolderShare];
    expect(codeOf({ shares: [first, second] })).toBe('crypto-share.too-few');
    expect(codeOf({ shares: [first, second, first, second] })).toBe('crypto-share.too-few');
    expect(codeOf({ shares: [] })).toBe('crypto-share.too-few');
  });

  it('opens nothing with two shares where the device itself is told that two are enough', () => {
    expect(codeOf({ shares: shares.slice(2), threshold: 2 })).toBe('crypto-umbral.shares-do-not-open');
  });

  it('opens past a damaged share, and names its holder for a dispute', () => {
    const damaged = shares.map((one, i) => (i === 0 ? { ...one, share: flipped(one.share, 200) } : one));
    const combined = combine({ shares: damaged });
    expect(combined.dataKey).toEqual({ ok: true, value: dataKey });
    expect(combined.wrong.map(({ holder }) => toHex(holder))).toEqual([toHex(HOLDERS[0]?.hospital as Uint8Array)]);
  });

  it('covers a record that was sealed after it', () => {
    const later = recordOf(bytesFrom('later record', 32));
    const answers = issued.map((fragment) => answerOf(fragment, later));
    expect(combine({ ...later, shares: answers }).dataKey).toEqual({ ok: true, value: dataKey });
  });

  it('gives the same share again for the same read, and another for another', () => {
    const [fragment] = issued as [IssuedFragment];
    expect(toHex(answerOf(fragment, record).share)).toBe(toHex(shares[0]?.share as Uint8Array));
    expect(toHex(answerOf(fragment, record, 'other').share)).not.toBe(toHex(shares[0]?.share as Uint8Array));
  });
});

const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

describe('who cannot open a grant', () => {
  it('another person with all shares', () => {
    const receivingSecret = secretOf('stranger');
    expect(codeOf({ receivingSecret })).toBe('crypto-umbral.shares-do-not-open');
  });

  it('the grantee with shares of another read, or with a recording and no fresh key', () => {
    for (const change of [{ readId: bytesFrom('other', 32) as Hash }, { freshSecret: secretOf('later') }])
      expect(wrongOf(change)).toEqual(['crypto-share.wrong-binding']);
  });

  it('the grantee with shares under the name of another holder, or by the fragment of one', () => {
    const swapped = shares.map((one, i) => ({ ...one, holder: HOLDERS[(i + 1) % 4]?.hospital as Address }));
    expect(wrongOf({ shares: swapped })).toEqual(['crypto-share.wrong-binding']);
    const other = shares.map((one, i) => ({ ...one, fragmentIds: shares[(i + 1) % 4]?.fragmentIds as Hash[] }));
    expect(wrongOf({ shares: other })).toEqual(['crypto-share.foreign-fragment']);
  });

  it('the grantee with shares of another record', () => {
    expect(wrongOf(recordOf(bytesFrom('another record', 32)))).toEqual(['crypto-umbral.share-proof-invalid']);
  });

  it('the hospital that passes fragments on: each is sealed to its holder', () => {
    const [first, second] = issued as [IssuedFragment, IssuedFragment];
    const name = { chainId, grantId: issueInput.grantId, holder: second.holder, keyId };
    const opened = openFragment(native, name, { fragment: second.fragment, dutySecret: dutyOf(first.holder), keys });
    expect(opened).toMatchObject({ ok: false, rejection: { code: 'crypto-fragment.wrong-binding' } });
  });
});

describe('a fragment', () => {
  const open = (changes: Partial<Parameters<typeof openFragment>[1]>, given: Partial<GrantKeys> = {}) => {
    const { holder, fragment } = issued[0] as IssuedFragment;
    const name = { chainId, grantId: issueInput.grantId, holder, keyId, ...changes };
    const opened = openFragment(native, name, { fragment, dutySecret: dutyOf(holder), keys: { ...keys, ...given } });
    return opened.ok ? 'ok' : opened.rejection.code;
  };

  it('serves one chain, grant, holder and delegating key', () => {
    expect(open({})).toBe('ok');
    const others = [
      { chainId: bytesFrom('other', 32) as Hash },
      { grantId: bytesFrom('other', 32) },
      { holder: bytesFrom('other', 20) as Address },
      { keyId: { ...keyId, epoch: 2 } },
      { keyId: { ...keyId, category: bytesFrom('other', 16) } },
    ];
    for (const other of others) expect(open(other)).toBe('crypto-fragment.wrong-binding');
  });

  it('is refused where the patient did not sign it for this grantee under this delegating key', () => {
    for (const name of ['verifyingPk', 'delegatingPk', 'receivingPk'] as const)
      expect(open({}, { [name]: publicOf('other') })).toBe('crypto-umbral.fragment-signature-invalid');
  });

  it('is refused with any byte flipped, and so is a share', () => {
    const { holder, fragment } = issued[0] as IssuedFragment;
    const name = { chainId, grantId: issueInput.grantId, holder, keyId };
    for (let at = 0; at < fragment.length; at++) {
      const opened = openFragment(native, name, { fragment: flipped(fragment, at), dutySecret: dutyOf(holder), keys });
      expect(opened.ok, `byte ${at}`).toBe(false);
    }
    const [first] = shares as [HolderShare];
    for (let at = 0; at < first.share.length; at++) {
      const { wrong } = combine({ shares: [{ ...first, share: flipped(first.share, at) }] });
      expect(wrong, `byte ${at}`).toHaveLength(1);
    }
  });
});
