import type { Hash } from '../base/brand.ts';
import { equal, utf8 } from '../base/bytes.ts';
import type { BaseCode } from '../base/codes.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { type ValidatorSet, validatorsHashOf } from '../base/validators.ts';
import type { ConsensusCode } from '../consensus/codes.ts';
import type { Certificate } from '../consensus/engine.ts';
import { verifyFinality } from '../consensus/finality.ts';
import type { LedgerCode } from '../ledger/codes.ts';
import { createEnv, parseGenesis } from '../ledger/genesis.ts';
import { genesisBlock } from '../ledger/genesis-block.ts';
import { type Header, headerHash, readHeaderLink } from '../ledger/header.ts';
import type { TreeCode } from '../ledger/tree/codes.ts';
import { verifyStateProof } from '../ledger/tree/prove.ts';
import type { StateProof } from '../ledger/tree/types.ts';
import type { ClientCode } from './codes.ts';

/**
 * What a device pins. From here on it believes no hospital: a value of the state counts once a quorum of these validators has
 * signed the block whose state root leads to it. The set is the one of genesis or of a checkpoint; a device that meets another
 * refuses, and needs a newer checkpoint.
 */
export interface ChainTrust {
  readonly chainId: Hash;
  readonly validators: ValidatorSet;
}

/** The trust that a genesis file gives. The file's hash, the chain id, is what people compare. */
export function trustGenesis(primitives: Primitives, text: string): Result<ChainTrust, LedgerCode | BaseCode> {
  const parsed = parseGenesis(primitives, text);
  if (!parsed.ok) return parsed;
  const { execution } = genesisBlock(createEnv(primitives, parsed.value));
  return ok({ chainId: parsed.value.chainId, validators: execution.nextValidators });
}

/** A header that a quorum decided, with its certificate. */
export interface CertifiedHeader {
  readonly header: Header;
  readonly certificate: Certificate;
}

export function verifyHeader(
  primitives: Primitives,
  trust: ChainTrust,
  { header, certificate }: CertifiedHeader,
): Result<Header, ClientCode | ConsensusCode> {
  if (!equal(header.chainId, trust.chainId)) return refuse('client-proof.foreign-chain');
  if (!equal(header.validatorsHash, validatorsHashOf(primitives, trust.validators)))
    return refuse('client-proof.unknown-validators');
  const hash = headerHash(primitives, header);
  const aboutHeader = certificate.height === header.height && equal(certificate.blockHash, hash);
  if (!aboutHeader && certificate.path.length === 0) return refuse('client-proof.wrong-block');
  const verified = verifyFinality(
    primitives,
    trust.chainId,
    trust.validators,
    { height: header.height, hash },
    certificate,
    (bytes) => readHeaderLink(primitives, bytes),
  );
  return verified.ok ? ok(header) : verified;
}

/** That the state below a verified header holds `value` at `key`; `null`: that it holds nothing there. */
export function verifyRow(
  primitives: Primitives,
  header: Header,
  { key, value, proof }: { readonly key: string; readonly value: Uint8Array | null; readonly proof: StateProof },
): Result<null, ClientCode | TreeCode> {
  const proven = verifyStateProof(primitives, header.stateRoot, primitives.hash(utf8(key)), proof);
  if (!proven.ok) return proven;
  const holds =
    'absent' in proven.value ? value === null : value !== null && equal(primitives.hash(value), proven.value.present);
  return holds ? ok(null) : refuse('client-proof.wrong-value');
}
