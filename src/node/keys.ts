import { randomBytes } from 'node:crypto';
import type { SecretKey } from '../base/brand.ts';
import { fromHex, toHex } from '../base/bytes.ts';
import { refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import { SCALAR_ENTROPY_BYTES, scalarFromUniform } from '../crypto/keys.ts';
import { PEER_KEY_SEED_BYTES } from '../network/peer-key.ts';
import { readPrivateJson, writePrivateJson } from './private-file.ts';

/** A hospital's keys, apart from each other, certified by the account key (CHAIN.md, "Who"). In memory and in keys.json only. */
export interface HospitalKeys {
  /** Signs the hospital's own transactions. */
  readonly account: SecretKey;
  /** Signs votes. */
  readonly validator: SecretKey;
  /** Signs votes from the height on whose set names it, in place of the other. */
  readonly nextValidator?: SecretKey;
  /** Signs receipts for stored records and fragments. */
  readonly duty: SecretKey;
  /** Ed25519 seed of the libp2p peer key. */
  readonly peerSeed: Uint8Array;
}

const FILE_NAME = 'keys.json';
const FILE_VERSION = 1;
/** Of a file with one key more, while a change of the validator key is under way. Older software refuses it rather than lose that key. */
const CHANGING_VERSION = 2;

/** 32 bytes in lower-case hexadecimal. A refusal names the field and never its content. */
const secretShape: shape.Shape<Uint8Array> = (value, path) => {
  const bytes = typeof value === 'string' ? fromHex(value) : undefined;
  return bytes?.length === 32 ? { ok: true, value: bytes } : refuse('shape.wrong-type', { path, expected: 'hex' });
};

const secrets = { account: secretShape, validator: secretShape, duty: secretShape, peerSeed: secretShape };
const plainShape = shape.struct({ version: shape.uint(FILE_VERSION), ...secrets });
const changingShape = shape.struct({
  version: shape.uint(CHANGING_VERSION),
  ...secrets,
  nextValidator: secretShape,
});
const hasNext = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'nextValidator');
const fileShape: shape.Shape<shape.Shaped<typeof plainShape> & { readonly nextValidator?: Uint8Array }> = (
  value,
  path,
) => (hasNext(value) ? changingShape(value, path) : plainShape(value, path));

export const generateScalar = (): SecretKey => scalarFromUniform(new Uint8Array(randomBytes(SCALAR_ENTROPY_BYTES)));

export function generateHospitalKeys(): HospitalKeys {
  return {
    account: generateScalar(),
    validator: generateScalar(),
    duty: generateScalar(),
    peerSeed: new Uint8Array(randomBytes(PEER_KEY_SEED_BYTES)),
  };
}

export async function readHospitalKeys(path: string): Promise<HospitalKeys> {
  const { account, validator, duty, peerSeed, nextValidator } = await readPrivateJson(path, FILE_NAME, fileShape);
  return {
    account: account as SecretKey,
    validator: validator as SecretKey,
    duty: duty as SecretKey,
    peerSeed,
    ...(nextValidator === undefined ? {} : { nextValidator: nextValidator as SecretKey }),
  };
}

export async function writeHospitalKeys(path: string, keys: HospitalKeys): Promise<void> {
  const { account, validator, duty, peerSeed, nextValidator } = keys;
  await writePrivateJson(path, {
    version: nextValidator === undefined ? FILE_VERSION : CHANGING_VERSION,
    account: toHex(account),
    validator: toHex(validator),
    duty: toHex(duty),
    peerSeed: toHex(peerSeed),
    ...(nextValidator === undefined ? {} : { nextValidator: toHex(nextValidator) }),
  });
}
