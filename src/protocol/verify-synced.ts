import { equal } from '../base/bytes.ts';
import { decodeCertificate, verifyCertificate } from '../consensus/certificate.ts';
import { decodeBlock } from '../ledger/block.ts';
import type { Tip } from '../ledger/chain.ts';
import { headerHash } from '../ledger/header.ts';
import type { ProtocolCode } from './codes.ts';
import type { ExecutedBlock, Ledger } from './ledger.ts';
import type { PendingBlock } from './sync.ts';

export type SyncedVerdict =
  | { readonly type: 'valid'; readonly executed: ExecutedBlock }
  /** The peer sent bytes that no quorum signed. */
  | { readonly type: 'blame'; readonly code: ProtocolCode }
  /** A quorum signed what this node cannot follow. */
  | { readonly type: 'halt'; readonly code: ProtocolCode; readonly detail: string };

/** What a quorum's signature on the header does not show: that these transactions and evidence are the header's. */
const BODY_CODES = new Set(['block.transactions-root', 'block.evidence-root']);

/** A block of a peer's range on our tip: first the quorum, then that the body is the one it signed, then every rule but the clock. */
export function verifySynced(ledger: Ledger, tip: Tip, pending: PendingBlock): SyncedVerdict {
  const { primitives, chainId } = ledger;
  const certificate = decodeCertificate(pending.certificate);
  if (!certificate.ok || certificate.value.height !== tip.header.height + 1)
    return { type: 'blame', code: 'sync.bad-certificate' };
  if (!verifyCertificate(primitives, chainId, tip.validators, certificate.value).ok)
    return { type: 'blame', code: 'sync.bad-certificate' };

  const block = decodeBlock(pending.block);
  if (!block.ok) return { type: 'blame', code: 'sync.bad-body' };
  if (!equal(headerHash(primitives, block.value.header), certificate.value.blockHash))
    return { type: 'blame', code: 'sync.bad-body' };

  const judged = ledger.judge(tip, pending.block);
  if (judged.ok) return { type: 'valid', executed: judged.value };
  const { code } = judged.rejection;
  if (BODY_CODES.has(code)) return { type: 'blame', code: 'sync.bad-body' };
  if (code === 'block.version') return { type: 'halt', code: 'replica.unknown-version', detail: code };
  return { type: 'halt', code: 'replica.diverged', detail: code };
}
