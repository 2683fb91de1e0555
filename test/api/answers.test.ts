import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonSchema } from '../../src/api/route.ts';
import { ROUTES } from '../../src/api/route-table.ts';
import { buildApi } from '../../src/api/server.ts';
import { ok, refuse } from '../../src/base/result.ts';
import { REQUESTS } from './requests.ts';
import { ask, hash, OPTIONS } from './support.ts';
import { buildWorld, type World } from './world.ts';

let world: World;
let app: FastifyInstance;
beforeAll(async () => {
  world = await buildWorld();
  app = await buildApi(world.service, OPTIONS);
});
afterAll(() => app.close());

/** Whether a value has the form of a schema, by the validator that Fastify brings. */
async function fits(value: unknown, schema: JsonSchema): Promise<boolean> {
  const judge = Fastify({ ajv: { customOptions: { coerceTypes: false, removeAdditional: false } } });
  judge.get('/', async (request) => ({ fits: request.validateInput(value, schema) }));
  const answer = await judge.inject('/');
  return (answer.json() as { fits: boolean }).fits;
}

/** What is served inside a session alone is asked there: `sessions.test.ts`. */
const JSON_ROUTES = ROUTES.filter(
  ({ answer, onlyInSession }) => answer.contentType === 'application/json' && onlyInSession !== true,
);

/** Who is answered, where that is not the patient. */
const READERS: readonly (readonly [routes: string, reader: string])[] = [
  ['GET /v1/reads', 'doctor'],
  ['GET /v1/guardianships', 'other patient'],
  ['GET /v1/reviews', 'hospital 1'],
  ['POST /v1/handles/evaluations', 'hospital 1'],
];

describe('every JSON answer', () => {
  it.each(JSON_ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'of %s has the form that the OpenAPI document says',
    async (name, { answer }) => {
      world.service.submitted = [ok(hash('a transaction')), refuse('mempool.full', { n: 1 })];
      const request = REQUESTS[name]?.(world);
      if (request === undefined) throw new Error(`no request for ${name}`);
      const [, reader = 'patient'] = READERS.find(([routes]) => name.startsWith(routes)) ?? [];
      const response = await ask(app, world.service, reader, request);
      expect(response.statusCode).toBe(answer.status);
      const value: unknown = response.json();
      expect(await fits(value, answer.schema as JsonSchema)).toBe(true);
      // The judge is awake: it would see a field too many.
      if (
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        answer.schema?.properties !== undefined
      )
        expect(await fits({ ...value, more: 1 }, answer.schema)).toBe(false);
    },
  );
});
