import type { LoadHook } from 'node:module';
import type { Patch } from './bug.ts';
import { isFileOf, planted } from './patch.ts';

/** Module hooks of one worker, in Node's loader thread: they change a few files while they are loaded. */
let patch: Patch | null = null;

export function initialize(data: Patch): void {
  patch = data;
}

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (patch === null || !url.startsWith('file:')) return loaded;
  const edits = patch.edits.filter((edit) => isFileOf(edit, url));
  const { source } = loaded;
  if (edits.length === 0 || source === undefined || source === null) return loaded;
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  return { ...loaded, source: planted(text, patch.name, edits) };
};
