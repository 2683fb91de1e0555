import { Random } from '../../../src/simulator/random.ts';
import { type Datum, drawDatum, type Uid } from './datum.ts';
import { type DrawnEntity, drawEntities, idOf } from './draw-entities.ts';
import { type DrawnPolicy, drawPolicy } from './draw-policy.ts';
import { drawSchema } from './draw-schema.ts';
import { drawScene, type Scene } from './scene.ts';
import { schemaText } from './write-schema.ts';

export interface DrawnRequest {
  readonly principal: Uid;
  readonly action: Uid;
  readonly resource: Uid;
  readonly context: readonly (readonly [string, Datum])[];
}

/** All that one seed gives: policies, the entities and requests they are asked about, and the schema of all. */
export interface World {
  readonly seed: number;
  readonly schemaText: string;
  readonly entities: readonly DrawnEntity[];
  readonly policies: readonly DrawnPolicy[];
  readonly requests: readonly DrawnRequest[];
}

const POLICY_IDS = ['p', 'é', 'a b', '', '"', 'P'];
const POLICIES = { min: 4, max: 12 };
/** Many, since reading policies and a schema costs the official engine more than deciding. */
const REQUESTS = 24;

export function drawWorld(seed: number): World {
  const random = new Random(seed);
  const drawn = drawSchema(random);
  const { schema } = drawn;
  const entities = drawEntities(random, schema);
  // Policies and requests mostly about the same: else few policies would get as far as their conditions.
  const main = drawScene(random, schema);
  const someScene = (): Scene => (random.chance(0.75) ? main : drawScene(random, schema));
  const policies = Array.from({ length: random.integer(POLICIES.min, POLICIES.max) }, (_, n) =>
    drawPolicy(random, someScene(), `${random.pick(POLICY_IDS)}${n}`),
  );
  return {
    seed,
    schemaText: schemaText(random, drawn),
    entities,
    policies,
    requests: Array.from({ length: REQUESTS }, () => drawRequest(random, someScene())),
  };
}

function drawRequest(random: Random, { schema, principal, action, resource, context }: Scene): DrawnRequest {
  const pickId = (type: string): string => idOf(random, schema, type);
  const some = (usual: string): Uid => {
    const type = random.chance(0.95) ? usual : random.pick([...schema.entityTypes.keys(), 'Nowhere']);
    return { type, id: pickId(type) };
  };
  const { fields } = drawDatum(random, context, pickId) as Extract<Datum, { kind: 'record' }>;
  const other = random.pick([...schema.actions.values()]).uid;
  return {
    principal: some(principal),
    action: random.chance(0.95) ? action : { type: other.type, id: random.chance(0.5) ? other.id : 'unknown' },
    resource: some(resource),
    context: random.chance(0.9) ? fields : spoiled(random, fields),
  };
}

function spoiled(random: Random, fields: readonly (readonly [string, Datum])[]): readonly (readonly [string, Datum])[] {
  const extra = ['zz', { kind: 'long', value: 1n }] as const;
  if (random.chance(0.4)) return [...fields, extra];
  return random.chance(0.5) ? fields.slice(1) : fields.map(([name]) => [name, { kind: 'string', value: 'x' }] as const);
}
