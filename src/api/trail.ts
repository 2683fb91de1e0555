import { assert } from '../base/assert.ts';
import type { Address, Height } from '../base/brand.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { type AuditLine, decodeAuditLine } from '../ledger/audit.ts';
import { API_LIMITS } from './limits.ts';
import { isAfter, type TrailPlace } from './paging.ts';
import type { NodeService } from './service.ts';

export interface TrailPiece {
  readonly lines: readonly AuditLine[];
  /** Nothing stands behind these lines. */
  readonly isEnd: boolean;
}

/** At most `limit` lines of somebody's audit trail behind a place, oldest first. */
export async function trailAfter(
  service: NodeService,
  subject: Address,
  after: TrailPlace | null,
  limit: number,
): Promise<Result<TrailPiece>> {
  // The node reads from the beginning of a height: lines of that height up to `after` come once more, at most index + 1.
  const repeated = after === null ? 0 : after.index + 1;
  const asked = Math.min(limit + repeated, API_LIMITS.trailLinesMax);
  const entries = await service.audit(subject, (after?.height ?? 0) as Height, asked);
  const fresh = entries.filter((entry) => after === null || isAfter(entry, after));
  const isWhole = entries.length < asked;
  // Without a new line in a full answer, no next page could ever come further.
  if (fresh.length === 0 && !isWhole) return refuse('api-view.trail-too-dense', { linesMax: API_LIMITS.trailLinesMax });
  const lines = fresh.slice(0, limit).map(({ entry }) => readLine(entry));
  return ok({ lines, isEnd: isWhole && fresh.length <= limit });
}

function readLine(entry: Uint8Array): AuditLine {
  const line = decodeAuditLine(entry);
  assert(line.ok, 'a stored audit line decodes');
  return line.value;
}
