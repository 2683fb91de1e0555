import type { Hash, Height } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { type Canonical, decode, encode } from '../../base/canonical.ts';
import type { BaseCode } from '../../base/codes.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result } from '../../base/result.ts';
import { decodeCertificate } from '../../consensus/certificate.ts';
import type { Certificate } from '../../consensus/engine.ts';
import { type BlockLink, verifyFinality } from '../../consensus/finality.ts';
import { type Block, decodeBlock } from '../../ledger/block.ts';
import type { StateRows } from '../../ledger/can/state-rows.ts';
import type { ExecutedBlock, LedgerEnv, Tip } from '../../ledger/chain.ts';
import type { LedgerCode } from '../../ledger/codes.ts';
import { createEnv, parseGenesis } from '../../ledger/genesis.ts';
import { genesisBlock, tipOf } from '../../ledger/genesis-block.ts';
import { BLOCK_VERSION, type Header, headerHash, readHeaderLink } from '../../ledger/header.ts';
import { judgeBlock } from '../../ledger/judge-block.ts';
import { decodeReceipts, encodeReceipts } from '../../ledger/receipt.ts';
import { alteredField, differingReceipt, refusedField } from './locate.ts';
import { MemoryState } from './memory-state.ts';
import { type Finding, fieldBelow, HOLDS, unknown, type Verdict, violated } from './verdict.ts';

/** One height as it is stored and exported. */
export interface ChainEntry {
  readonly height: Height;
  readonly block: Uint8Array;
  readonly certificate: Uint8Array;
  readonly receipts: Uint8Array;
}

/**
 * Re-executes a chain from its genesis file and nothing else: every link, root, signature, certificate and receipt. Memory
 * grows with the state, not with the length of the chain.
 */
export interface ChainVerifier {
  readonly chainId: Hash;
  /** Height 1 first, then without a gap. After a finding the verifier stands where it stood. */
  next(entry: ChainEntry): Verdict;
  /** The state that was verified so far, to ask it questions. */
  readonly state: StateRows;
  readonly env: LedgerEnv;
  tipHeader(): Header;
  /** What was verified so far: `heights` beside genesis. */
  finish(): { readonly heights: number; readonly tipHash: Hash; readonly stateRoot: Hash };
}

export function createChainVerifier(
  primitives: Primitives,
  genesisText: string,
): Result<ChainVerifier, LedgerCode | BaseCode> {
  const genesis = parseGenesis(primitives, genesisText);
  if (!genesis.ok) return genesis;
  const env = createEnv(primitives, genesis.value);
  const first = genesisBlock(env);
  const state = new MemoryState();
  state.apply(0 as Height, first.execution);
  let tip = tipOf(env, first.block.header, state);
  return ok({
    chainId: env.chainId,
    state,
    env,
    tipHeader: () => tip.header,
    next(entry) {
      const checked = checkEntry(env, tip, entry);
      if ('verdict' in checked) return checked;
      state.apply(entry.height, checked.execution);
      tip = tipOf(env, checked.block.header, state);
      return HOLDS;
    },
    finish: () => ({ heights: tip.header.height, tipHash: tip.hash, stateRoot: tip.header.stateRoot }),
  });
}

function checkEntry(env: LedgerEnv, tip: Tip, entry: ChainEntry): ExecutedBlock | Finding {
  const { height } = entry;
  if (height !== tip.header.height + 1) return unknown(height, 'height', 'offline.gap');
  const certificate = decodeCertificate(entry.certificate);
  if (!certificate.ok)
    return violated(height, fieldBelow('certificate', certificate.rejection), certificate.rejection.code);
  const block = decodeBlock(entry.block);
  if (!block.ok || block.value.header.version !== BLOCK_VERSION) {
    const foreign = foreignVersion(env, tip, entry, certificate.value);
    if (foreign !== null) return foreign;
  }
  if (!block.ok) {
    const { rejection } = block;
    return violated(height, rejection.detail?.path === undefined ? 'block' : fieldBelow('', rejection), rejection.code);
  }
  const executed = checkBlock(env, tip, entry, block.value, certificate.value);
  return 'verdict' in executed ? executed : (checkReceipts(entry, executed) ?? executed);
}

