import type { Hash } from '../base/brand.ts';
import { compareBytes } from '../base/bytes.ts';
import { type Canonical, decode, encode } from '../base/canonical.ts';
import { LIMITS } from '../base/limits.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import { quorumOf, type ValidatorSet } from '../base/validators.ts';
import type { ConsensusCode, DecodeCode } from './codes.ts';
import type { Certificate, EngineName } from './engine.ts';
import { verifyVote } from './vote.ts';

/** A full certificate: 64 signatures, a full path of headers, and room for field names. */
export const CERTIFICATE_BYTES_MAX = 32_768;
/** Headers between a block and the descendant whose votes made it final: as many as may wait for finality (SIMPLEX-9). */
export const PATH_HEADERS_MAX = 16;
const PATH_HEADER_BYTES_MAX = 1_024;

/** The vote whose quorum finalises a block, for engines whose certificate is a quorum of one round. */
const FINALISING_VOTE: { readonly [Name in EngineName]: string | null } = {
  qbft: 'commit',
  simplex: 'finalise',
  clique: null,
};

export const engineNameShape = shape.oneOf('qbft', 'simplex', 'clique');

export const certificateShape: shape.Shape<Certificate> = shape.struct({
  engine: engineNameShape,
  height: shape.heightShape,
  round: shape.roundShape,
  blockHash: shape.hash,
  signatures: shape.list(
    shape.struct({ validator: shape.address, signature: shape.signature }),
    LIMITS.validatorsMax,
    1,
  ),
  path: shape.list(shape.bytes(1, PATH_HEADER_BYTES_MAX), PATH_HEADERS_MAX),
});

export const encodeCertificate = (certificate: Certificate): Uint8Array => encode(certificate as unknown as Canonical);

export function decodeCertificate(bytes: Uint8Array): Result<Certificate, DecodeCode> {
  const value = decode(bytes, CERTIFICATE_BYTES_MAX);
  return value.ok ? certificateShape(value.value, '') : value;
}

/**
 * That a quorum of `set`, the validators of the certificate's height, finalised the block it names (QBFT-12, SIMPLEX-9). Which block
 * that is, and that a path leads from another one to it, is `verifyFinality`'s to compare.
 */
export function verifyCertificate(
  primitives: Primitives,
  chainId: Hash,
  set: ValidatorSet,
  certificate: Certificate,
): Result<null, ConsensusCode> {
  const { engine, height, round, blockHash, signatures, path } = certificate;
  const type = FINALISING_VOTE[engine];
  if (type === null) return refuse('consensus-certificate.no-finality');
  if (engine === 'qbft' && path.length > 0) return refuse('consensus-certificate.needless-path');
  if (signatures.length < quorumOf(set.length)) return refuse('consensus-certificate.too-few');
  if (!inValidatorOrder(certificate)) return refuse('consensus-certificate.wrong-order');
  const ballot = { height, round, type, blockHash, preparedRound: null, preparedHash: null };
  for (const { validator, signature } of signatures) {
    const verified = verifyVote(primitives, { chainId, engine }, set, { ...ballot, validator, signature });
    if (!verified.ok) return verified;
  }
  return ok(null);
}

/** Strictly rising ids: the set's own order, and no member twice. */
function inValidatorOrder({ signatures }: Certificate): boolean {
  return signatures.every(
    ({ validator }, i) =>
      i === 0 || compareBytes((signatures[i - 1] as { validator: Uint8Array }).validator, validator) < 0,
  );
}
