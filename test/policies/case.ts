import type { Height, TimestampMs } from '../../src/base/brand.ts';
import { authorizeView, type ViewResource } from '../../src/ledger/authorize.ts';
import { executeTransaction } from '../../src/ledger/execute-transaction.ts';
import { readAct } from '../../src/ledger/families/index.ts';
import type { KindName, Payload } from '../../src/ledger/families/payloads.ts';
import { senderOf } from '../../src/ledger/principal.ts';
import type { StateReader } from '../../src/ledger/state/table.ts';
import { authorize, type EntityUid, entity, record, type Value } from '../../src/vm/index.ts';
import { idOf } from '../ledger/town.ts';
import { type EntityData, overlaid } from './entity-data.ts';
import type { World } from './world.ts';

export interface Answer {
  readonly permitted: boolean;
  /** The policies that decided. */
  readonly by: readonly string[];
}
export interface Expected extends Answer {
  /** Policies that find nothing to look at, and err: a row that they read is not there. */
  readonly erring: readonly string[];
}

/** The world, and the state that is asked: the world's, with the rows that no transaction makes. */
export interface Stage {
  readonly world: World;
  readonly state: StateReader;
}
export type Asking = (stage: Stage) => Answer;
export type Case = readonly [name: string, asking: Asking, expected: Expected];

export const permitted = (...by: readonly string[]): Expected => ({ permitted: true, by, erring: [] });
export const denied = (...by: readonly string[]): Expected => ({ permitted: false, by, erring: [] });
export const erring = (expected: Expected, ...policies: readonly string[]): Expected => ({
  ...expected,
  erring: policies,
});

type Given<T> = T | ((world: World) => T);
const made = <T>(given: Given<T>, world: World): T =>
  typeof given === 'function' ? (given as (world: World) => T)(world) : given;

/** A transaction, executed on the state in the next block, or in one of another time. */
export const does =
  <K extends KindName>(who: string, kind: K, payload: Given<Payload<K>>, atMs?: number): Asking =>
  ({ world, state }) => {
    const signed = world.sign(who, kind, made(payload, world));
    const act = readAct(signed.transaction);
    if (!act.ok) throw new Error(`${kind}: ${act.rejection.code}`);
    const sender = senderOf(state, signed.keyAddress);
    const id = sender.standing === 'bound' ? sender.id : signed.keyAddress;
    const timestampMs = (atMs ?? world.tip.header.timestampMs + 1_000) as TimestampMs;
    const place = { height: world.nextHeight, timestampMs, index: 0 };
    const admitted = { act: act.value, sender: id, next: 0 };
    const { receipt } = executeTransaction(world.env, state, place, signed, admitted);
    return { permitted: receipt.outcome !== 'denied', by: receipt.policies };
  };

/** Something looked at through the API. `who` is null where nothing was signed. */
export const sees =
  (
    who: string | null,
    action: string,
    resource: Given<ViewResource>,
    context: Readonly<Record<string, Value>> = {},
    height?: (world: World) => number,
  ): Asking =>
  ({ world, state }) => {
    const at = (height?.(world) ?? world.height) as Height;
    const view = { ...world.tip.view, height: at, get: (key: string) => state.get(key) };
    const keyAddress = who === null ? null : idOf(who);
    const what = { keyAddress, action, resource: made(resource, world), context };
    const { allowed, reasons } = authorizeView(world.env, view, world.tip.header.timestampMs, what);
    return { permitted: allowed, by: reasons };
  };

export interface Question {
  readonly principal: EntityUid;
  readonly action: string;
  readonly resource: EntityUid;
  readonly context?: Readonly<Record<string, Value>>;
  /** What stands over the state's own entities. */
  readonly entities?: readonly EntityData[];
}

/** A question that no transaction and no route puts today, though the schema allows it. */
export const asks =
  (given: Given<Question>): Asking =>
  ({ world, state }) => {
    const { principal, action, resource, context = {}, entities = [] } = made(given, world);
    const request = { principal, action: entity('Action', action), resource, context: record(context) };
    const reader = overlaid(world.env, state, entities);
    const { allowed, reasons } = authorize(world.policies, request, reader, 100_000);
    return { permitted: allowed, by: reasons };
  };
