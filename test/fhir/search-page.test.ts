import fc from 'fast-check';
import type { Bundle } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { FHIR_LIMITS, type SearchPage, searchPage } from '../../src/fhir/index.ts';
import { expectValid } from './judge.ts';

const URL = 'https://hospital.example/fhir';
interface Item {
  readonly id: string;
  readonly hidden: boolean;
}
const page = (all: readonly Item[], after: string | null, count: number, change: Partial<SearchPage<Item>> = {}) => {
  const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  return searchPage<Item>({
    url: URL,
    type: 'Provenance',
    parameters: [['target', 'DocumentReference/a b']],
    after,
    count,
    items: all.slice(from),
    placeOf: ({ id }) => id,
    permits: ({ hidden }) => !hidden,
    resourceOf: ({ id }) => ({
      resourceType: 'Provenance',
      id,
      target: [{ reference: 'DocumentReference/1' }],
      recorded: '2026-01-01T00:00:00Z',
      agent: [{ who: { reference: 'Practitioner/1' } }],
    }),
    ...change,
  });
};
const made = (result: ReturnType<typeof page>): Bundle => {
  if (!result.ok) throw new Error(result.rejection.code);
  return result.value;
};
const nextOf = ({ link = [] }: Bundle): string | null => {
  const url = link.find(({ relation }) => relation === 'next')?.url;
  return url === undefined ? null : new globalThis.URL(url).searchParams.get('_after');
};
const items = fc
  .array(fc.boolean(), { maxLength: 60 })
  .map((hidden) => hidden.map((one, index) => ({ id: `i${index}`, hidden: one })));

function walk(all: readonly Item[], count: number): Bundle[] {
  const pages: Bundle[] = [];
  for (let after: string | null = null; ; ) {
    const bundle = made(page(all, after, count));
    pages.push(bundle);
    after = nextOf(bundle);
    if (after === null) return pages;
  }
}

describe('a search, page by page', () => {
  it('shows every permitted resource once, and no other on any page', () => {
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 9 }), (all, count) => {
        const shown = walk(all, count).flatMap(({ entry = [] }) => entry.map(({ resource }) => resource?.id));
        expect(shown).toEqual(all.filter(({ hidden }) => !hidden).map(({ id }) => id));
      }),
      { numRuns: 200 },
    );
  });

  it('tells nothing of what is held back: with it and without it, the pages are the same, byte for byte', () => {
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 9 }), (all, count) => {
        const visible = all.filter(({ hidden }) => !hidden);
        expect(JSON.stringify(walk(all, count))).toBe(JSON.stringify(walk(visible, count)));
      }),
      { numRuns: 200 },
    );
  });

  it('is valid R4 without a total, and its links keep the question', () => {
    const all = Array.from({ length: 5 }, (_, index) => ({ id: `i${index}`, hidden: index === 1 }));
    for (const bundle of [...walk(all, 2), made(page([], null, 2))]) {
      expectValid(bundle);
      expect(Object.keys(bundle)).not.toContain('total');
      expect(
        bundle.link?.every(({ url }) => url.startsWith(`${URL}/Provenance?target=DocumentReference%2Fa%20b&_count=2`)),
      ).toBe(true);
    }
  });

  it('has no page of 0 or of more than the limit (pageEntriesMax)', () => {
    expect(page([], null, 0)).toMatchObject({ rejection: { code: 'fhir-page.limit' } });
    expect(page([], null, FHIR_LIMITS.pageEntriesMax + 1)).toMatchObject({ rejection: { code: 'fhir-page.limit' } });
    expect(page([], null, FHIR_LIMITS.pageEntriesMax).ok).toBe(true);
  });

  it('refuses, rather than answers by a part, where too much would have to be looked at (pageScanMax)', () => {
    const many = (length: number) => Array.from({ length }, (_, index) => ({ id: `${index}`, hidden: true }));
    expect(page(many(FHIR_LIMITS.pageScanMax), null, 1).ok).toBe(true);
    expect(page(many(FHIR_LIMITS.pageScanMax + 1), null, 1)).toMatchObject({
      rejection: { code: 'fhir-page.too-many' },
    });
  });
});
