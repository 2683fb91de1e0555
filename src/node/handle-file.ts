import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretKey } from '../base/brand.ts';
import { equal, fromHex, toHex } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import { CRYPTO_LIMITS } from '../crypto/limits.ts';
import type { HandleKey } from '../crypto/oprf/handle.ts';
import { SALT_KEY_BYTES } from '../crypto/oprf/salt.ts';
import { NodeError } from './errors.ts';
import { readPrivateJson, writePrivateJson } from './private-file.ts';

/** What a hospital keeps for the handles of identifiers, apart from its keys: the two have different lives (ADR 0028). */
export interface HandleSecrets {
  /** Salts this hospital's own commitments. */
  readonly saltKey: Uint8Array;
  /** The hospital's number as a holder, and its share of the joint key; null for one that was not there when the key was made. */
  readonly share: { readonly holder: number; readonly secret: SecretKey } | null;
}

export const HANDLES_FILE = 'handles.json';
const FILE_VERSION = 1;

const bytes32: shape.Shape<Uint8Array> = (value, path) => {
  const bytes = typeof value === 'string' ? fromHex(value) : undefined;
  return bytes?.length === 32 ? { ok: true, value: bytes } : refuse('shape.wrong-type', { path, expected: 'hex' });
};
const fileShape = shape.struct({
  version: shape.uint(FILE_VERSION),
  saltKey: bytes32,
  share: shape.nullable(shape.struct({ holder: shape.uint(CRYPTO_LIMITS.handleHoldersMax), secret: bytes32 })),
});

export const newSaltKey = (): Uint8Array => new Uint8Array(randomBytes(SALT_KEY_BYTES));

export const writeHandleSecrets = (folder: string, { saltKey, share }: HandleSecrets): Promise<void> =>
  writePrivateJson(join(folder, HANDLES_FILE), {
    version: FILE_VERSION,
    saltKey: toHex(saltKey),
    share: share === null ? null : { holder: share.holder, secret: toHex(share.secret) },
  });

/** Null where the folder has none, as where the consortium was made before there were handles. */
export async function readHandleSecrets(folder: string): Promise<HandleSecrets | null> {
  const path = join(folder, HANDLES_FILE);
  if (!existsSync(path)) return null;
  const { saltKey, share } = await readPrivateJson(path, HANDLES_FILE, fileShape);
  return { saltKey, share: share === null ? null : { holder: share.holder, secret: share.secret as SecretKey } };
}

/** A share that is not the one that genesis publishes gives answers that everyone refuses: the file is another's, or damaged. */
export function checkHandleSecrets(primitives: Primitives, key: HandleKey | undefined, { share }: HandleSecrets): void {
  if (share === null) return;
  const published = key?.shareKeys[share.holder - 1];
  if (published === undefined || !equal(published, primitives.publicKeyOf(share.secret)))
    throw new NodeError('node-handles.foreign-share', { file: HANDLES_FILE });
}
