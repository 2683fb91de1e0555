import { beforeAll, describe, expect, it } from 'vitest';
import type { Address, Hash, PublicKey, SecretKey } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { type Canonical, encode } from '../../src/base/canonical.ts';
import { LIMITS } from '../../src/base/limits.ts';
import type { AnswerInput, IssuedFragment, IssueInput, OpenInput } from '../../src/crypto/delegation.ts';
import { directDelegation } from '../../src/crypto/direct-delegation.ts';
import { encodeEnvelope, sealEnvelope } from '../../src/crypto/envelope.ts';
import { decodeFragment, encodeFragment, fragmentIdOf, readFragment } from '../../src/crypto/grant-fragment.ts';
import { CRYPTO_LIMITS } from '../../src/crypto/limits.ts';
import { decodeShare, encodeShare, shareHashOf } from '../../src/crypto/read-share.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';
import { bytesFrom } from './support/vectors.ts';

const native = nativePrimitives();
const scheme = directDelegation(native);
const secretOf = (label: string) => bytesFrom(label, 32) as SecretKey;
const delegatingSecret = secretOf('delegating');
const receivingSecret = secretOf('receiving');
const freshSecret = secretOf('fresh');
const dataKey = bytesFrom('data key', 32);
const name = { chainId: bytesFrom('chain', 32) as Hash, recordId: bytesFrom('record', 32), version: 1 };
const holders = [1, 2, 3, 4].map((i) => bytesFrom(`holder ${i}`, 20) as Address);
const cid = bytesFrom('cid', 36);
const readId = bytesFrom('read', 32) as Hash;
const grantId = bytesFrom('grant', 32);
const code = (code: string) => ({ ok: false, rejection: { code } });

function value<T>(result: { ok: true; value: T } | { ok: false; rejection: { code: string } }): T {
  if (!result.ok) throw new Error(result.rejection.code);
  return result.value;
}

const issueInput: IssueInput = {
  name,
  grantId,
  cid,
  envelope: encodeEnvelope(
    value(
      sealEnvelope(native, {
        name,
        keyId: { category: bytesFrom('category', 20), epoch: 1 },
        cid,
        dataKey,
        delegatingKey: native.publicKeyOf(delegatingSecret),
        authorSecret: secretOf('author'),
        entropy: bytesFrom('envelope', 48),
      }),
    ),
  ),
  delegatingSecret,
  grantee: native.publicKeyOf(receivingSecret),
  holders,
  entropy: bytesFrom('fragment', 48),
};

const answerInput = ({ holder, fragment, fragmentId }: IssuedFragment): AnswerInput => ({
  fragment,
  fragmentId,
  readId,
  holder,
  freshKey: native.publicKeyOf(freshSecret),
  entropy: bytesFrom(`share ${toHex(holder)}`, 48),
});

let issued: readonly IssuedFragment[];
let shares: OpenInput['shares'];
let openInput: OpenInput;
beforeAll(() => {
  issued = value(scheme.issueFragments(issueInput));
  shares = issued.map((one) => ({
    holder: one.holder,
    fragmentId: one.fragmentId,
    share: value(scheme.answerRead(answerInput(one))),
  }));
  openInput = { name, grantId, readId, shares, threshold: 3, freshSecret, receivingSecret };
});

