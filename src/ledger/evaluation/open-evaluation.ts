import type { Address, TimestampMs } from '../../base/brand.ts';
import { toHex } from '../../base/bytes.ts';
import type { Setting } from '../families/kind.ts';
import { openReads } from '../state/evaluation-tables.ts';
import type { StateWriter } from '../state/table.ts';
import { evaluations, type GrantRow } from '../state/tables.ts';
import { DAY_MS, HOUR_MS } from './deadlines.ts';
import { enqueue } from './queues.ts';

/** A read under a grant, and the key under which that stands. */
export interface ReadUnder {
  readonly owner: Address;
  readonly grantKey: string;
  readonly grant: GrantRow;
}

type Reading = Pick<Setting, 'transactionId' | 'sender' | 'timestampMs'>;

/** What is evaluated is each allowed read, not the grant: one serves many reads over months (docs/features.md, "How we read them"). */
export function openEvaluation(setting: Reading, state: StateWriter, { owner, grantKey, grant }: ReadUnder): void {
  const { transactionId: read, sender: reader, timestampMs: readMs } = setting;
  const { threshold, oraclesMin, holders } = grant;
  evaluations.set(
    state,
    {
      owner,
      reader,
      readMs,
      grant: grant.grant,
      grantKey,
      threshold,
      oraclesMin,
      oraclesMax: Math.min(grant.oraclesMax, holders.length),
      holders,
      answers: [],
      closesMs: (readMs + DAY_MS) as TimestampMs,
      state: 'open',
      ratings: [],
      winner: null,
    },
    toHex(read),
  );
  const open = openReads.get(state, toHex(grant.grant)) ?? 0;
  openReads.set(state, open + 1, toHex(grant.grant));
  enqueue(state, 'hour', read, readMs + HOUR_MS);
}
