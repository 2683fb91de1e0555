import type { Hash, Height } from '../base/brand.ts';
import { type Canonical, decode, encode } from '../base/canonical.ts';
import * as shape from '../base/shape.ts';
import { StorageError } from './errors.ts';
import { type MetaName, metaKey } from './key-space.ts';
import { type KeyValueReader, type KvOperation, put } from './kv.ts';

/** The last block of the chain as stored. */
export interface Tip {
  readonly height: Height;
  readonly hash: Hash;
}

const META_BYTES_MAX = 256;
const tipShape = shape.struct({ height: shape.heightShape, hash: shape.hash });

export function readTip(reader: KeyValueReader): Tip | undefined {
  return readMeta(reader, 'tip', tipShape);
}

/** States below this height are given up. 0 in an archive. */
export const readPrunedBelow = (reader: KeyValueReader): Height =>
  readMeta(reader, 'prunedBelow', shape.heightShape) ?? (0 as Height);

/** The sequence of the signing record that was noted with the tip; 0 where none was. */
export const readSigningSequence = (reader: KeyValueReader): number =>
  readMeta(reader, 'signingSequence', shape.uint()) ?? 0;

export const putMeta = (name: MetaName, value: Canonical): KvOperation => put(metaKey(name), encode(value));

function readMeta<T>(reader: KeyValueReader, name: MetaName, expected: shape.Shape<T>): T | undefined {
  const bytes = reader.getSync(metaKey(name));
  if (bytes === undefined) return undefined;
  const decoded = decode(bytes, META_BYTES_MAX);
  const value = decoded.ok ? expected(decoded.value, name) : decoded;
  if (!value.ok) throw new StorageError('storage.corrupt', { keySpace: 'meta', name });
  return value.value;
}
