import type { Route } from './route.ts';
import { blockRoutes } from './routes/blocks.ts';
import { canRoutes } from './routes/can.ts';
import { custodyRoutes } from './routes/custody.ts';
import { eventRoutes } from './routes/events.ts';
import { fhirRoutes } from './routes/fhir/index.ts';
import { governanceRoutes } from './routes/governance.ts';
import { guardianRoutes } from './routes/guardians.ts';
import { handleRoutes } from './routes/handles.ts';
import { itemRoutes } from './routes/items.ts';
import { nodeRoutes } from './routes/node.ts';
import { participantRoutes } from './routes/participants.ts';
import { proofRoutes } from './routes/proofs.ts';
import { readRoutes } from './routes/reads.ts';
import { reviewRoutes } from './routes/reviews.ts';
import { searchRoutes } from './routes/search.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { trailRoutes } from './routes/trails.ts';
import { transactionRoutes } from './routes/transactions.ts';

/**
 * Every route of the API. Nothing else is served but `/docs`: Fastify's routes, the OpenAPI document and the tests of who may
 * call what are all made from this list.
 */
export const ROUTES: readonly Route[] = [
  ...nodeRoutes,
  ...transactionRoutes,
  ...blockRoutes,
  ...governanceRoutes,
  ...participantRoutes,
  ...trailRoutes,
  ...itemRoutes,
  ...canRoutes,
  ...custodyRoutes,
  ...readRoutes,
  ...reviewRoutes,
  ...guardianRoutes,
  ...searchRoutes,
  ...sessionRoutes,
  ...handleRoutes,
  ...proofRoutes,
  ...eventRoutes,
  ...fhirRoutes,
];

/** One resource's routes: one plugin. */
export function routesByTag(routes: readonly Route[]): ReadonlyMap<string, readonly Route[]> {
  const tags = new Map<string, Route[]>();
  for (const route of routes) tags.set(route.tag, [...(tags.get(route.tag) ?? []), route]);
  return tags;
}

/** Whether some route has this path, whatever its method: what tells 405 from 404. */
export function methodsOf(routes: readonly Route[], path: string): readonly string[] {
  const segments = path.split('/');
  return routes.filter((route) => fits(route.path.split('/'), segments)).map(({ method }) => method);
}

const fits = (pattern: readonly string[], segments: readonly string[]): boolean =>
  pattern.length === segments.length &&
  pattern.every((part, i) => (part.startsWith(':') ? segments[i] !== '' : part === segments[i]));
