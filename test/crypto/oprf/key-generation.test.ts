import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, it } from 'vitest';
import type { Hash, PublicKey, SecretKey } from '../../../src/base/brand.ts';
import { openDealtShare, sealDealtShare } from '../../../src/crypto/oprf/dealt-share.ts';
import { interpolate } from '../../../src/crypto/oprf/handle.ts';
import {
  checkDeal,
  checkDealtShare,
  type Deal,
  type Dealing,
  deal,
  dealEntropyBytes,
  dealHash,
  dealShape,
  handleKeyOf,
  joinKey,
  settle,
} from '../../../src/crypto/oprf/key-generation.ts';
import { bytesFrom } from '../support/vectors.ts';
import { entropyOf, primitives, termsOf, value } from './ceremony.ts';

const { Point } = secp256k1;
const terms = termsOf(3, 4);
const dealings = [1, 2, 3, 4].map((n) =>
  deal(primitives, terms, n, entropyOf(`hospital ${n}`, dealEntropyBytes(terms))),
);
const deals = dealings.map((dealing) => dealing.deal);
const of = (dealer: number): Dealing => dealings[dealer - 1] as Dealing;
const dealtTo = (holder: number, from = dealings) => from.map(({ shares }) => shares[holder - 1] as SecretKey);
const announced = (made: Deal): Hash => dealHash(primitives, terms, made);
const refused = (code: string) => ({ ok: false, rejection: { code } });

describe('a key that no hospital has', () => {
  const key = value(handleKeyOf(primitives, terms, deals));

  it('has for its public key the sum of all constant terms', () => {
    const sum = deals.reduce(
      (total, { commitments }) => total.add(Point.fromBytes(commitments[0] as PublicKey)),
      Point.ZERO,
    );
    expect(key.jointKey).toEqual(sum.toBytes());
  });

  it('has share keys that every t holders interpolate to it, and t − 1 do not', () => {
    const at = (...holders: number[]) =>
      interpolate(primitives, new Map(holders.map((holder) => [holder, key.shareKeys[holder - 1] as PublicKey])));
    for (const holders of [
      [1, 2, 3],
      [1, 2, 4],
      [1, 3, 4],
      [2, 3, 4],
    ])
      expect(at(...holders)).toEqual(key.jointKey);
    for (const holders of [[1, 2], [3, 4], [2]]) expect(at(...holders)).not.toEqual(key.jointKey);
  });

  it('gives each holder the share of its public share key', () => {
    for (const holder of [1, 2, 3, 4]) {
      const share = value(joinKey(primitives, key, holder, dealtTo(holder)));
      expect(primitives.publicKeyOf(share)).toEqual(key.shareKeys[holder - 1]);
    }
    expect(joinKey(primitives, key, 1, dealtTo(2))).toMatchObject(refused('crypto-oprf.bad-share'));
    expect(joinKey(primitives, key, 1, dealtTo(1).slice(1))).toMatchObject(refused('crypto-oprf.bad-share'));
  });
});

describe('a deal', () => {
  it('is accepted as it was announced', () => {
    for (const made of deals)
      expect(checkDeal(primitives, terms, announced(made), made)).toEqual({ ok: true, value: null });
  });

  it('is read by its shape', () => {
    expect(dealShape(of(1).deal, 'deal')).toMatchObject({ ok: true });
    expect(dealShape({ ...of(1).deal, commitments: [] }, 'deal').ok).toBe(false);
  });

  it('is refused where it differs from what was announced before the others were known', () => {
    expect(checkDeal(primitives, terms, announced(of(2).deal), of(1).deal)).toMatchObject(
      refused('crypto-oprf.bad-deal'),
    );
  });

  it.each<[string, Partial<Deal>]>([
    ['one commitment too few', { commitments: of(1).deal.commitments.slice(1) }],
    [
      'a commitment off the curve',
      { commitments: [...of(1).deal.commitments.slice(1), new Uint8Array(33) as PublicKey] },
    ],
    ['another dealer’s number', { dealer: 2 }],
    ['a number out of range', { dealer: 5 }],
    ['another dealer’s proof of knowledge', { possession: of(2).deal.possession }],
    ['a proof cut short', { possession: of(1).deal.possession.slice(1) }],
  ])('is refused with %s', (_, change) => {
    const made = { ...of(1).deal, ...change };
    expect(checkDeal(primitives, terms, announced(made), made)).toMatchObject(refused('crypto-oprf.bad-deal'));
  });

  it('is refused from one who cancels the others’ values and so would know the key', () => {
    const others = deals.slice(0, 3).map(({ commitments }) => Point.fromBytes(commitments[0] as PublicKey));
    const mine = Point.fromBytes(of(4).deal.commitments[0] as PublicKey);
    const rogue = others.reduce((left, point) => left.subtract(point), mine).toBytes() as Uint8Array as PublicKey;
    const made = { ...of(4).deal, commitments: [rogue, ...of(4).deal.commitments.slice(1)] };
    // Without the proof of knowledge the sum of constant terms would be a key that dealer 4 has.
    expect(others.reduce((sum, point) => sum.add(point), Point.fromBytes(rogue)).toBytes()).toEqual(
      of(4).deal.commitments[0],
    );
    expect(checkDeal(primitives, terms, announced(made), made)).toMatchObject(refused('crypto-oprf.bad-deal'));
  });

  it('is made under its own terms only', () => {
    const others = { ...terms, ceremony: bytesFrom('another ceremony', 32) as Hash };
    const made = of(1).deal;
    expect(checkDeal(primitives, others, dealHash(primitives, others, made), made)).toMatchObject(
      refused('crypto-oprf.bad-deal'),
    );
  });
});

