import { toHex } from '../../base/bytes.ts';
import type { Grantee } from '../../ledger/families/payloads.ts';
import type { GrantRow } from '../../ledger/state/tables.ts';
import type { GrantTerms } from './types.ts';

/** A row of the state (`grant/<patient>/<grant key>`): one category of a grant. */
export interface GrantedRow {
  readonly grantee: Grantee;
  readonly category: Uint8Array;
  readonly row: GrantRow;
}

/** A grant that stands, put together again from its rows. */
export interface StandingTerms {
  /** Transaction that granted, in hexadecimal. */
  readonly grant: string;
  readonly grantedHeight: number;
  /** `uses` is what is left: of several categories the least. */
  readonly terms: GrantTerms;
  /** By time or uses it covers nothing more. */
  readonly isOver: boolean;
}

/** Rows of one transaction are one grant, in the order in which the rows come; a row that a later grant replaced is that one's. */
export function standingTerms(rows: readonly GrantedRow[], nowMs: number): readonly StandingTerms[] {
  const grants = new Map<string, GrantedRow[]>();
  for (const one of rows) {
    const key = toHex(one.row.grant);
    grants.set(key, [...(grants.get(key) ?? []), one]);
  }
  return [...grants].map(([grant, members]) => standing(grant, members, nowMs));
}

function standing(grant: string, members: readonly GrantedRow[], nowMs: number): StandingTerms {
  const [first] = members;
  if (first === undefined) throw new TypeError('a group has a member');
  const { grantee, row } = first;
  const counted = members.flatMap((one) => (one.row.usesLeft === null ? [] : [one.row.usesLeft]));
  const uses = counted.length === 0 ? null : Math.min(...counted);
  return {
    grant,
    grantedHeight: row.grantedHeight,
    terms: {
      grantee,
      categories: members.map(({ category, row: { epochFrom, epochTo } }) => ({ category, epochFrom, epochTo })),
      purposes: row.purposes,
      access: row.access,
      expires: row.expires,
      uses,
      // The state does not keep which request a grant answered.
      request: null,
    },
    isOver: row.expires <= nowMs || uses === 0,
  };
}
