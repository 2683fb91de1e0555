import type { Hash } from '../base/brand.ts';
import type { AuditLine } from '../ledger/audit.ts';
import type { BlockEvent, GapEvent } from './api.ts';
import { auditTrail } from './audit.ts';
import { eventSentence } from './event-sentences.ts';
import type { Session } from './session.ts';

/** Something that happened to this account (F51). */
export interface Notification {
  readonly height: number;
  readonly timestampMs: number;
  readonly transactionId: Hash;
  /** The event's name; of what was caught up from the trail, the transaction's kind. */
  readonly name: string;
  /** The id that it is about; null where only the trail tells of it. */
  readonly about: Uint8Array | null;
  readonly sentence: string;
}

export interface Heard {
  readonly notifications: readonly Notification[];
  /** The last height that was heard of: give it as `afterHeight` to go on. */
  readonly height: number;
}

/**
 * What happened to this account, block by block as they are finalised, behind `afterHeight` where it is given, until the caller leaves the loop. Each
 * block is told, also one without news, so that the caller knows where to go on.
 */
export async function* hear(
  session: Session,
  listen: { readonly afterHeight?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<Heard, void, undefined> {
  for await (const event of session.api.events(listen))
    yield event.type === 'gap' ? await fromTrail(session, event) : heardIn(event);
}

/** Everything since a height, up to the newest block there is now. */
export async function heardSince(session: Session, afterHeight: number): Promise<Heard> {
  const { height: newest } = await session.api.status();
  const notifications: Notification[] = [];
  let height = afterHeight;
  if (newest <= afterHeight) return { notifications, height };
  const leaving = new AbortController();
  for await (const heard of hear(session, { afterHeight, signal: leaving.signal })) {
    notifications.push(...heard.notifications);
    height = heard.height;
    if (height >= newest) break;
  }
  leaving.abort();
  return { notifications, height };
}

function heardIn({ height, timestampMs, events }: BlockEvent): Heard {
  const notifications = (events ?? []).map(({ name, about, transactionId }) => ({
    height,
    timestampMs,
    transactionId,
    name,
    about,
    sentence: eventSentence({ name, about }),
  }));
  return { notifications, height };
}

/** Heights that the stream no longer tells of stand in the trail, as long as the chain does. */
async function fromTrail(session: Session, { from, to }: GapEvent): Promise<Heard> {
  const told = await auditTrail(session, session.account.id);
  const missed = told.filter(({ line: { height } }) => height >= from && height <= to);
  return { notifications: missed.map(({ line, sentence }) => ({ ...placeOf(line), sentence })), height: to };
}

const placeOf = ({ height, timestampMs, transactionId, kind }: AuditLine) => ({
  height,
  timestampMs,
  transactionId,
  name: kind,
  about: null,
});