describe('a dealt share', () => {
  it('fits its dealer’s commitments, for its holder alone', () => {
    for (const { deal: made, shares } of dealings)
      shares.forEach((share, i) => {
        expect(checkDealtShare(primitives, made, i + 1, share)).toEqual({ ok: true, value: null });
        expect(checkDealtShare(primitives, made, ((i + 1) % 4) + 1, share)).toMatchObject(
          refused('crypto-oprf.bad-share'),
        );
      });
  });

  it.each([
    ['zeros', new Uint8Array(32)],
    ['a number above the order', new Uint8Array(32).fill(0xff)],
    ['too few bytes', new Uint8Array(31).fill(1)],
    ['another scalar', bytesFrom('another', 32)],
  ])('is refused as %s', (_, share) => {
    expect(checkDealtShare(primitives, of(1).deal, 1, share)).toMatchObject(refused('crypto-oprf.bad-share'));
  });
});

describe('a dealt share on its way', () => {
  const dutySecret = bytesFrom('duty of 3', 32) as SecretKey;
  const to = { terms, dealer: 1, holder: 3 };
  const share = of(1).shares[2] as SecretKey;
  const recipient = { dutyKey: primitives.publicKeyOf(dutySecret), entropy: entropyOf('box', 48) };
  const box = value(sealDealtShare(primitives, to, recipient, share));

  it('opens to its holder alone, as what it is', () => {
    expect(value(openDealtShare(primitives, to, dutySecret, box))).toEqual(share);
    const wrong = refused('crypto-box.wrong-key');
    expect(openDealtShare(primitives, to, bytesFrom('duty of 2', 32) as SecretKey, box)).toMatchObject(wrong);
    expect(openDealtShare(primitives, { ...to, dealer: 2 }, dutySecret, box)).toMatchObject(wrong);
    expect(openDealtShare(primitives, { ...to, terms: termsOf(2, 4) }, dutySecret, box)).toMatchObject(wrong);
  });
});

describe('complaints', () => {
  const right = of(2).shares[0] as SecretKey;
  const settled = (published: Uint8Array | null) =>
    settle(primitives, terms, deals, [{ dealer: 2, holder: 1, published }]);

  it('exclude a dealer that answers not, or with a share that does not fit', () => {
    for (const published of [null, bytesFrom('wrong', 32)])
      expect(value(settled(published)).map(({ dealer }) => dealer)).toEqual([1, 3, 4]);
  });

  it('change nothing where the published share fits: a slanderer excludes nobody', () => {
    expect(value(settled(right))).toEqual(deals);
  });

  it('leave a key that works among the qualified', () => {
    const qualified = value(settled(null));
    const key = value(handleKeyOf(primitives, terms, qualified));
    const from = dealings.filter((_, i) => i !== 1);
    const share = value(joinKey(primitives, key, 3, dealtTo(3, from)));
    expect(primitives.publicKeyOf(share)).toEqual(key.shareKeys[2]);
  });

  it('leave no key where fewer than t dealers are sound', () => {
    const all = [1, 2].map((dealer) => ({ dealer, holder: 4, published: null }));
    expect(settle(primitives, terms, deals, all)).toMatchObject(refused('crypto-oprf.too-few-deals'));
  });

  it('are judged over at most as many deals as there are holders', () => {
    expect(settle(primitives, terms, [...deals, of(1).deal], [])).toMatchObject(refused('crypto-oprf.too-many'));
  });
});
