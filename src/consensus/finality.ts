import type { Hash, Height } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { type Result, refuse } from '../base/result.ts';
import type { ValidatorSet } from '../base/validators.ts';
import { verifyCertificate } from './certificate.ts';
import type { ConsensusCode } from './codes.ts';
import type { Certificate } from './engine.ts';

/** Where a block stands: to consensus all that a header says. */
export interface BlockLink {
  readonly height: Height;
  readonly hash: Hash;
  readonly parentHash: Hash;
}

/** Reads an encoded header; undefined where the bytes are none. The ledger knows how. */
export type ReadLink = (header: Uint8Array) => BlockLink | undefined;

/**
 * That `block` is final: a quorum of `set`, which decides its height, finalised it, or a descendant that the certificate's path
 * leads to (SIMPLEX-9). The path needs no signatures of its own: each header names its parent by hash.
 */
export function verifyFinality(
  primitives: Primitives,
  chainId: Hash,
  set: ValidatorSet,
  block: Pick<BlockLink, 'height' | 'hash'>,
  certificate: Certificate,
  readLink: ReadLink,
): Result<null, ConsensusCode> {
  let last = block;
  for (const bytes of certificate.path) {
    const link = readLink(bytes);
    if (link === undefined || link.height !== last.height + 1 || !equal(link.parentHash, last.hash))
      return refuse('consensus-certificate.broken-path');
    last = link;
  }
  if (certificate.height !== last.height || !equal(certificate.blockHash, last.hash))
    return refuse('consensus-certificate.other-block');
  return verifyCertificate(primitives, chainId, set, certificate);
}
