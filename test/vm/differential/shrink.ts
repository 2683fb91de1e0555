import type { DrawnPolicy } from './draw-policy.ts';
import type { DrawnRequest, World } from './draw-world.ts';
import { childrenOf, LEVEL, leaf, type Term, textOf, withChild } from './term.ts';

/** Questions that one shrinking may ask. */
const TRIES_MAX = 3_000;

/** The smallest world found in which `fails` still holds: each step takes one thing away. */
export function shrink(world: World, fails: (world: World) => boolean): World {
  let smallest = world;
  let tries = 0;
  for (let shrunk = true; shrunk; ) {
    shrunk = false;
    for (const candidate of smaller(smallest)) {
      if (++tries > TRIES_MAX) return smallest;
      if (!fails(candidate)) continue;
      smallest = candidate;
      shrunk = true;
      break;
    }
  }
  return smallest;
}

/** Worlds with one thing less, the largest things first. */
function* smaller(world: World): Generator<World> {
  const { requests, policies, entities } = world;
  if (requests.length > 1) for (const request of requests) yield { ...world, requests: [request] };
  if (requests.length === 1) yield { ...world, requests: [] };
  for (const less of without(policies)) yield { ...world, policies: less };
  for (const less of without(entities)) yield { ...world, entities: less };
  yield* each(policies, smallerPolicies, (policies) => ({ ...world, policies }));
  yield* each(requests, smallerRequests, (requests) => ({ ...world, requests }));
  yield* each(entities, smallerEntities, (entities) => ({ ...world, entities }));
  for (const lines of without(world.schemaText.split('\n'))) yield { ...world, schemaText: lines.join('\n') };
}

function* without<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < items.length; i++) yield items.toSpliced(i, 1);
}

function* each<T>(
  items: readonly T[],
  smallerItems: (item: T) => Iterable<T>,
  rebuild: (items: readonly T[]) => World,
): Generator<World> {
  for (const [i, item] of items.entries()) for (const less of smallerItems(item)) yield rebuild(items.with(i, less));
}

function* smallerPolicies(policy: DrawnPolicy): Generator<DrawnPolicy> {
  for (const conditions of without(policy.conditions)) yield { ...policy, conditions };
  for (const links of without(policy.links)) yield { ...policy, links };
  if (policy.annotations !== '') yield { ...policy, annotations: '' };
  for (const variable of ['principal', 'action', 'resource'] as const)
    if (policy[variable] !== '' && !policy[variable].includes('?')) yield { ...policy, [variable]: '' };
  for (const [i, condition] of policy.conditions.entries())
    for (const body of smallerTerms(condition.body))
      yield { ...policy, conditions: policy.conditions.with(i, { ...condition, body }) };
}

function* smallerRequests(request: DrawnRequest): Generator<DrawnRequest> {
  for (const context of without(request.context)) yield { ...request, context };
}

function* smallerEntities(entity: World['entities'][number]): Generator<World['entities'][number]> {
  for (const attributes of without(entity.attributes)) yield { ...entity, attributes };
  for (const tags of without(entity.tags)) yield { ...entity, tags };
  for (const parents of without(entity.parents)) yield { ...entity, parents };
}

const SIMPLEST: Readonly<Record<string, readonly string[]>> = {
  bool: ['true', 'false'],
  long: ['0', '1'],
  string: ['""'],
};

/** The term's own parts of its type, the simplest of its type, then the same for each of its parts. */
function* smallerTerms(term: Term): Generator<Term> {
  const text = textOf(term);
  for (const simple of SIMPLEST[term.type] ?? [])
    if (simple.length < text.length) yield leaf(term.type, LEVEL.primary, simple);
  yield* partsOfType(term, term.type);
  for (const [n, child] of childrenOf(term).entries())
    for (const less of smallerTerms(child)) yield withChild(term, n, less);
}

function* partsOfType(term: Term, type: string): Generator<Term> {
  for (const child of childrenOf(term)) {
    if (child.type === type) yield child;
    else yield* partsOfType(child, type);
  }
}
