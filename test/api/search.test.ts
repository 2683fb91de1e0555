import { describe, expect, it } from 'vitest';
import { API_LIMITS } from '../../src/api/limits.ts';
import { toHex } from '../../src/base/bytes.ts';
import { encode } from '../../src/base/canonical.ts';
import { buildIndex, encodeIndex } from '../../src/crypto/search/index-build.ts';
import { makeTrapdoor } from '../../src/crypto/search/trapdoor.ts';
import { NODE_CODES } from '../../src/node/codes.ts';
import { STORAGE_LIMITS } from '../../src/storage/limits.ts';
import { apiOver, ask, DAG_CBOR, hash, primitives, type Request } from './support.ts';
import { buildWorld, type World } from './world.ts';

const root = hash('identity root');
const build = hash('build').slice(0, 16);
const nameIn = ({ service }: World) => ({ chainId: service.env.chainId, hospital: service.hospital, epoch: 1, build });

const putting = ({ patient }: World, index: Record<string, unknown>): Request => ({
  method: 'PUT',
  url: `/v1/participants/${patient}/search-index`,
  body: encode(index as never),
  type: DAG_CBOR,
});
const searching = ({ patient }: World, body: object, query = ''): Request => ({
  method: 'POST',
  url: `/v1/participants/${patient}/search${query}`,
  body,
});
const indexIn = (world: World) => {
  const postings = new Map([['asthma', [hash('record one')]]]);
  const built = buildIndex(primitives, { identityRoot: root, name: nameIn(world), padding: 'coarse' }, postings);
  if (!built.ok) throw new Error(built.rejection.code);
  return { epoch: 1, build, entries: encodeIndex(built.value) };
};
const trapdoorIn = (world: World, keyword: string) => {
  const { trapdoor } = makeTrapdoor(root, nameIn(world), keyword);
  return { epoch: 1, build: toHex(build), labelKey: toHex(trapdoor.labelKey) };
};

describe('the search of a patient', () => {
  it('answers the sealed postings of a trapdoor, which are all alike in length, and none for another', async () => {
    const world = await buildWorld();
    const app = await apiOver(world.service);
    expect((await ask(app, world.service, 'patient', putting(world, indexIn(world)))).json()).toEqual({ entries: 8 });
    const hit = await ask(app, world.service, 'patient', searching(world, trapdoorIn(world, 'asthma')));
    const { matches } = hit.json() as { matches: string[] };
    expect([hit.statusCode, matches.length, new Set(matches.map((one) => one.length))]).toEqual([
      200,
      8,
      new Set([106]),
    ]);
    const miss = await ask(app, world.service, 'patient', searching(world, trapdoorIn(world, 'gout')));
    expect([miss.statusCode, miss.json()]).toEqual([200, { matches: [] }]);
  });

  it('is no way around the grant: a doctor names the category, and stands under no grant of another', async () => {
    const world = await buildWorld();
    const app = await apiOver(world.service);
    const category = toHex(world.service.town.category('patient'));
    const statusOf = async (who: string, query: string) => {
      const body = { epoch: 0, build: '00'.repeat(16), labelKey: '01'.repeat(32) };
      return (await ask(app, world.service, who, searching(world, body, query))).statusCode;
    };
    expect(await statusOf('doctor', `?category=${category}`)).toBe(200);
    expect(await statusOf('doctor', '')).toBe(404);
    expect(await statusOf('doctor', `?category=${'00'.repeat(16)}`)).toBe(404);
    expect(await statusOf('other patient', `?category=${category}`)).toBe(404);
    expect(await statusOf('doctor', '?category=xyz')).toBe(404);
    expect(await statusOf('patient', '?category=xyz')).toBe(400);
  });

  it('takes an index of its form alone, up to the size that is stored', async () => {
    const world = await buildWorld();
    const app = await apiOver(world.service, { codes: NODE_CODES });
    const put = async (index: Record<string, unknown>) => {
      const answer = await ask(app, world.service, 'patient', putting(world, index));
      return answer.statusCode === 200 ? 'kept' : (answer.json() as { error: { code: string } }).error.code;
    };
    const index = indexIn(world);
    expect(await put(index)).toBe('kept');
    expect(await put({ ...index, entries: index.entries.slice(1) })).toBe('crypto-search.index-malformed');
    expect(await put({ ...index, build: new Uint8Array(15) })).toBe('shape.out-of-range');
    expect(await put({ ...index, more: 1 })).toBe('shape.unknown-field');
    expect(await put({ ...index, epoch: 0 })).toBe('node-search.epoch-ended');
    expect(API_LIMITS.searchIndexBytesMax).toBe(STORAGE_LIMITS.searchIndexBytesMax);
    const tooLarge = { ...index, entries: new Uint8Array(API_LIMITS.searchIndexBytesMax) };
    expect(await put(tooLarge)).toBe('api-body.too-large');
    expect(await put({ ...index, entries: new Uint8Array(0) })).toBe('kept');
    const gone = await ask(app, world.service, 'patient', searching(world, trapdoorIn(world, 'asthma')));
    expect((gone.json() as { error: { code: string } }).error.code).toBe('crypto-search.wrong-index');
  });

  it('costs an address as much as it makes the hospital do', async () => {
    const world = await buildWorld();
    const rates = {
      perAddress: { burst: 3 * API_LIMITS.searchTokens, perSecond: 0.001 },
      perKey: { burst: 100, perSecond: 100 },
    };
    const app = await apiOver(world.service, { rateLimits: rates });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++)
      statuses.push(
        (await ask(app, world.service, 'patient', searching(world, trapdoorIn(world, 'asthma')))).statusCode,
      );
    expect(statuses).toEqual([400, 400, 400, 429, 429]);
  });
});
