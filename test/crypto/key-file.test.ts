import { hkdfSync, scryptSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { encode } from '../../src/base/canonical.ts';
import { openKeyFile, sealKeyFile, type WalletRoots } from '../../src/crypto/key-file.ts';
import { CRYPTO_LIMITS } from '../../src/crypto/limits.ts';
import { noblePrimitives } from '../../src/crypto/noble.ts';
import { DEFAULT_COST, sealWithPassword } from '../../src/crypto/password-box.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';
import { bytesFrom, hex } from './support/vectors.ts';

const native = nativePrimitives();
const roots: WalletRoots = { identityRoot: bytesFrom('identity', 32), delegatingRoot: bytesFrom('delegating', 32) };
/** The least that is allowed: each opening costs tens of milliseconds. */
const cost = { N: CRYPTO_LIMITS.scryptCostMin, r: 8, p: 1 };
const input = { password: 'a long password', salt: bytesFrom('salt', 32), nonce: bytesFrom('nonce', 12), cost };
const code = (code: string) => ({ ok: false, rejection: { code } });

interface FileText {
  version: number;
  scrypt: { N: number; r: number; p: number; salt: string };
  sealed: string;
  checksum: string;
  [field: string]: unknown;
}

let text: string;
beforeAll(() => {
  text = sealKeyFile(native, input, roots);
});

/** The file with a change, and with a checksum that covers it: the work of an attacker, not of an accident. */
function forged(change: (file: FileText) => void): string {
  const file = JSON.parse(text) as FileText;
  change(file);
  const { checksum: _, ...rest } = file as Record<string, string | number | FileText['scrypt']>;
  const bytes = (field: string) => hex(rest[field]);
  const { N, r, p, salt } = file.scrypt;
  const covered = encode({
    version: file.version,
    scrypt: { N, r, p, salt: hex(salt) },
    cipher: 'aes-256-gcm',
    nonce: bytes('nonce'),
    check: bytes('check'),
    sealed: bytes('sealed'),
  });
  return JSON.stringify({ ...file, checksum: toHex(native.hash(covered)) }, null, 2);
}

describe('a key file', () => {
  it('opens with its password, under either primitives, with a line end or without', () => {
    expect(openKeyFile(native, input.password, text)).toEqual({ ok: true, value: roots });
    expect(openKeyFile(noblePrimitives, input.password, `${text}\n`)).toEqual({ ok: true, value: roots });
  });

  it('is stretched by scrypt and HKDF as OpenSSL computes them', () => {
    const { N, r, p } = cost;
    const stretched = scryptSync(input.password, input.salt, 32, { N, r, p });
    const output = hkdfSync('sha256', stretched, input.salt, 'carechain/key-file/v1\0', 64);
    const file = JSON.parse(text) as { check: string; nonce: string };
    expect(file.check).toBe(Buffer.from(output).subarray(32).toString('hex'));
    expect(sealKeyFile(noblePrimitives, input, roots)).toBe(text);
  });

  it('holds a third root where the account key was replaced', () => {
    const three = { ...roots, accountRoot: bytesFrom('account', 32) };
    const sealed = sealKeyFile(native, input, three);
    expect(openKeyFile(native, input.password, sealed)).toEqual({ ok: true, value: three });
  });

  it('uses N = 2^15, r = 8, p = 1 where nothing else is asked, and says so in the file', () => {
    const { cost: _, ...byDefault } = input;
    const file = JSON.parse(sealKeyFile(native, byDefault, roots)) as FileText;
    expect(file.scrypt).toMatchObject({ N: 32_768, r: 8, p: 1 });
    expect(DEFAULT_COST).toEqual({ N: 2 ** 15, r: 8, p: 1 });
  });

  it('shows neither root', () => {
    for (const root of [roots.identityRoot, roots.delegatingRoot]) expect(text).not.toContain(toHex(root));
  });

  it('tells a wrong password from a damaged file', () => {
    expect(openKeyFile(native, 'a wrong password', text)).toMatchObject(code('crypto-key-file.wrong-password'));
    const digit = text.replace(/"sealed": "(.)/, (_, first) => `"sealed": "${first === '0' ? '1' : '0'}`);
    expect(openKeyFile(native, input.password, digit)).toMatchObject(code('crypto-key-file.damaged'));
    expect(openKeyFile(native, 'a wrong password', digit)).toMatchObject(code('crypto-key-file.damaged'));
  });

  it('opens with the same password in another Unicode form', () => {
    const composed = sealKeyFile(native, { ...input, password: 'caf\u00e9' }, roots);
    expect(openKeyFile(native, 'cafe\u0301', composed).ok).toBe(true);
  });

  it('whose content was forged, or whose parameters were swapped, gives nothing', () => {
    const content = forged((file) => {
      file.sealed = `${file.sealed.slice(0, -1)}${file.sealed.endsWith('0') ? '1' : '0'}`;
    });
    expect(openKeyFile(native, input.password, content)).toMatchObject(code('crypto-key-file.damaged'));
    const parameters = forged((file) => {
      file.scrypt.p = 2;
    });
    expect(openKeyFile(native, input.password, parameters)).toMatchObject(code('crypto-key-file.wrong-password'));
    expect(
      openKeyFile(
        native,
        input.password,
        forged(() => {}),
      ),
    ).toEqual({ ok: true, value: roots });
  });

  it.each([
    ['more memory', { N: CRYPTO_LIMITS.scryptCostMax * 2, r: 8, p: 1 }],
    ['a memory bomb', { N: 2 ** 30, r: 8, p: 1 }],
    ['wider blocks', { N: 2 ** 15, r: CRYPTO_LIMITS.scryptBlockSizeMax + 1, p: 1 }],
    ['more rounds', { N: 2 ** 15, r: 8, p: CRYPTO_LIMITS.scryptParallelismMax + 1 }],
    ['too little work', { N: CRYPTO_LIMITS.scryptCostMin / 2, r: 8, p: 1 }],
    ['N that is no power of two', { N: 2 ** 15 + 1, r: 8, p: 1 }],
    ['no work', { N: 2 ** 15, r: 0, p: 1 }],
    ['no rounds', { N: 2 ** 15, r: 8, p: 0 }],
  ])('that asks for %s is refused before scrypt runs, and never written', (_, asked) => {
    const bomb = forged((file) => Object.assign(file.scrypt, asked));
    expect(openKeyFile(native, input.password, bomb)).toMatchObject(code('crypto-key-file.cost-refused'));
    expect(() => sealKeyFile(native, { ...input, cost: asked }, roots)).toThrow('cost of a key file is bounded');
  });

  it('of a later version is refused as such', () => {
    const later = text.replace('"version": 1', '"version": 2');
    expect(openKeyFile(native, input.password, later)).toMatchObject(code('crypto-key-file.unknown-version'));
  });

  it.each([
    ['empty', () => ''],
    ['cut', () => text.slice(0, 100)],
    ['another JSON', () => '[1, 2]'],
    ['a JSON map without a version', () => '{}'],
    ['a file with a field too many', () => text.replace('{', '{"__proto__": {},')],
    ['a file with a field twice', () => text.replace('"version": 1', '"version": 1, "version": 1')],
    ['a file with upper-case digits', () => text.replace(/"salt": "[^"]*"/, (salt) => salt.toUpperCase())],
    ['a file with a shorter salt', () => text.replace(/"salt": "../, '"salt": "')],
    ['a text beyond the limit', () => text + ' '.repeat(CRYPTO_LIMITS.keyFileCharactersMax)],
  ])('that is %s is refused as malformed', (_, make) => {
    expect(openKeyFile(native, input.password, make())).toMatchObject(code('crypto-key-file.malformed'));
  });

  it('that holds something else than two roots is refused as malformed', () => {
    const other = sealWithPassword(native, input, encode({ identityRoot: roots.identityRoot }));
    expect(openKeyFile(native, input.password, other)).toMatchObject(code('crypto-key-file.malformed'));
  });

  it('is not written with a short salt, short roots or too large a payload', () => {
    expect(() => sealKeyFile(native, { ...input, salt: new Uint8Array(16) }, roots)).toThrow('32 bytes');
    expect(() => sealKeyFile(native, input, { ...roots, identityRoot: new Uint8Array(31) })).toThrow('32 bytes');
    const tooMuch = new Uint8Array(CRYPTO_LIMITS.keyFilePayloadBytesMax + 1);
    expect(() => sealWithPassword(native, input, tooMuch)).toThrow('payload is bounded');
  });
});
