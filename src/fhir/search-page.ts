import type { Bundle, FhirResource } from 'fhir/r4.js';
import { ok, type Result, refuse } from '../base/result.ts';
import type { FhirCode } from './codes.ts';
import { FHIR_LIMITS } from './limits.ts';

/** What was asked, and how its answers are named. */
export interface Asked {
  /** Address of the FHIR face, without a slash at its end. */
  readonly url: string;
  readonly type: FhirResource['resourceType'];
  /** The search as it was asked, without page parameters, in the order that links shall have. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** The place behind which this page begins; null for the first. */
  readonly after: string | null;
  /** Resources on the page, at most. */
  readonly count: number;
}

export interface Candidates<Item> extends Asked {
  /** What stands behind `after`, in a fixed order; read only as far as needed. */
  readonly items: Iterable<Item>;
  /** Asked of every item of every page. */
  readonly permits: (item: Item) => boolean;
}

export interface SearchPage<Item> extends Candidates<Item> {
  /** The place of an item: an opaque word that tells nothing of its neighbours. */
  readonly placeOf: (item: Item) => string;
  readonly resourceOf: (item: Item) => FhirResource;
}

export interface Chosen<Item> {
  readonly shown: readonly Item[];
  /** A permitted item stands behind these. */
  readonly isMore: boolean;
}

/**
 * One page of a search (R4, 3.1.1): every item is put to `permits`, whichever page it is on; there is no total; and a next link exists only if a
 * permitted item stands behind this page, and names the last one shown. So neither links nor lengths tell how many were held back.
 */
export function searchPage<Item>(page: SearchPage<Item>): Result<Bundle, FhirCode> {
  const chosen = choosePage(page);
  if (!chosen.ok) return chosen;
  const { shown, isMore } = chosen.value;
  const last = shown.at(-1);
  const next = isMore && last !== undefined ? page.placeOf(last) : null;
  return ok(searchset(page, shown.map(page.resourceOf), next));
}

/** The items of one page: for who must look something up before they are resources. */
export function choosePage<Item>({ count, items, permits }: Candidates<Item>): Result<Chosen<Item>, FhirCode> {
  const { pageEntriesMax, pageScanMax } = FHIR_LIMITS;
  if (!Number.isSafeInteger(count) || count < 1 || count > pageEntriesMax)
    return refuse('fhir-page.limit', { pageEntriesMax });
  const shown: Item[] = [];
  let isMore = false;
  let scanned = 0;
  for (const item of items) {
    if (++scanned > pageScanMax) return refuse('fhir-page.too-many', { pageScanMax });
    if (!permits(item)) continue;
    isMore = shown.length === count;
    if (isMore) break;
    shown.push(item);
  }
  return ok({ shown, isMore });
}

/** A page that was chosen (`choosePage`), as a Bundle; `next`: the place of its last item, where a permitted one stands behind. */
export function searchset(asked: Asked, resources: readonly FhirResource[], next: string | null): Bundle {
  const link = [{ relation: 'self', url: linkOf(asked, asked.after) }];
  if (next !== null) link.push({ relation: 'next', url: linkOf(asked, next) });
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    link,
    ...(resources.length === 0 ? {} : { entry: resources.map((resource) => entryOf(resource, asked.url, asked.type)) }),
  };
}

const entryOf = (resource: FhirResource, url: string, type: string) => ({
  ...(resource.id === undefined ? {} : { fullUrl: `${url}/${type}/${resource.id}` }),
  resource,
  search: { mode: 'match' as const },
});

function linkOf({ url, type, parameters, count }: Asked, after: string | null): string {
  const all = [
    ...parameters,
    ['_count', String(count)] as const,
    ...(after === null ? [] : [['_after', after] as const]),
  ];
  return `${url}/${type}?${all.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')}`;
}
