import type { Address } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import type { AuditLine } from '../ledger/audit.ts';
import type { KindName } from '../ledger/families/payloads.ts';
import type { Receipt } from '../ledger/receipt.ts';

/*
 * What a sender learns of a denial: that nothing covers the request (PRIVACY.md, "Transport"). The chain's own receipt says more than
 * that. Gas grows with the rows that policies met; with a gas limit of one's choosing, so does the code, which tells running out from
 * being refused; a forbid is named, and one that finds no row to look at errs; a trail names the owner of what is there. All of it tells
 * a record that exists from one that does not, or one category from another: so all of it is left out, always.
 */

/** Kinds that are decided on the sender's own standing and on what everyone may know: their denials hide nothing. */
const ABOUT_SELF_OR_ALL: ReadonlySet<string> = new Set<KindName>([
  'enrol',
  'rotateKey',
  'publishDelegatingKey',
  'publishDeskKey',
  'grant',
  'revoke',
  'deployPolicy',
  'amendPolicy',
  'retirePolicy',
  'propose',
  'vote',
]);

/** The one code of a denial. */
const DENIED = 'policy.denied';

/** A receipt as its sender sees it. */
export interface ReceiptFace extends Omit<Receipt, 'gasUsed'> {
  /** Null where it is not told. */
  readonly gasUsed: number | null;
}

const hides = (kind: string, outcome: Receipt['outcome']): boolean =>
  outcome === 'denied' && !ABOUT_SELF_OR_ALL.has(kind);

export const receiptFace = (kind: string, receipt: Receipt): ReceiptFace =>
  hides(kind, receipt.outcome) ? { ...receipt, code: DENIED, policies: [], gasUsed: null } : receipt;

/** A line of somebody's trail. Whose record it was about sees all of it (T-47); the trail of who was denied tells no owner. */
export const auditLineFace = (subject: Address, line: AuditLine): AuditLine =>
  hides(line.kind, line.outcome) && !(line.owner !== null && equal(line.owner, subject))
    ? { ...line, code: DENIED, policies: [], owner: null, path: null }
    : line;
