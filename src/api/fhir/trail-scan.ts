import type { Address } from '../../base/brand.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { FHIR_LIMITS } from '../../fhir/index.ts';
import type { AuditLine } from '../../ledger/audit.ts';
import { API_LIMITS } from '../limits.ts';
import { type TrailPlace, trailPlaceOf } from '../paging.ts';
import type { Call } from '../route.ts';
import { trailAfter } from '../trail.ts';

/** Where a page begins in somebody's trail. */
export function trailStart({ query }: Call): Result<TrailPlace | null> {
  const after = trailPlaceOf(query._after);
  return after === undefined ? refuse('api-request.invalid', { at: '/_after' }) : ok(after);
}

/** Lines of a trail that count, up to `wanted`: looked for in so many lines at most, beyond which the question is refused. */
export async function scanTrail(
  { service, shared, remoteAddress }: Call,
  subject: Address,
  {
    after,
    wanted,
    counts,
  }: { readonly after: TrailPlace | null; readonly wanted: number; counts(line: AuditLine): boolean },
): Promise<Result<readonly AuditLine[]>> {
  const { pageScanMax } = FHIR_LIMITS;
  const found: AuditLine[] = [];
  let place = after;
  for (let looked = 0; looked < pageScanMax; ) {
    const piece = await trailAfter(service, subject, place, API_LIMITS.requestScanLinesMax);
    if (!piece.ok) return piece;
    const { lines, isEnd } = piece.value;
    found.push(...lines.filter(counts));
    if (isEnd || found.length >= wanted) return ok(found.slice(0, wanted));
    looked += lines.length;
    place = lines.at(-1) ?? place;
    if (!shared.charge(remoteAddress, 1)) return refuse('api-limit.rate');
  }
  return refuse('fhir-page.too-many', { pageScanMax });
}
