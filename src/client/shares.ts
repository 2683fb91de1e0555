import type { Hash, PublicKey } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { type Combined, combineShares, type HolderShare } from '../crypto/combine-shares.ts';
import { shareHashOf } from '../crypto/read-share.ts';
import type { GrantKeys } from '../crypto/umbral/types.ts';
import { grantKeyOf } from '../ledger/grant-key.ts';
import { fragmentsHashOf } from '../ledger/signed-words.ts';
import { reviews } from '../ledger/state/desk-tables.ts';
import type { StateReader } from '../ledger/state/table.ts';
import {
  delegatingEpochs,
  type Evaluation,
  evaluations,
  type GrantRow,
  grants,
  participants,
} from '../ledger/state/tables.ts';
import type { AllowedRead } from './allowed-read.ts';
import type { HeldShare } from './api.ts';
import { provenState } from './proven.ts';
import type { Session } from './session.ts';
import type { Wallet } from './wallet.ts';

/** What the holders answered, and what came of it. */
export interface OpenedShares extends Combined {
  /** t of the grant. */
  readonly threshold: number;
  /** One of each holder that answered. */
  readonly shares: readonly HolderShare[];
}

/**
 * Paths `grant` and `desk`: any t shares of the grant's holders open what the author sealed to the patient. How many, whose, and under which keys is what
 * the chain proves, not what a hospital says. What became of each share, and what the chain can be told of it: review-shares.ts.
 */
export async function openShares(
  session: Session,
  wallet: Wallet,
  allowed: AllowedRead,
): Promise<Result<OpenedShares>> {
  const { device, trust, api } = session;
  // Asked for at once; judged by what is proven.
  const answered = api.readShares(allowed.sent.id);
  answered.catch(() => {});
  const state = await stateBehind(session, allowed);
  if (!state.ok) return state;
  const grant = grantBehind(state.value, allowed);
  if (!grant.ok) return grant;
  const keys = keysBehind(state.value, allowed);
  if (!keys.ok) return keys;
  const shares = answersOfHolders(session, grant.value, evaluationOf(state.value, allowed), await answered);
  const combined = combineShares(device.primitives, {
    chainId: trust.chainId,
    readId: allowed.sent.id,
    envelope: allowed.envelope,
    capsule: allowed.capsule,
    keys: keys.value,
    shares,
    threshold: grant.value.threshold,
    freshSecret: allowed.freshSecret,
    receivingSecret: (allowed.desk ?? wallet.receiving).secretKey,
  });
  return ok({ ...combined, shares, threshold: grant.value.threshold });
}

/** The keys that every share must have been made under. */
export async function provenGrantKeys(session: Session, allowed: AllowedRead): Promise<Result<GrantKeys>> {
  const state = await stateBehind(session, allowed);
  return state.ok ? keysBehind(state.value, allowed) : state;
}

/** All that shares are held to, in one proof of one height. */
const stateBehind = (session: Session, allowed: AllowedRead): Promise<Result<StateReader>> => {
  const { read, row, sent } = allowed;
  const [owner, reader] = [toHex(row.owner), toHex(read.reader)];
  return provenState(session, [
    grants.key(owner, grantKeyOfRead(allowed)),
    delegatingEpochs.key(owner, toHex(row.category), String(row.epoch)),
    participants.key(owner),
    ...(reader === owner ? [] : [participants.key(reader)]),
    evaluations.key(toHex(sent.id)),
    ...(allowed.desk === undefined ? [] : [reviews.key(toHex(sent.id))]),
  ]);
};

const grantKeyOfRead = ({ read, row, desk }: AllowedRead): string =>
  grantKeyOf(
    desk === undefined ? { type: 'person', id: toHex(read.reader) } : { type: 'desk', id: toHex(desk.hospital) },
    row.category,
  );

const evaluationOf = (state: StateReader, { sent }: AllowedRead): Evaluation | undefined =>
  evaluations.get(state, toHex(sent.id));

/** The grant that the read used. How many shares open it is the patient's word, not a hospital's. */
function grantBehind(state: StateReader, allowed: AllowedRead): Result<GrantRow> {
  const grant = grants.get(state, toHex(allowed.row.owner), grantKeyOfRead(allowed));
  return grant !== undefined && equal(grant.grantId, allowed.read.grantId)
    ? ok(grant)
    : refuse('client-read.grant-gone');
}

function keysBehind(state: StateReader, { sent, read, row, desk }: AllowedRead): Result<GrantKeys> {
  const owner = toHex(row.owner);
  const delegatingPk = delegatingEpochs.get(state, owner, toHex(row.category), String(row.epoch));
  const verifyingPk = participants.get(state, owner)?.signingKey as PublicKey | undefined;
  const receiver =
    desk === undefined ? participants.get(state, toHex(read.reader)) : reviews.get(state, toHex(sent.id));
  const receivingPk = receiver?.receivingKey as PublicKey | undefined;
  if (!delegatingPk || !verifyingPk || !receivingPk) return refuse('client-record.unknown');
  return ok({ verifyingPk, delegatingPk, receivingPk });
}

/**
 * One answer of each holder, as far as it names the very fragments that the grant names; an answer of anybody else is none. The hospital that gathers
 * them may have altered any, so what a holder has committed on chain already tells which are its own: these come first, and what differs
 * counts only where too few others hold.
 */
function answersOfHolders(
  { device: { primitives } }: Session,
  { holders }: GrantRow,
  evaluation: Evaluation | undefined,
  answers: readonly HeldShare[],
): readonly HolderShare[] {
  const own: HolderShare[] = [];
  const other: HolderShare[] = [];
  for (const { hospital, fragmentsHash } of holders) {
    const of = answers.filter(
      ({ holder, fragmentIds }) =>
        equal(holder, hospital) && equal(fragmentsHashOf(primitives, fragmentIds), fragmentsHash),
    );
    const committed = evaluation?.answers.find((answer) => equal(answer.hospital, hospital))?.shareHash;
    const fits = ({ share }: HeldShare) =>
      committed === undefined || equal(shareHashOf(primitives, share), committed as Hash);
    const fitting = of.find(fits);
    if (fitting !== undefined) own.push(fitting);
    else other.push(...of.slice(0, 1));
  }
  return [...own, ...other];
}
