import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApi } from '../../src/api/server.ts';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { couldRead } from '../../src/ledger/can/could-read.ts';
import { PURPOSES } from '../../src/ledger/vocabulary.ts';
import { DOCTOR_A, DOCTOR_B, grantTo, OTHER, openWard, PATIENT, record, type Ward } from '../ledger/policy/ward.ts';
import { hospitalName, idOf } from '../ledger/town.ts';
import { ask, codeOf, idText, OPTIONS } from './support.ts';
import { TownService } from './town-service.ts';

const PEOPLE = [PATIENT, OTHER, DOCTOR_A, DOCTOR_B, 'a clerk', 'a suspended doctor'];
const HOSPITALS = [1, 2, 3, 4, 5].map(hospitalName);
const RECORDS = [PATIENT, OTHER];

let service: TownService;
let app: FastifyInstance;
let ward: Ward;
beforeAll(async () => {
  ward = openWard();
  ward.join('a clerk', 'administrator');
  ward.join('a suspended doctor', 'practitioner');
  const toPractitioners = { grantee: { type: 'role', id: 'practitioner' } } as const;
  grantTo(ward, OTHER, 'anyone', { ...toPractitioners, purposes: ['HRESCH', 'TREAT'] });
  ward.openDesk(hospitalName(1));
  grantTo(ward, PATIENT, 'a desk', {
    grantee: { type: 'desk', id: toHex(idOf(hospitalName(1))) },
    purposes: ['BTG'],
  });
  grantTo(ward, PATIENT, OTHER, { purposes: ['FAMRQT'] });
  ward.act(hospitalName(1), 'suspend', { participant: idOf('a suspended doctor') });
  ward.deploy(
    'keeps out',
    `forbid (principal, action == Action::"readRecord", resource) when { context.purpose == "ETREAT" };`,
  );
  service = await TownService.over(ward);
  app = await buildApi(service, OPTIONS);
});
afterAll(() => app.close());

interface Item {
  readonly record?: string;
  readonly principal?: string;
  readonly purposes: readonly { readonly purpose: string; readonly policies: readonly string[] }[];
}

/** All pages of a list, `rows` looked through at a time, and how many there were. */
async function pagesOf(name: string, url: string, rows: number): Promise<{ items: readonly Item[]; pages: number }> {
  const items: Item[] = [];
  let after = '';
  for (let pages = 1; ; pages++) {
    const response = await ask(app, service, name, { url: `${url}?limit=${rows}${after}` });
    expect(response.statusCode).toBe(200);
    const page = response.json() as { items: Item[]; next: string | null };
    expect(Object.keys(page).sort()).toEqual(['items', 'next']);
    expect(page.items.length).toBeLessThanOrEqual(rows);
    items.push(...page.items);
    if (page.next === null) return { items, pages };
    after = `&after=${page.next}`;
  }
}

/** A promise, and what fulfils it. */
function gate(): readonly [Promise<void>, () => void] {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return [opened, () => open()];
}

const readableOf = (name: string): string => `/v1/participants/${idText(idOf(name))}/readable`;
const readersOf = (of: string): string => `/v1/records/${idText(record(of))}/readers`;
const triple = (principal: string, about: string, purpose: string, by: readonly string[]): string =>
  [principal, about, purpose, ...by].join(' ');

/** Every principal × record × purpose, put to the engine one by one. */
function byBruteForce(): readonly string[] {
  const principals = [...PEOPLE, ...HOSPITALS].map((name) => idOf(name));
  return principals
    .flatMap((principal) =>
      RECORDS.flatMap((of) =>
        PURPOSES.flatMap((purpose) => {
          const question = { principal, record: record(of), purpose };
          const { allowed, reasons } = couldRead(service.env, ward.tip.view, ward.tip.header, question);
          return allowed ? [triple(toHex(principal), toHex(record(of)), purpose, reasons)] : [];
        }),
      ),
    )
    .sort();
}

