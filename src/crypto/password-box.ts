import { scrypt } from '@noble/hashes/scrypt.js';
import { assert } from '../base/assert.ts';
import { equal, equalSecret, fromHex, toHex, utf8 } from '../base/bytes.ts';
import { encode } from '../base/canonical.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import type { CryptoCode } from './codes.ts';
import { hkdfSha256 } from './hkdf.ts';
import { CRYPTO_LIMITS } from './limits.ts';

/*
 * Bytes under a password, as JSON text that a person can keep. scrypt (RFC 7914) stretches the password; HKDF splits its output
 * into the AES-256-GCM key and a 32-byte check. The check commits the file to one password, so that a wrong password and a
 * damaged file are told apart, and so that no file opens under two passwords. The checksum finds accidents; the cipher, with
 * every parameter associated, finds intent.
 */
const VERSION = 1;
export const PASSWORD_SALT_BYTES = 32;
export const PASSWORD_NONCE_BYTES = 12;
const LABEL = utf8('carechain/key-file/v1\0');

/** scrypt's parameters by their names in RFC 7914. Memory is 128 · N · r bytes. */
export interface PasswordCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}
export const DEFAULT_COST: PasswordCost = { N: 32_768, r: 8, p: 1 };

/** Lower-case hexadecimal of between `min` and `max` bytes. */
const hex =
  (min: number, max: number = min): shape.Shape<Uint8Array> =>
  (value, path) => {
    const text = shape.text(2 * max)(value, path);
    return text.ok ? shape.bytes(min, max)(fromHex(text.value), path) : text;
  };

const fileShape = shape.struct({
  version: shape.uint(),
  scrypt: shape.struct({ N: shape.uint(), r: shape.uint(), p: shape.uint(), salt: hex(PASSWORD_SALT_BYTES) }),
  cipher: shape.oneOf('aes-256-gcm'),
  nonce: hex(PASSWORD_NONCE_BYTES),
  check: hex(32),
  sealed: hex(16, CRYPTO_LIMITS.keyFilePayloadBytesMax + 16),
  checksum: hex(32),
});
type PasswordFile = shape.Shaped<typeof fileShape>;

export interface PasswordBoxInput {
  readonly password: string;
  /** 32 random bytes. */
  readonly salt: Uint8Array;
  /** 12 random bytes. */
  readonly nonce: Uint8Array;
  readonly cost?: PasswordCost;
}

/** The text of a file that `password` opens. */
export function sealWithPassword(primitives: Primitives, input: PasswordBoxInput, payload: Uint8Array): string {
  const { password, salt, nonce, cost = DEFAULT_COST } = input;
  assert(salt.length === PASSWORD_SALT_BYTES, 'a key file salt is 32 bytes');
  assert(payload.length <= CRYPTO_LIMITS.keyFilePayloadBytesMax, 'a key file payload is bounded');
  assert(isAllowed(cost), 'the cost of a key file is bounded');
  const { key, check } = deriveKeys(password, salt, cost);
  const { N, r, p } = cost;
  const head = { version: VERSION, scrypt: { N, r, p, salt }, cipher: 'aes-256-gcm', nonce, check } as const;
  const sealed = primitives.seal(key, nonce, payload, encode(head));
  return render({ ...head, sealed, checksum: primitives.hash(encode({ ...head, sealed })) });
}

export function openWithPassword(
  primitives: Primitives,
  password: string,
  text: string,
): Result<Uint8Array, CryptoCode> {
  const file = parse(text);
  if (!file.ok) return file;
  const { checksum, sealed, ...head } = file.value;
  if (!equal(primitives.hash(encode({ ...head, sealed })), checksum)) return refuse('crypto-key-file.damaged');
  if (!isAllowed(head.scrypt)) return refuse('crypto-key-file.cost-refused');
  const { key, check } = deriveKeys(password, head.scrypt.salt, head.scrypt);
  if (!equalSecret(check, head.check)) return refuse('crypto-key-file.wrong-password');
  const payload = primitives.open(key, head.nonce, sealed, encode(head));
  return payload === undefined ? refuse('crypto-key-file.damaged') : ok(payload);
}

/** Checked before scrypt runs: a file may not make the reader allocate more than 256 MiB or wait for minutes. */
function isAllowed({ N, r, p }: PasswordCost): boolean {
  const { scryptCostMin, scryptCostMax, scryptBlockSizeMax, scryptParallelismMax } = CRYPTO_LIMITS;
  const powerOfTwo = N >= scryptCostMin && N <= scryptCostMax && (N & (N - 1)) === 0;
  return powerOfTwo && r >= 8 && r <= scryptBlockSizeMax && p >= 1 && p <= scryptParallelismMax;
}

/** NFKC: the same password typed on another keyboard is the same password. */
function deriveKeys(password: string, salt: Uint8Array, { N, r, p }: PasswordCost) {
  const stretched = scrypt(utf8(password.normalize('NFKC')), salt, { N, r, p, dkLen: 32 });
  const output = hkdfSha256(stretched, salt, LABEL, 64);
  return { key: output.subarray(0, 32), check: output.subarray(32) };
}

function parse(text: string): Result<PasswordFile, CryptoCode> {
  if (text.length > CRYPTO_LIMITS.keyFileCharactersMax) return refuse('crypto-key-file.malformed');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('crypto-key-file.malformed');
  }
  const map = shape.anyMap(value, 'file');
  if (!map.ok) return refuse('crypto-key-file.malformed');
  const version = Object.hasOwn(map.value, 'version') ? map.value.version : undefined;
  if (typeof version === 'number' && version !== VERSION) return refuse('crypto-key-file.unknown-version');
  const file = fileShape(value, 'file');
  // A repeated field would be lost by now: only text that we would write again is taken.
  return file.ok && render(file.value) === text.trim() ? ok(file.value) : refuse('crypto-key-file.malformed');
}

function render({ version, scrypt: { N, r, p, salt }, cipher, nonce, check, sealed, checksum }: PasswordFile): string {
  const file = {
    version,
    scrypt: { N, r, p, salt: toHex(salt) },
    cipher,
    nonce: toHex(nonce),
    check: toHex(check),
    sealed: toHex(sealed),
    checksum: toHex(checksum),
  };
  return JSON.stringify(file, null, 2);
}
