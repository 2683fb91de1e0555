import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogueOf } from '../../src/api/catalogue.ts';
import { CONTENT_TYPES } from '../../src/api/route.ts';
import { methodsOf, ROUTES } from '../../src/api/route-table.ts';
import { buildApi } from '../../src/api/server.ts';
import { toHex } from '../../src/base/bytes.ts';
import type { CodeEntry } from '../../src/base/result.ts';
import { Town } from '../ledger/town.ts';
import { apiOver, inject, OPTIONS } from './support.ts';
import { TownService } from './town-service.ts';

interface Operation {
  readonly summary: string;
  readonly security: readonly Record<string, unknown>[];
  readonly requestBody?: { readonly content: Record<string, unknown> };
  readonly responses: Record<string, unknown>;
}
type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

const inOpenApi = (path: string): string => path.replace(/:(\w+)/g, '{$1}');

describe('the OpenAPI document', () => {
  it('has the routes of the table and no other', async () => {
    const app = await apiOver(await TownService.over());
    const { paths } = (await inject(app, { url: '/openapi.json' })).json() as Document;
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${inOpenApi(path)}`).sort());
  });

  it('says of each route its summary, who must sign, its body and its answers', async () => {
    const app = await apiOver(await TownService.over());
    const { paths } = (await inject(app, { url: '/openapi.json' })).json() as Document;
    for (const { method, path, summary, access, body, answer } of ROUTES) {
      const operation = paths[inOpenApi(path)]?.[method.toLowerCase()] as Operation;
      expect(operation.summary).toBe(summary);
      const mustSign = access !== 'open' && access.anonymous !== true;
      expect(operation.security.length === 1 && 'signature' in (operation.security[0] as object)).toBe(mustSign);
      expect(Object.keys(operation.requestBody?.content ?? {})).toEqual(
        body === undefined ? [] : [CONTENT_TYPES[body.kind]],
      );
      expect(Object.keys(operation.responses)).toEqual(
        expect.arrayContaining(
          [String(answer.status), '4XX', '5XX'].map((name) => expect.stringMatching(new RegExp(name, 'i'))),
        ),
      );
    }
  });

  it('is shown by Swagger UI under /docs, where that is wished', async () => {
    const service = await TownService.over();
    const shown = await inject(await apiOver(service, { docs: true }), { url: '/docs/' });
    expect([shown.statusCode, shown.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    // Its scripts are its own files: the page's policy must let them run.
    expect(shown.headers['content-security-policy']).toContain("script-src 'self'");
    expect((await inject(await apiOver(service), { url: '/docs/' })).statusCode).toBe(404);
  });
});

describe('the server', () => {
  it('has no route beside the table', async () => {
    const app = await buildApi(await TownService.over(), OPTIONS);
    const found: string[] = [];
    for (const { method, path } of ROUTES) if (app.hasRoute({ method, url: path })) found.push(`${method} ${path}`);
    expect(found).toHaveLength(ROUTES.length);
    const printed =
      app.printRoutes({ commonPrefix: false }).match(/\((?:GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS)[^)]*\)/g) ?? [];
    expect(printed.join().match(/GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS/g)).toHaveLength(ROUTES.length);
    await app.close();
  });

  it('tells the methods of a path', () => {
    expect(methodsOf(ROUTES, '/v1/transactions')).toEqual(['POST']);
    expect([...methodsOf(ROUTES, '/v1/transactions/batch')].sort()).toEqual(['GET', 'POST']);
    expect(methodsOf(ROUTES, '/v1/blocks//body')).toEqual([]);
  });
});

describe('the catalogue', () => {
  /** Folders whose codes never travel over HTTP, or that bring them along through `codes`. */
  const NOT_JOINED = ['bench', 'client', 'consortium', 'node', 'simulator', 'web'];

  it('joins the list of every folder that the API may import', async () => {
    const root = new URL('../../src/', import.meta.url).pathname;
    const folders = readdirSync(root).filter((name) => !NOT_JOINED.includes(name));
    const files = [...folders, 'ledger/tree'].filter((name) => existsSync(join(root, name, 'codes.ts')));
    expect(files).toContain('ledger');
    const joined = catalogueOf();
    for (const name of files) {
      const module = (await import(join(root, name, 'codes.ts'))) as Record<string, Record<string, CodeEntry>>;
      for (const list of Object.values(module))
        for (const [code, entry] of Object.entries(list)) expect([code, joined.get(code)]).toEqual([code, entry]);
    }
  });

  it('takes the codes of the node along', async () => {
    const service = await TownService.over();
    service.submit = async () => [{ ok: false, rejection: { code: 'node.busy-elsewhere', detail: { n: 1 } } }];
    const codes = { 'node.busy-elsewhere': { status: 503, meaning: 'Busy.' } };
    const response = await inject(await apiOver(service, { codes }), {
      method: 'POST',
      url: '/v1/transactions',
      body: { signed: toHex(service.someTransaction()) },
    });
    expect(response.statusCode).toBe(503);
    expect(response.headers['retry-after']).toBe('1');
    expect(response.json()).toEqual({ error: { code: 'node.busy-elsewhere', message: 'Busy.', detail: { n: 1 } } });
  });
});

describe('the genesis file', () => {
  it('is sent to the byte: its hash is the chain id', async () => {
    const town = new Town();
    const app = await apiOver(await TownService.over(town));
    const { rawPayload } = await inject(app, { url: '/v1/genesis' });
    expect(town.env.primitives.hash(new Uint8Array(rawPayload))).toEqual(town.env.chainId);
  });
});
