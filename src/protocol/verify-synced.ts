import { decodeCertificate } from '../consensus/certificate.ts';
import type { Certificate } from '../consensus/engine.ts';
import { verifyFinality } from '../consensus/finality.ts';
import { decodeBlock } from '../ledger/block.ts';
import type { Tip } from '../ledger/chain.ts';
import { headerHash, readHeaderLink } from '../ledger/header.ts';
import type { ProtocolCode } from './codes.ts';
import type { ExecutedBlock, Ledger } from './ledger.ts';
import type { PendingBlock } from './sync.ts';

export type SyncedVerdict =
  | { readonly type: 'valid'; readonly executed: ExecutedBlock; readonly certificate: Certificate }
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
  if (!certificate.ok) return { type: 'blame', code: 'sync.bad-certificate' };
  const block = decodeBlock(pending.block);
  if (!block.ok) return { type: 'blame', code: 'sync.bad-body' };
  const { header } = block.value;
  if (header.height !== tip.header.height + 1) return { type: 'blame', code: 'sync.bad-certificate' };
  const final = verifyFinality(
    primitives,
    chainId,
    tip.validators,
    { height: header.height, hash: headerHash(primitives, header) },
    certificate.value,
    (bytes) => readHeaderLink(primitives, bytes),
  );
  if (!final.ok) {
    const altered = final.rejection.code === 'consensus-certificate.other-block';
    return { type: 'blame', code: altered ? 'sync.bad-body' : 'sync.bad-certificate' };
  }

  const judged = ledger.judge(tip, pending.block);
  if (judged.ok) return { type: 'valid', executed: judged.value, certificate: certificate.value };
  const { code } = judged.rejection;
  if (BODY_CODES.has(code)) return { type: 'blame', code: 'sync.bad-body' };
  if (code === 'block.version') return { type: 'halt', code: 'replica.unknown-version', detail: code };
  return { type: 'halt', code: 'replica.diverged', detail: code };
}