describe('what one could read, and who could read it', () => {
  it.each([1, 3, 200])(
    'is what the engine answers to every principal, record and purpose: %i rows a page',
    async (rows) => {
      const byPrincipal = [];
      for (const name of [...PEOPLE, ...HOSPITALS]) {
        const { items } = await pagesOf(name, readableOf(name), rows);
        for (const { record: about = '', purposes } of items)
          for (const { purpose, policies } of purposes)
            byPrincipal.push(triple(idText(idOf(name)), about, purpose, policies));
      }
      const byRecord = [];
      for (const of of RECORDS) {
        const { items } = await pagesOf(of, readersOf(of), rows);
        for (const { principal = '', purposes } of items)
          for (const { purpose, policies } of purposes)
            byRecord.push(triple(principal, idText(record(of)), purpose, policies));
      }
      const expected = byBruteForce();
      expect(byPrincipal.sort()).toEqual(expected);
      expect(byRecord.sort()).toEqual(expected);
      expect(expected.length).toBeGreaterThan(20);
      expect(new Set(expected.map((line) => line.split(' ')[2])).size).toBeGreaterThan(4);
      expect(service.openViews).toBe(0);
    },
  );

  it('comes in pages that look through as many rows as were asked for, and say no more of them', async () => {
    const rows = PEOPLE.length + HOSPITALS.length;
    const { pages } = await pagesOf(PATIENT, readersOf(PATIENT), 2);
    expect(pages).toBe(Math.ceil(rows / 2) + (rows % 2 === 0 ? 1 : 0));
    const first = (await ask(app, service, DOCTOR_B, { url: `${readableOf(DOCTOR_B)}?limit=1` })).json();
    const place = Buffer.from(first.next, 'base64url').toString('latin1');
    for (const of of RECORDS) expect(place).not.toContain(idText(record(of)));
    expect(place).not.toContain('record/');
  });

  it('is asked again from the front where the place is another one: of nobody, of another list, of another key', async () => {
    const next = async (name: string, url: string) =>
      ((await ask(app, service, name, { url: `${url}?limit=1` })).json() as { next: string }).next;
    const own = await next(PATIENT, readersOf(PATIENT));
    const wrong = [
      'x',
      Buffer.from('record/00').toString('base64url'),
      await next(PATIENT, readableOf(PATIENT)),
      await next(OTHER, readersOf(OTHER)),
      `${own.slice(0, -3)}AAA`,
    ];
    for (const after of wrong) {
      const response = await ask(app, service, PATIENT, { url: `${readersOf(PATIENT)}?limit=1&after=${after}` });
      expect([response.statusCode, codeOf(response)]).toEqual([400, 'api-request.invalid']);
    }
    const right = await ask(app, service, PATIENT, { url: `${readersOf(PATIENT)}?limit=1&after=${own}` });
    expect(right.statusCode).toBe(200);
    // Two pages that end at one place do not look alike.
    expect(await next(PATIENT, readersOf(PATIENT))).not.toBe(own);
  });

  it('is told to nobody else: the answer is that of a person or record that is not there', async () => {
    const absent = [`/v1/participants/${'00'.repeat(20)}/readable`, `/v1/records/${'00'.repeat(32)}/readers`];
    const asked: [string, string][] = [];
    for (const name of [...PEOPLE, ...HOSPITALS, 'a stranger']) {
      for (const of of [...PEOPLE, ...HOSPITALS]) if (of !== name) asked.push([name, readableOf(of)]);
      for (const of of RECORDS) if (of !== name) asked.push([name, readersOf(of)]);
    }
    const answers = new Set<string>();
    for (const [name, url] of [...asked, [PATIENT, absent[0]], [PATIENT, absent[1]]] as [string, string][]) {
      const { statusCode, body } = await ask(app, service, name, { url });
      answers.add(`${statusCode} ${body}`);
    }
    expect([...answers]).toEqual([expect.stringMatching(/^404 .*api-view\.nothing-here/)]);
  });

  it('is paid for by the rows that a page looks through', async () => {
    const rate = { burst: 110, perSecond: 0 };
    const rationed = await buildApi(service, {
      ...OPTIONS,
      rateLimits: { perAddress: rate, perKey: { burst: 9, perSecond: 9 } },
    });
    const page = async (rows: number) =>
      (await ask(rationed, service, PATIENT, { url: `${readersOf(PATIENT)}?limit=${rows}` })).statusCode;
    // 50 tokens each: a request, and 49 for its 200 rows.
    expect([await page(200), await page(200), await page(200), await page(4)]).toEqual([200, 200, 429, 200]);
    await rationed.close();
  });

  it('is looked up for one key one page at a time', async () => {
    const page = async (name: string) => ask(app, service, name, { url: readableOf(name) });
    const { stateKeys } = service;
    const [begun, begin] = gate();
    const [held, letGo] = gate();
    service.stateKeys = async (...asked) => {
      begin();
      await held;
      return stateKeys.apply(service, asked);
    };
    const first = page(PATIENT);
    await begun;
    service.stateKeys = stateKeys;
    const second = await page(PATIENT);
    expect([second.statusCode, codeOf(second)]).toEqual([429, 'api-limit.rate']);
    expect((await page(OTHER)).statusCode).toBe(200);
    letGo();
    expect((await first).statusCode).toBe(200);
    expect((await page(PATIENT)).statusCode).toBe(200);
    expect(service.openViews).toBe(0);
  });

  it('leaves out what a block took away while the keys were listed', async () => {
    const { stateKeys } = service;
    service.stateKeys = async (prefix, after, limit) => [
      ...(await stateKeys.call(service, prefix, after, limit)),
      `${prefix}${'ff'.repeat(prefix === 'record/' ? 32 : 20)}`,
    ];
    const seen = await pagesOf(PATIENT, readableOf(PATIENT), 200);
    const readers = await pagesOf(PATIENT, readersOf(PATIENT), 200);
    service.stateKeys = stateKeys;
    expect(seen.items).toEqual((await pagesOf(PATIENT, readableOf(PATIENT), 200)).items);
    expect(readers.items).toEqual((await pagesOf(PATIENT, readersOf(PATIENT), 200)).items);
    expect(fromHex(seen.items[0]?.record ?? '')).toEqual(record(PATIENT));
  });
});
