import { assert } from '../base/assert.ts';
import { decode, encode } from '../base/canonical.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import type { CryptoCode } from './codes.ts';
import { ROOT_BYTES } from './keys.ts';
import { CRYPTO_LIMITS } from './limits.ts';
import { openWithPassword, type PasswordBoxInput, sealWithPassword } from './password-box.ts';

/** A person's two roots: everything else is derived from them (PRIVACY.md, "Keys"). */
export interface WalletRoots {
  readonly identityRoot: Uint8Array;
  readonly delegatingRoot: Uint8Array;
}

const rootsShape: shape.Shape<WalletRoots> = shape.struct({
  identityRoot: shape.bytes(ROOT_BYTES),
  delegatingRoot: shape.bytes(ROOT_BYTES),
});

/** The text of a wallet's key file. Salt and nonce are fresh random bytes at every writing. */
export function sealKeyFile(primitives: Primitives, input: PasswordBoxInput, roots: WalletRoots): string {
  const { identityRoot, delegatingRoot } = roots;
  assert(identityRoot.length === ROOT_BYTES && delegatingRoot.length === ROOT_BYTES, 'a root is 32 bytes');
  return sealWithPassword(primitives, input, encode({ identityRoot, delegatingRoot }));
}

export function openKeyFile(primitives: Primitives, password: string, text: string): Result<WalletRoots, CryptoCode> {
  const payload = openWithPassword(primitives, password, text);
  if (!payload.ok) return payload;
  const value = decode(payload.value, CRYPTO_LIMITS.keyFilePayloadBytesMax);
  const roots = value.ok ? rootsShape(value.value, 'roots') : value;
  return roots.ok ? ok(roots.value) : refuse('crypto-key-file.malformed');
}
