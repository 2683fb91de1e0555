import type { StateReader } from '../state/table.ts';

/** A state whose keys can be listed, page by page. */
export interface StateRows extends StateReader {
  /** Keys that begin with `prefix`, behind `after`, in the order of their bytes, at most `limit`. */
  keys(prefix: string, after: string | null, limit: number): readonly string[];
}