describe('a grant in scheme direct-v1', () => {
  it('lets the grantee open what the author sealed', () => {
    expect(scheme.open(openInput)).toEqual({ ok: true, value: dataKey });
  });

  it('gives every holder the same fragment, named by the hash of its bytes', () => {
    expect(issued.map(({ holder }) => toHex(holder))).toEqual(holders.map(toHex));
    for (const { fragment, fragmentId } of issued) {
      expect(toHex(fragmentIdOf(native, fragment))).toBe(toHex(fragmentId));
      expect(toHex(fragment)).toBe(toHex(issued[0]?.fragment as Uint8Array));
    }
  });

  it('opens with the threshold of shares while one holder is down, and not with fewer', () => {
    expect(scheme.open({ ...openInput, shares: shares.slice(1) })).toEqual({ ok: true, value: dataKey });
    const few = scheme.open({ ...openInput, shares: shares.slice(2) });
    expect(few).toMatchObject(code('crypto-share.too-few'));
    expect(few).toMatchObject({ rejection: { detail: { valid: 2, threshold: 3 } } });
    expect(scheme.open({ ...openInput, shares: [] })).toMatchObject(code('crypto-share.too-few'));
  });

  it('counts one holder once, however often it answers', () => {
    const [first] = shares;
    const repeated = first === undefined ? [] : [first, first, first];
    expect(scheme.open({ ...openInput, shares: repeated })).toMatchObject(code('crypto-share.too-few'));
  });

  it('skips a bad share and says the first reason where too few are left', () => {
    const damaged = shares.map((one, i) => (i === 0 ? { ...one, share: one.share.slice(1) } : one));
    expect(scheme.open({ ...openInput, shares: damaged })).toEqual({ ok: true, value: dataKey });
    const two = scheme.open({ ...openInput, shares: damaged.slice(0, 3) });
    expect(two).toMatchObject({ rejection: { code: 'crypto-share.too-few', detail: { valid: 2 } } });
  });
});

describe('who cannot open a grant', () => {
  const refusedAs = (change: Partial<OpenInput>) => {
    const opened = scheme.open({ ...openInput, ...change });
    return opened.ok ? 'ok' : opened.rejection.detail?.firstRefusal;
  };

  it('another person with all shares', () => {
    expect(refusedAs({ receivingSecret: secretOf('stranger') })).toBe('crypto-fragment.wrong-binding');
  });

  it('the grantee with shares of another read, or with a recording and no fresh key', () => {
    expect(refusedAs({ readId: bytesFrom('other read', 32) as Hash })).toBe('crypto-share.wrong-binding');
    expect(refusedAs({ freshSecret: secretOf('later') })).toBe('crypto-share.wrong-binding');
  });

  it('a holder, who has fragment and envelope', () => {
    const fragment = value(readFragment(native, issued[0]?.fragment as Uint8Array, issued[0]?.fragmentId as Hash));
    expect(fragment.grantee).toEqual(issueInput.grantee);
    expect(refusedAs({ receivingSecret: secretOf('holder duty') })).toBe('crypto-fragment.wrong-binding');
  });

  it('the grantee under the name of another chain, record, version or grant', () => {
    const changes: Partial<OpenInput>[] = [
      { name: { ...name, chainId: bytesFrom('other', 32) as Hash } },
      { name: { ...name, recordId: bytesFrom('other', 32) } },
      { name: { ...name, version: 2 } },
      { grantId: bytesFrom('other', 32) },
    ];
    for (const change of changes) expect(refusedAs(change)).toBe('crypto-fragment.wrong-binding');
  });

  it('the grantee with a share that another holder committed to, or of another fragment', () => {
    const swapped = shares.map((one, i) => ({ ...one, holder: holders[(i + 1) % 4] as Address }));
    expect(refusedAs({ shares: swapped })).toBe('crypto-share.wrong-binding');
    const renamed = shares.map((one) => ({ ...one, fragmentId: bytesFrom('other', 32) as Hash }));
    expect(refusedAs({ shares: renamed })).toBe('crypto-share.wrong-binding');
  });
});

describe('the patient’s device issues no fragment', () => {
  it('for an envelope that its author did not sign for this content id', () => {
    const other = scheme.issueFragments({ ...issueInput, cid: bytesFrom('other', 36) });
    expect(other).toMatchObject(code('crypto-envelope.author-mismatch'));
  });

  it('for an envelope of another record or version', () => {
    for (const change of [{ recordId: bytesFrom('other', 32) }, { version: 2 }]) {
      const other = scheme.issueFragments({ ...issueInput, name: { ...name, ...change } });
      expect(other).toMatchObject(code('crypto-fragment.wrong-binding'));
    }
  });

  it('from an envelope that its delegating secret does not open', () => {
    const other = scheme.issueFragments({ ...issueInput, delegatingSecret: secretOf('other epoch') });
    expect(other).toMatchObject(code('crypto-box.wrong-key'));
  });

  it('to more holders than a grant may name, or to a key that is no point', () => {
    const many = Array.from({ length: LIMITS.holdersMax + 1 }, (_, i) => bytesFrom(`h ${i}`, 20) as Address);
    expect(scheme.issueFragments({ ...issueInput, holders: many })).toMatchObject(code('crypto-fragment.too-many'));
    const nowhere = scheme.issueFragments({ ...issueInput, grantee: new Uint8Array(33) as PublicKey });
    expect(nowhere).toMatchObject(code('crypto-box.invalid-public-key'));
  });
});

