import type { EntityUid } from '../values/value.ts';
import type { RecordType, Schema } from './schema.ts';

/** One kind of request that a schema allows: types of principal and resource, the action itself, the type of its context. */
export interface RequestEnvironment {
  readonly principal: string;
  readonly action: EntityUid;
  readonly resource: string;
  readonly context: RecordType;
}

/** Every kind of request, in the schema's order: what a policy must make sense in. At most `schemaEnvironmentsMax`. */
export function environmentsOf(schema: Schema): readonly RequestEnvironment[] {
  const environments: RequestEnvironment[] = [];
  for (const { uid: action, appliesTo } of schema.actions.values()) {
    if (appliesTo === undefined) continue;
    const { principals, resources, context } = appliesTo;
    for (const principal of principals)
      for (const resource of resources) environments.push({ principal, action, resource, context });
  }
  return environments;
}

/** How many there are, without making them: a few lines can mean millions. */
export function environmentCount({ actions }: Schema): number {
  let count = 0;
  for (const { appliesTo } of actions.values())
    count += (appliesTo?.principals.size ?? 0) * (appliesTo?.resources.size ?? 0);
  return count;
}
