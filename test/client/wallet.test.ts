import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { addressOf } from '../../src/base/digest.ts';
import { hostDevice } from '../../src/client/device.ts';
import { createWallet, openWallet, STANDARD_CATEGORIES, walletOf } from '../../src/client/wallet.ts';
import { categoryOf } from '../../src/ledger/category.ts';
import { primitives } from '../ledger/town.ts';

const device = hostDevice(primitives);
const CHEAP = { N: 16_384, r: 8, p: 1 };

const secretsOf = (wallet: ReturnType<typeof createWallet>) =>
  [wallet.account, wallet.signing, wallet.receiving, wallet.delegatingKey('general', 0)].map(({ secretKey }) =>
    toHex(secretKey),
  );

describe('a wallet', () => {
  it('comes back from its key file with the same keys and categories', () => {
    const wallet = createWallet(device);
    const text = wallet.seal(device, 'a long password', CHEAP);
    const opened = openWallet(primitives, 'a long password', text);
    expect(opened.ok && secretsOf(opened.value)).toEqual(secretsOf(wallet));
    expect(opened.ok && opened.value.categoryOf('imaging')).toEqual(wallet.categoryOf('imaging'));
    const wrong = openWallet(primitives, 'another password', text);
    expect(!wrong.ok && wrong.rejection.code).toBe('crypto-key-file.wrong-password');
  });

  it('leaves no key, label or root in the text of its key file', () => {
    const wallet = walletOf(primitives, { identityRoot: device.random(32), delegatingRoot: device.random(32) }, [
      'rare illness',
    ]);
    const text = wallet.seal(device, 'password', CHEAP);
    for (const secret of [...secretsOf(wallet), 'rare illness', ...STANDARD_CATEGORIES])
      expect(text).not.toContain(secret);
  });

  it('has another key for every use, and its id is the address of the account key', () => {
    const wallet = createWallet(device);
    expect(new Set(secretsOf(wallet)).size).toBe(4);
    expect(wallet.id).toEqual(addressOf(primitives, wallet.account.publicKey));
    expect(wallet.account.id).toBe(wallet.id);
  });

  it('has another delegating key for every category and epoch; the category is the id of the first', () => {
    const wallet = createWallet(device);
    const keys = [wallet.delegatingKey('general', 0), wallet.delegatingKey('general', 1), wallet.delegatingKey('x', 0)];
    expect(new Set(keys.map(({ publicKey }) => toHex(publicKey))).size).toBe(3);
    expect(wallet.categoryOf('general')).toEqual(categoryOf(primitives, wallet.delegatingKey('general', 0).publicKey));
  });

  it('finds the label behind a category that it knows, and only those', () => {
    const wallet = createWallet(device);
    const other = createWallet(device);
    expect(wallet.labelOf(wallet.categoryOf('my own label'))).toBe('my own label');
    expect(wallet.categories()).toEqual([...STANDARD_CATEGORIES, 'my own label']);
    expect(wallet.labelOf(other.categoryOf('general'))).toBeUndefined();
  });

  it('differs from every other wallet', () => {
    const ids = Array.from({ length: 20 }, () => toHex(createWallet(device).id));
    expect(new Set(ids).size).toBe(20);
  });
});
