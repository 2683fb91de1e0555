import type { Result } from '../../src/base/result.ts';
import {
  type AuthorizationRequest,
  authorize,
  type Decision,
  type Entity,
  type EntityReader,
  type EntityUid,
  entity,
  type PolicySet,
  parsePolicies,
  type RecordValue,
  record,
  type Value,
} from '../../src/vm/index.ts';

export function accepted<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.rejection)}`);
  return result.value;
}

export const codeOf = (result: Result<unknown>): string => (result.ok ? 'accepted' : result.rejection.code);

export interface EntityData {
  readonly parents?: readonly EntityUid[];
  readonly attributes?: Readonly<Record<string, Value>>;
  readonly tags?: Readonly<Record<string, Value>>;
}

/** Entities by `Type::id`. */
export function reader(data: Readonly<Record<string, EntityData>>): EntityReader & { readonly reads: string[] } {
  const all = new Map<string, Entity>();
  for (const [name, { parents = [], attributes = {}, tags = {} }] of Object.entries(data)) {
    const [fields, labels] = [record(attributes).fields, record(tags).fields];
    all.set(name, { parents, attribute: (key) => fields.get(key), tag: (key) => labels.get(key) });
  }
  const reads: string[] = [];
  return {
    reads,
    entity: (uid) => {
      reads.push(`${uid.type}::${uid.id}`);
      return all.get(`${uid.type}::${uid.id}`);
    },
  };
}

export const ALICE = entity('User', 'alice');
export const READ = entity('Action', 'read');
export const CHART = entity('Chart', '1');

export const requestOf = (context: RecordValue = record({})): AuthorizationRequest => ({
  principal: ALICE,
  action: READ,
  resource: CHART,
  context,
});

export const GAS_LIMIT = 1_000_000;

export function decide(
  policies: PolicySet | string,
  options: { entities?: EntityReader; context?: RecordValue; gas?: number } = {},
): Decision {
  const set = typeof policies === 'string' ? accepted(parsePolicies(policies)) : policies;
  return authorize(set, requestOf(options.context), options.entities ?? reader({}), options.gas ?? GAS_LIMIT);
}

/** What a condition came to: `true`, `false`, or the code of its failure. */
export function judged(expression: string, options: { entities?: EntityReader; context?: RecordValue } = {}): string {
  const decision = decide(`permit(principal, action, resource) when { ${expression} };`, options);
  return decision.errors[0]?.code ?? String(decision.allowed);
}
