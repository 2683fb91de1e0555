import { concat, copyOf, equal } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { CryptoCode } from '../codes.ts';
import { COMPACT_SIGNATURE_BYTES, FRAGMENT_ID_BYTES, POINT_BYTES, SCALAR_BYTES, U } from './parameters.ts';
import { isScalar } from './scalars.ts';
import type { Capsule, Cfrag, Kfrag } from './types.ts';

/*
 * The library's two encodings. "Simple": the fields one after the other. MessagePack: the same with the heads of arrays and
 * binaries between. Every field has one length, so a format is a list of fields and fixed bytes, and a value has one encoding.
 */
type Kind = 'point' | 'scalar' | 'id' | 'signature';
const BYTES_OF: Readonly<Record<Kind, number>> = {
  point: POINT_BYTES,
  scalar: SCALAR_BYTES,
  id: FRAGMENT_ID_BYTES,
  signature: COMPACT_SIGNATURE_BYTES,
};
type Field<Name extends string = string> = readonly [name: Name, kind: Kind];
type Part = Field | Uint8Array;

export interface Encoding<T> {
  /** What every encoded value measures. */
  readonly bytes: number;
  encode(value: T): Uint8Array;
  /** Refuses other lengths, other fixed bytes, what is no point of the curve, and scalars outside [1, n). It checks no equation. */
  decode(primitives: Primitives, bytes: Uint8Array): Result<T, CryptoCode>;
}

const isField = (part: Part): part is Field => !(part instanceof Uint8Array);
const lengthOf = (part: Part): number => (isField(part) ? BYTES_OF[part[1]] : part.length);

function encodingOf<T>(parts: readonly Part[]): Encoding<T> {
  const length = parts.reduce((sum, part) => sum + lengthOf(part), 0);
  return {
    bytes: length,

    encode(value) {
      const fields = value as Readonly<Record<string, Uint8Array>>;
      return concat(...parts.map((part) => (isField(part) ? (fields[part[0]] as Uint8Array) : part)));
    },

    decode(primitives, bytes) {
      if (bytes.length !== length) return refuse('crypto-umbral.malformed');
      const fields: Record<string, Uint8Array> = {};
      let at = 0;
      for (const part of parts) {
        const found = copyOf(bytes, at, at + lengthOf(part));
        at += found.length;
        const objection = isField(part) ? objectionTo(primitives, part[1], found) : fixedObjection(part, found);
        if (objection !== undefined) return refuse(objection);
        if (isField(part)) fields[part[0]] = found;
      }
      return ok(fields as T);
    },
  };
}

const fixedObjection = (fixed: Uint8Array, found: Uint8Array): CryptoCode | undefined =>
  equal(fixed, found) ? undefined : 'crypto-umbral.malformed';

function objectionTo(primitives: Primitives, kind: Kind, bytes: Uint8Array): CryptoCode | undefined {
  if (kind === 'point' && primitives.addPoints([bytes]) === undefined) return 'crypto-umbral.not-a-point';
  if (kind === 'scalar' && !isScalar(bytes)) return 'crypto-umbral.scalar-out-of-range';
  return undefined;
}

const array = (items: number): Uint8Array => Uint8Array.of(0x90 | items);
const binary = (length: number): Uint8Array => Uint8Array.of(0xc4, length);
const TRUE = Uint8Array.of(0xc3);

/** MessagePack (specification, "Formats"): each binary behind c4 and its length, an array behind 9n. */
const packed = (...fields: readonly Field[]): readonly Part[] =>
  fields.flatMap((field) => [binary(lengthOf(field)), field]);

const CAPSULE: readonly Field<keyof Capsule>[] = [
  ['e', 'point'],
  ['v', 'point'],
  ['s', 'scalar'],
];
export const capsuleSimple: Encoding<Capsule> = encodingOf(CAPSULE);
export const capsuleMsgpack: Encoding<Capsule> = encodingOf([array(3), ...packed(...CAPSULE)]);

const KFRAG: readonly Field<keyof Kfrag>[] = [
  ['id', 'id'],
  ['key', 'scalar'],
  ['precursor', 'point'],
];
const KFRAG_PROOF: readonly Field<keyof Kfrag>[] = [
  ['commitment', 'point'],
  ['signatureForProxy', 'signature'],
  ['signatureForReceiver', 'signature'],
];
/** U goes along, and that both keys are signed: another U, or an unsigned key, is another protocol. 310 bytes, secret. */
export const kfragMsgpack: Encoding<Kfrag> = encodingOf([
  array(5),
  ...[array(1), binary(POINT_BYTES), U],
  ...packed(...KFRAG),
  ...[array(5), ...packed(...KFRAG_PROOF), TRUE, TRUE],
]);

const CFRAG: readonly Field<keyof Cfrag>[] = [
  ['e1', 'point'],
  ['v1', 'point'],
  ['id', 'id'],
  ['precursor', 'point'],
];
const CFRAG_PROOF: readonly Field<keyof Cfrag>[] = [
  ['e2', 'point'],
  ['v2', 'point'],
  ['commitment', 'point'],
  ['u2', 'point'],
  ['z', 'scalar'],
  ['signature', 'signature'],
];
/** 359 bytes: what a share measures, and its proof in a dispute. */
export const cfragSimple: Encoding<Cfrag> = encodingOf([...CFRAG, ...CFRAG_PROOF]);
export const cfragMsgpack: Encoding<Cfrag> = encodingOf([
  array(5),
  ...packed(...CFRAG),
  ...[array(6), ...packed(...CFRAG_PROOF)],
]);
