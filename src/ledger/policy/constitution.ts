import { ok, type Result, refuse } from '../../base/result.ts';
import { authorize, type Entity, type EntityUid, entity, type PolicySet, record } from '../../vm/index.ts';
import { keyOfUid, type Schema } from '../../vm/schema/schema.ts';
import type { LedgerCode } from '../codes.ts';
import type { NamedPolicy } from './compose.ts';
import { INALIENABLE, INALIENABLE_ACTIONS, type Question } from './inalienable.ts';
import { POLICY_LIMITS } from './limits.ts';
import { actionsOf, literalsOf } from './literals.ts';
import { actionEntity } from './schema-of.ts';

/**
 * Whether the way back stays open under these policies (T-53): every inalienable question is permitted, to everyone whom it belongs to,
 * whatever else the state may hold one day. It is decided by asking. What the policies could tell apart is asked in every form; they name
 * nobody there, and an answer that looked at anything but who asks, and what, does not count.
 */
export function checkConstitution(
  schema: Schema,
  set: PolicySet,
  policies: readonly NamedPolicy[],
): Result<null, LedgerCode> {
  for (const { id, policy } of policies)
    if (couldDecide(schema, policy.scope) && literalsOf(policy).some(isSomebody))
      return refuse('policy.names-somebody', { policy: id });
  const { constitutionGasMax, questionGasMax } = POLICY_LIMITS;
  let gas: number = constitutionGasMax;
  for (const question of INALIENABLE) {
    const world = new ProbeWorld(schema, question);
    const { principal, action, resource, context } = question;
    const request = { principal, action: entity('Action', action), resource, context: record(context) };
    const decision = authorize(set, request, world, Math.min(gas, questionGasMax));
    gas -= decision.gasUsed;
    if (!decision.allowed || world.lookedElsewhere)
      return refuse('policy.locks-out', detailOf(question, decision.reasons));
  }
  return ok(null);
}

const detailOf = ({ principal, action, context }: Question, forbids: readonly string[]) => ({
  principal: principal.type,
  action,
  change: String(context.change ?? ''),
  forbids: forbids.join(' '),
});

/** A scope without actions takes any; a group takes what is in it. */
function couldDecide(schema: Schema, scope: NamedPolicy['policy']['scope']): boolean {
  const named = actionsOf(scope);
  if (named === undefined) return true;
  return INALIENABLE_ACTIONS.some((id) => {
    const action = keyOfUid(entity('Action', id));
    const above = schema.actions.get(action)?.ancestors;
    return named.some((uid) => keyOfUid(uid) === action || above?.has(keyOfUid(uid)));
  });
}

const NOBODY: ReadonlySet<string> = new Set(['Action', 'Consortium']);
const isSomebody = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'kind' in value &&
  value.kind === 'entity' &&
  !NOBODY.has((value as EntityUid).type);

/** The one who asks, the consortium, the actions; and a note whether anything else was looked at. */
class ProbeWorld {
  lookedElsewhere = false;
  readonly #schema: Schema;
  readonly #question: Question;

  constructor(schema: Schema, question: Question) {
    this.#schema = schema;
    this.#question = question;
  }

  entity(uid: EntityUid): Entity | undefined {
    const { principal, attributes, parents } = this.#question;
    if (uid.type === principal.type && uid.id === principal.id)
      return { parents, attribute: (name) => attributes.get(name) ?? this.#elsewhere(), tag: () => this.#elsewhere() };
    if (uid.type === 'Consortium') return { parents: [], attribute: () => undefined, tag: () => undefined };
    if (uid.type === 'Action') return actionEntity(this.#schema, uid);
    return this.#elsewhere();
  }

  #elsewhere(): undefined {
    this.lookedElsewhere = true;
    return undefined;
  }
}
