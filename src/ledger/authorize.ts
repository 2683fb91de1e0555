import type { Address, Hash, TimestampMs } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { authorize, type Decision, type EntityUid, entity, record, type Value } from '../vm/index.ts';
import type { LedgerEnv, StateView } from './chain.ts';
import { entitiesOf } from './entities.ts';
import type { Ask } from './families/kind.ts';
import { parametersOf } from './parameters-of.ts';
import { policiesOf } from './policies.ts';
import { type PatientObjection, PatientVoice } from './policy/consult-patient.ts';
import {
  CONSORTIUM,
  guardianshipUid,
  readUid,
  recordUid,
  reviewUid,
  senderOf,
  strangerUid,
  uidOf,
} from './principal.ts';
import type { StateReader } from './state/table.ts';

/** What a view may cost: it pays no gas, so it gets a fixed allowance. */
export const VIEW_GAS = 100_000;

export interface AskedDecision extends Decision {
  /** The question that was permitted; the last one where none was. */
  readonly ask: Ask;
  /** What the record's patient had against it, whatever came of it. Never for the eyes of who asked (T-47). */
  readonly objection: PatientObjection | null;
}

/** Puts a kind's questions to the policies, in order, until one is permitted; their gas adds up. */
export function decide(
  env: LedgerEnv,
  state: StateReader,
  principal: EntityUid,
  action: string,
  asks: readonly Ask[],
  gasLimit: number,
): AskedDecision {
  const policies = policiesOf(env, state);
  const entities = entitiesOf(env, state);
  const patient = new PatientVoice(env, state, entities);
  let gasUsed = 0;
  let objection: PatientObjection | null = null;
  let answer: AskedDecision | undefined;
  for (const ask of asks) {
    const request = {
      principal,
      action: entity('Action', action),
      resource: ask.resource,
      context: record(ask.context),
    };
    let decision = authorize(policies, request, entities, gasLimit - gasUsed);
    gasUsed += decision.gasUsed;
    if (decision.allowed) {
      const answered = patient.ask(request, gasLimit - gasUsed);
      gasUsed += answered.gasUsed;
      objection = answered.objection ?? objection;
      if (answered.outOfGas || answered.objection !== null) decision = denied(decision, answered.outOfGas);
    }
    answer = { ...decision, gasUsed, ask, objection };
    if (decision.allowed || decision.outOfGas) break;
  }
  if (answer === undefined) throw new RangeError('a kind asks at least one question');
  return answer;
}

/** As where no policy permits: the answer does not tell a patient's own policy from the absence of a grant. */
const denied = (decision: Decision, outOfGas: boolean): Decision => ({
  ...decision,
  allowed: false,
  reasons: [],
  outOfGas,
});

/** What a person or a program wants to look at. */
export type ViewResource =
  | { readonly type: 'Consortium' }
  | { readonly type: 'Participant'; readonly id: Address }
  | { readonly type: 'Record'; readonly id: Uint8Array }
  | { readonly type: 'Read'; readonly id: Hash }
  | { readonly type: 'Request'; readonly id: Hash }
  | { readonly type: 'Review'; readonly id: Hash }
  | { readonly type: 'Guardianship'; readonly id: Hash };

export interface View {
  /** The key that signed the request; null where nothing was signed. */
  readonly keyAddress: Address | null;
  readonly action: string;
  readonly resource: ViewResource;
  readonly context?: Readonly<Record<string, Value>>;
}

/** Who may *see* what: the same policies, the same engine, no other rule (DESIGN.md, idea 2). `timestampMs` is the tip's. */
export function authorizeView(
  env: LedgerEnv,
  state: StateView,
  timestampMs: TimestampMs,
  view: View,
): Decision & { readonly principal: EntityUid } {
  const principal = principalOf(state, view.keyAddress);
  const context = {
    ...view.context,
    nowMs: BigInt(timestampMs),
    height: BigInt(state.height),
    readOpenHeights: BigInt(parametersOf(env, state).readOpenHeights),
  };
  const ask = { resource: resourceUid(state, view.resource), context };
  return { ...decide(env, state, principal, view.action, [ask], VIEW_GAS), principal };
}

export function principalOf(state: StateReader, keyAddress: Address | null): EntityUid {
  if (keyAddress === null) return strangerUid(null);
  const sender = senderOf(state, keyAddress);
  if (sender.standing !== 'bound') return strangerUid(keyAddress);
  return uidOf(state, sender.id) ?? strangerUid(keyAddress);
}

function resourceUid(state: StateReader, resource: ViewResource): EntityUid {
  switch (resource.type) {
    case 'Consortium':
      return CONSORTIUM;
    case 'Participant':
      return uidOf(state, resource.id) ?? strangerUid(resource.id);
    case 'Record':
      return recordUid(resource.id);
    case 'Read':
      return readUid(resource.id);
    case 'Review':
      return reviewUid(resource.id);
    case 'Request':
      return entity('Request', toHex(resource.id));
    case 'Guardianship':
      return guardianshipUid(resource.id);
  }
}