/** A version this software does not know, if a quorum signed that very header: then the chain may be right. */
function foreignVersion(env: LedgerEnv, tip: Tip, entry: ChainEntry, certificate: Certificate): Finding | null {
  const value = decode(entry.block, LIMITS.blockBytesMax);
  const header = value.ok ? (value.value as { readonly header?: { readonly version?: unknown } } | null)?.header : null;
  if (!Number.isSafeInteger(header?.version) || header?.version === BLOCK_VERSION) return null;
  const hash = env.primitives.hash(encode(header as Canonical));
  const signed = checkCertificate(env, tip, { height: entry.height, hash }, certificate) === null;
  return (signed ? unknown : violated)(entry.height, 'header.version', 'block.version');
}

function checkBlock(
  env: LedgerEnv,
  tip: Tip,
  { height, block: bytes }: ChainEntry,
  block: Block,
  certificate: Certificate,
): ExecutedBlock | Finding {
  const hash = headerHash(env.primitives, block.header);
  const matches = certificate.path.length > 0 || equal(hash, certificate.blockHash);
  if (height === 1 && matches && !equal(block.header.chainId, env.chainId))
    return violated(0 as Height, 'genesis', 'offline.foreign-genesis');

  // What the votes name, if it is not this block: then the votes hold, and the block was altered.
  const voted = matches ? hash : certificate.blockHash;
  const unsealed = checkCertificate(env, tip, { height, hash: voted }, certificate);
  if (unsealed === null && !matches)
    return violated(height, alteredField(env, tip, block, certificate.blockHash), 'offline.header-altered');
  const judged = judgeBlock(env, tip, bytes);
  if (!judged.ok) return violated(height, refusedField(env, tip, block, judged.rejection), codeOf(judged.rejection));
  if (unsealed === null) return judged.value;
  const vague = !matches && unsealed.field === 'certificate';
  return vague ? violated(height, 'certificate.blockHash', 'offline.certificate-block') : unsealed;
}

/** That a quorum of the height's validators made this block final; null where they did. */
function checkCertificate(
  env: LedgerEnv,
  tip: Tip,
  block: Pick<BlockLink, 'height' | 'hash'>,
  certificate: Certificate,
): Finding | null {
  const { height } = block;
  if (certificate.path.length === 0 && certificate.height !== height)
    return violated(height, 'certificate.height', 'offline.certificate-height');
  if (certificate.engine !== env.genesis.engine)
    return violated(height, 'certificate.engine', 'offline.certificate-engine');
  const verified = verifyFinality(env.primitives, env.chainId, tip.validators, block, certificate, (bytes) =>
    readHeaderLink(env.primitives, bytes),
  );
  if (verified.ok) return null;
  const { code } = verified.rejection;
  // An engine whose blocks become final in another way: its proof is no quorum of one round.
  if (code === 'consensus-certificate.no-finality') return unknown(height, 'certificate.engine', code);
  return violated(height, 'certificate', code);
}

/** The code of the transaction that is wrong says more than that one is. */
const codeOf = ({ code, detail }: { code: string; detail?: Readonly<Record<string, string | number>> }): string =>
  typeof detail?.reason === 'string' ? detail.reason : code;

function checkReceipts({ height, receipts }: ChainEntry, { execution }: ExecutedBlock): Finding | null {
  if (equal(receipts, encodeReceipts(execution.receipts))) return null;
  const given = decodeReceipts(receipts);
  if (given.ok) return violated(height, differingReceipt(given.value, execution.receipts), 'offline.receipts-differ');
  const { rejection } = given;
  const field = rejection.detail?.path === undefined ? 'receipts' : fieldBelow('', rejection);
  return violated(height, field, rejection.code);
}
