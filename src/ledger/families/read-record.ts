import type { Address } from '../../base/brand.ts';
import { equal, toHex } from '../../base/bytes.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { LedgerCode } from '../codes.ts';
import { openEvaluation, type ReadUnder } from '../evaluation/open-evaluation.ts';
import type { LedgerEvent } from '../receipt.ts';
import type { StateWriter } from '../state/table.ts';
import { grants, type RecordRow, readCounts, reads, records } from '../state/tables.ts';
import type { ReadPath } from '../vocabulary.ts';
import { breakGlass } from './break-glass.ts';
import { concernOfRecord } from './consent.ts';
import { type ApplySetting, type Ask, event, type Kind, NO_SIGNATURES } from './kind.ts';
import type { Payload } from './payloads.ts';
import { readAsks } from './read-asks.ts';

/** The only way to a record: decided, logged, and opening nothing unless applied (CHAIN.md, "Transaction"). */
export const readRecord: Kind<'readRecord'> = {
  signatures: NO_SIGNATURES,
  asks: readAsks,
  concern: concernOfRecord,
  apply: (setting, state, payload, permitted) => {
    const row = records.get(state, toHex(payload.record));
    if (row === undefined || row.status !== 'live') return refuse('record.unknown');
    // To what is no point no holder could seal a share, and all would be rated for it.
    if (setting.primitives.addPoints([payload.freshKey]) === undefined) return refuse('read.fresh-key');
    const { sender, height, timestampMs, transactionId } = setting;
    const path = equal(row.owner, sender) ? 'self' : (permitted.path ?? 'grant');
    const opened = OPENED_BY[path](setting, state, { payload, row, permitted });
    if (!opened.ok) return opened;
    const { record, purpose, freshKey } = payload;
    reads.set(
      state,
      {
        record,
        owner: row.owner,
        reader: sender,
        version: row.version,
        envelopeHash: row.envelopeHash,
        purpose,
        freshKey,
        path,
        grantId: opened.value.grantId,
        height,
        timestampMs,
      },
      toHex(transactionId),
    );
    const before = readCounts.get(state, toHex(record), toHex(sender))?.allowed ?? 0;
    readCounts.set(state, { allowed: before + 1, lastHeight: height }, toHex(record), toHex(sender));
    const told = [event('RecordRead', row.owner, transactionId), event('RecordRead', sender, transactionId)];
    return ok([...told, ...opened.value.events]);
  },
};

/** A permitted read of a live record. */
export interface PermittedRead {
  readonly payload: Payload<'readRecord'>;
  readonly row: RecordRow;
  /** The question that was permitted. */
  readonly permitted: Ask;
}

/** What the path's keys come from, and who is told beside owner and reader. */
interface Opened {
  /** All zero where no grant's shares open it. */
  readonly grantId: Uint8Array;
  readonly events: readonly LedgerEvent[];
}

type OpenPath = (setting: ApplySetting, state: StateWriter, read: PermittedRead) => Result<Opened, LedgerCode>;

const NO_GRANT: Opened = { grantId: new Uint8Array(32), events: [] };

/** Each path of keys (PRIVACY.md, "Emergencies"): what it asks for beyond the permit, and what it leaves behind. */
const OPENED_BY: Readonly<Record<ReadPath, OpenPath>> = {
  self: () => ok(NO_GRANT),
  guardian: () => ok(NO_GRANT),
  grant: (setting, state, { row, permitted }) => ok(underGrant(setting, state, useGrant(state, row.owner, permitted))),
  desk: (setting, state, read) => {
    const used = useGrant(state, read.row.owner, read.permitted);
    const broken = breakGlass(setting, state, read, used?.grant);
    return broken.ok ? ok({ ...underGrant(setting, state, used), events: broken.value }) : broken;
  },
};

/** Holders answer a read under a grant. One that brings no fragments permits, and nobody has a share to answer with. */
function underGrant(setting: ApplySetting, state: StateWriter, used: ReadUnder | undefined): Opened {
  if (used !== undefined && used.grant.holders.length > 0) openEvaluation(setting, state, used);
  return used === undefined ? NO_GRANT : { ...NO_GRANT, grantId: used.grant.grantId };
}

/** Counts the use of the grant that the permitted question named. */
function useGrant(state: StateWriter, owner: Address, { grantKey }: Ask): ReadUnder | undefined {
  const grant = grantKey === undefined ? undefined : grants.get(state, toHex(owner), grantKey);
  if (grant === undefined || grantKey === undefined) return undefined;
  if (grant.usesLeft !== null) grants.set(state, { ...grant, usesLeft: grant.usesLeft - 1 }, toHex(owner), grantKey);
  return { owner, grantKey, grant };
}