describe('a holder gives no share', () => {
  it('of a fragment that the grant does not name', () => {
    const [one] = issued as [IssuedFragment];
    const fragment = encodeFragment({ ...value(decodeFragment(one.fragment)), version: 2 });
    expect(scheme.answerRead({ ...answerInput(one), fragment })).toMatchObject(code('crypto-fragment.wrong-id'));
    const huge = new Uint8Array(CRYPTO_LIMITS.fragmentBytesMax + 1);
    const named = { ...answerInput(one), fragment: huge, fragmentId: native.hash(huge) };
    expect(scheme.answerRead(named)).toMatchObject(code('crypto-fragment.wrong-id'));
  });

  it('to a fresh key that is no point', () => {
    const [one] = issued as [IssuedFragment];
    const answered = scheme.answerRead({ ...answerInput(one), freshKey: new Uint8Array(33) as PublicKey });
    expect(answered).toMatchObject(code('crypto-box.invalid-public-key'));
  });
});

describe('the encodings of fragments and shares', () => {
  it('decode to what was encoded, and fit their limits', () => {
    const [one] = issued as [IssuedFragment];
    expect(encodeFragment(value(decodeFragment(one.fragment)))).toEqual(one.fragment);
    const share = shares[0]?.share as Uint8Array;
    expect(encodeShare(value(decodeShare(share)))).toEqual(share);
    expect(shareHashOf(native, share)).toEqual(native.hash(share));
    expect(one.fragment.length).toBeLessThan(CRYPTO_LIMITS.fragmentBytesMax);
    expect(share.length).toBeLessThan(CRYPTO_LIMITS.shareBytesMax);
  });

  it('refuse a missing or unknown field, another scheme, a truncation and too many bytes', () => {
    const [one] = issued as [IssuedFragment];
    const cases = [
      [one.fragment, decodeFragment, CRYPTO_LIMITS.fragmentBytesMax],
      [shares[0]?.share as Uint8Array, decodeShare, CRYPTO_LIMITS.shareBytesMax],
    ] as const;
    for (const [bytes, decode, bytesMax] of cases) {
      const object = { ...value<object>(decode(bytes)) } as Record<string, Canonical>;
      for (const field of Object.keys(object)) {
        const { [field]: _, ...rest } = object;
        expect(decode(encode(rest)), field).toMatchObject(code('shape.missing-field'));
      }
      expect(decode(encode({ ...object, extra: 1 }))).toMatchObject(code('shape.unknown-field'));
      expect(decode(encode({ ...object, scheme: 'umbral-v1' }))).toMatchObject(code('shape.out-of-range'));
      for (let length = 0; length < bytes.length; length++) expect(decode(bytes.subarray(0, length)).ok).toBe(false);
      expect(decode(new Uint8Array(bytesMax + 1))).toMatchObject(code('encoding.too-large'));
    }
  });

  it('bound the bytes that name a grant', () => {
    const tooLong = new Uint8Array(CRYPTO_LIMITS.grantIdBytesMax + 1);
    expect(() => scheme.issueFragments({ ...issueInput, grantId: tooLong })).toThrow('grant id is bounded');
    const fragment = value(decodeFragment(issued[0]?.fragment as Uint8Array));
    for (const bytes of [tooLong, new Uint8Array(0)])
      expect(decodeFragment(encodeFragment({ ...fragment, grantId: bytes }))).toMatchObject(code('shape.out-of-range'));
  });

  it('bound the number of shares offered', () => {
    const many = Array.from({ length: LIMITS.holdersMax + 1 }, () => shares[0] as OpenInput['shares'][number]);
    expect(scheme.open({ ...openInput, shares: many })).toMatchObject(code('crypto-share.too-many'));
  });
});
