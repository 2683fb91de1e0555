import { API_LIMITS } from './limits.ts';

/** Items of the page that is asked for. The route's schema has checked the form; this checks the bound. */
export const pageLimit = (query: Readonly<Record<string, string>>): number =>
  Math.min(Number(query.limit ?? API_LIMITS.pageItemsDefault), API_LIMITS.pageItemsMax);

/** A place in somebody's audit trail: transaction `index` of block `height`. */
export interface TrailPlace {
  readonly height: number;
  readonly index: number;
}

export const trailPlaceText = ({ height, index }: TrailPlace): string => `${height}.${index}`;

export function trailPlaceOf(text: string | undefined): TrailPlace | null | undefined {
  if (text === undefined) return null;
  const [, height, index] = /^(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,8})$/.exec(text) ?? [];
  return height === undefined ? undefined : { height: Number(height), index: Number(index) };
}

export const isAfter = (place: TrailPlace, other: TrailPlace): boolean =>
  place.height > other.height || (place.height === other.height && place.index > other.index);
