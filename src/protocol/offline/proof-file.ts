import type { Hash } from '../../base/brand.ts';
import { type Canonical, decode, encode } from '../../base/canonical.ts';
import type { BaseCode } from '../../base/codes.ts';
import type { Result } from '../../base/result.ts';
import * as shape from '../../base/shape.ts';
import { CLAIM_NAMES, type ClaimName } from './claims.ts';
import { PROOF_LIMITS } from './limits.ts';
import { type Handover, handoverShape, type Sealed, sealedShape } from './sealed-header.ts';
import { type WitnessRow, witnessRowShape } from './witness.ts';

/*
 * An offline proof: canonical DAG-CBOR that any DAG-CBOR tool can look into. With the genesis file it is all that a verifier
 * needs: no node, no chain, no key.
 */
export const PROOF_KIND = 'carechain-proof';
export const PROOF_VERSION = 1;

/** One claim with everything that shows it. */
export interface Statement {
  readonly type: ClaimName;
  /** The claim's own fields: see `claims.ts`. */
  readonly about: Readonly<Record<string, unknown>>;
  readonly sealed: Sealed;
  /** Rows of the state after the sealed header's block. */
  readonly rows: readonly WitnessRow[];
}

export interface ProofFile {
  readonly kind: typeof PROOF_KIND;
  readonly version: number;
  readonly chainId: Hash;
  /** Each change of the validator set between genesis and the statements, oldest first. */
  readonly handovers: readonly Handover[];
  readonly statements: readonly Statement[];
}

const statementShape = shape.struct({
  type: shape.oneOf(...CLAIM_NAMES),
  about: shape.anyMap,
  sealed: sealedShape,
  rows: shape.list(witnessRowShape, PROOF_LIMITS.rowsMax),
});

const proofFileShape: shape.Shape<ProofFile> = shape.struct({
  kind: shape.oneOf(PROOF_KIND),
  version: shape.uint(),
  chainId: shape.hash,
  handovers: shape.list(handoverShape, PROOF_LIMITS.handoversMax),
  statements: shape.list(statementShape, PROOF_LIMITS.statementsMax, 1),
});

export function encodeProofFile(
  chainId: Hash,
  statements: readonly Statement[],
  handovers: readonly Handover[] = [],
): Uint8Array {
  const file: ProofFile = { kind: PROOF_KIND, version: PROOF_VERSION, chainId, handovers, statements };
  return encode(file as unknown as Canonical);
}

/** The whole file; or, of one with another version, that version. */
export function decodeProofFile(bytes: Uint8Array): Result<ProofFile | { readonly unknownVersion: number }, BaseCode> {
  const value = decode(bytes, PROOF_LIMITS.fileBytesMax);
  if (!value.ok) return value;
  const map = shape.anyMap(value.value, '');
  if (!map.ok) return map;
  const { kind, version } = map.value;
  if (kind === PROOF_KIND && typeof version === 'number' && version !== PROOF_VERSION)
    return { ok: true, value: { unknownVersion: version } };
  return proofFileShape(map.value, '');
}
