import type { Patch } from './bug.ts';

/** A global that a planted module sets when it runs: whoever planted it can see that it did. */
export const PLANTED = 'carechain.planted-bug';

export class PatchError extends Error {
  readonly code = 'simulator-bug.wrong-place';
  override readonly name = 'PatchError';
}

/** How often `text` stands in `source`. */
export const occurrences = (source: string, text: string): number => source.split(text).length - 1;

/** Whether a module is the file of a patch, as source or compiled. */
export const isFileOf = ({ file }: Pick<Patch, 'file'>, url: string): boolean =>
  new URL(url).pathname.endsWith(`/${file.replace(/\.ts$/, '.js')}`);

/** The source with its mistake. A patch that has no place, or several, is a defect of the bug bank. */
export function planted(source: string, { name, file, find, replace }: Patch): string {
  const places = occurrences(source, find);
  if (places !== 1) throw new PatchError(`${name}: ${places} places in ${file}, where one was expected`);
  return `${source.replace(find, () => replace)}\nglobalThis[Symbol.for('${PLANTED}')] = '${name}';\n`;
}

/** The bug whose module has run in this thread, if any. */
export const plantedHere = (): unknown => (globalThis as Record<symbol, unknown>)[Symbol.for(PLANTED)];
