import { assert } from '../base/assert.ts';
import { decode, encode } from '../base/canonical.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import type { CryptoCode } from './codes.ts';
import { ROOT_BYTES } from './keys.ts';
import { CRYPTO_LIMITS } from './limits.ts';
import { openWithPassword, type PasswordBoxInput, sealWithPassword } from './password-box.ts';

/** A person's roots: everything else is derived from them (PRIVACY.md, "Keys"). */
export interface WalletRoots {
  readonly identityRoot: Uint8Array;
  readonly delegatingRoot: Uint8Array;
  /** Of an account key that took the place of the first one: whoever has the identity root alone cannot make it. */
  readonly accountRoot?: Uint8Array;
}

const twoRootsShape = shape.struct({ identityRoot: shape.bytes(ROOT_BYTES), delegatingRoot: shape.bytes(ROOT_BYTES) });
const threeRootsShape = shape.struct({
  identityRoot: shape.bytes(ROOT_BYTES),
  delegatingRoot: shape.bytes(ROOT_BYTES),
  accountRoot: shape.bytes(ROOT_BYTES),
});
const rootsShape: shape.Shape<WalletRoots> = (value, path) => {
  const map = shape.anyMap(value, path);
  if (!map.ok) return map;
  return 'accountRoot' in map.value ? threeRootsShape(value, path) : twoRootsShape(value, path);
};

/** The text of a wallet's key file. Salt and nonce are fresh random bytes at every writing. */
export function sealKeyFile(primitives: Primitives, input: PasswordBoxInput, roots: WalletRoots): string {
  const { identityRoot, delegatingRoot, accountRoot } = roots;
  const written = { identityRoot, delegatingRoot, ...(accountRoot === undefined ? {} : { accountRoot }) };
  assert(
    Object.values(written).every((root) => root.length === ROOT_BYTES),
    'a root is 32 bytes',
  );
  return sealWithPassword(primitives, input, encode(written));
}

export function openKeyFile(primitives: Primitives, password: string, text: string): Result<WalletRoots, CryptoCode> {
  const payload = openWithPassword(primitives, password, text);
  if (!payload.ok) return payload;
  const value = decode(payload.value, CRYPTO_LIMITS.keyFilePayloadBytesMax);
  const roots = value.ok ? rootsShape(value.value, 'roots') : value;
  return roots.ok ? ok(roots.value) : refuse('crypto-key-file.malformed');
}
