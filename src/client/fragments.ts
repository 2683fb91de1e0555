import type { Address, Hash, PublicKey } from '../base/brand.ts';
import { compareBytes, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { directDelegation } from '../crypto/direct-delegation.ts';
import { SCALAR_ENTROPY_BYTES } from '../crypto/keys.ts';
import { fragmentsHashOf } from '../ledger/signed-words.ts';
import { type AllowedRead, requestRead } from './allowed-read.ts';
import type { FragmentsRequest } from './api.ts';
import type { Session } from './session.ts';
import type { Wallet } from './wallet.ts';

type Fragment = FragmentsRequest['fragments'][number];

export interface IssueForGrant {
  readonly grantId: Uint8Array;
  /** The grantee's receiving key. */
  readonly grantee: PublicKey;
  readonly holders: readonly Address[];
  readonly records: readonly Uint8Array[];
}

export interface IssuedFragments {
  /** By record id, and for each record by holder. */
  readonly fragments: readonly Fragment[];
  /** What each holder's receipt must sign, by the holder's id in hexadecimal. */
  readonly expected: ReadonlyMap<string, Hash>;
}

/**
 * One fragment for each record and holder. The patient's device first reads each record itself, through the chain like everyone,
 * because the envelope opens only after an applied read; it needs no ciphertext.
 */
export async function issueForGrant(
  session: Session,
  wallet: Wallet,
  input: IssueForGrant,
): Promise<Result<IssuedFragments>> {
  const fragments: Fragment[] = [];
  for (const record of [...input.records].sort(compareBytes)) {
    const allowed = await requestRead(session, { record, purpose: 'PATRQT' });
    if (!allowed.ok) return allowed;
    const issued = issueForRecord(session, wallet, input, allowed.value);
    if (!issued.ok) return issued;
    fragments.push(...issued.value);
  }
  return ok({ fragments, expected: expectedHashes(session, input.holders, fragments) });
}

function issueForRecord(
  { device, trust }: Session,
  wallet: Wallet,
  { grantId, grantee, holders }: IssueForGrant,
  { read, row, envelopeBytes }: AllowedRead,
): Result<readonly Fragment[]> {
  const label = wallet.labelOf(row.category);
  if (label === undefined) return refuse('client-read.wrong-path');
  const issued = directDelegation(device.primitives).issueFragments({
    name: { chainId: trust.chainId, recordId: read.record, version: read.version },
    grantId,
    envelope: envelopeBytes,
    cid: row.cid,
    delegatingSecret: wallet.delegatingKey(label, row.epoch).secretKey,
    grantee,
    holders,
    entropy: device.random(SCALAR_ENTROPY_BYTES),
  });
  return issued.ok ? ok(issued.value.map((fragment) => ({ ...fragment, record: read.record }))) : issued;
}

function expectedHashes(
  { device }: Session,
  holders: readonly Address[],
  fragments: readonly Fragment[],
): ReadonlyMap<string, Hash> {
  const idsOf = (holder: Address): Hash[] =>
    fragments.filter((one) => toHex(one.holder) === toHex(holder)).map(({ fragmentId }) => fragmentId);
  return new Map(holders.map((holder) => [toHex(holder), fragmentsHashOf(device.primitives, idsOf(holder))]));
}
