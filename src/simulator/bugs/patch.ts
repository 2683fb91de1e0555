import type { Edit, Patch } from './bug.ts';

/** A global that planted modules note themselves in when they run: whoever planted them can see that they did. */
export const PLANTED = 'carechain.planted-bug';

export class PatchError extends Error {
  readonly code = 'simulator-bug.wrong-place';
  override readonly name = 'PatchError';
}

/** How often `text` stands in `source`. */
export const occurrences = (source: string, text: string): number => source.split(text).length - 1;

/** Whether a module is the file of an edit, as source or compiled. */
export const isFileOf = ({ file }: Pick<Edit, 'file'>, url: string): boolean =>
  new URL(url).pathname.endsWith(`/${file.replace(/\.ts$/, '.js')}`);

const noteOf = (name: string, file: string): string => `${name} in ${file}`;

/** The source with its mistake. A patch that has no place, or several, is a defect of the bug bank. */
export function planted(source: string, name: string, edits: readonly Edit[]): string {
  let text = source;
  for (const { file, find, replace } of edits) {
    const places = occurrences(text, find);
    if (places !== 1) throw new PatchError(`${name}: ${places} places in ${file}, where one was expected`);
    text = text.replace(find, () => replace);
  }
  const note = JSON.stringify(noteOf(name, edits[0]?.file ?? ''));
  return `${text}\n(globalThis[Symbol.for('${PLANTED}')] ??= []).push(${note});\n`;
}

/** What the modules of a patch note when they have run, sorted. */
export const notesOf = ({ name, edits }: Patch): readonly string[] =>
  [...new Set(edits.map(({ file }) => noteOf(name, file)))].sort();

/** The planted modules that have run in this thread, sorted. */
export function plantedHere(): readonly string[] {
  const notes = (globalThis as Record<symbol, unknown>)[Symbol.for(PLANTED)];
  return Array.isArray(notes) ? [...notes].sort() : [];
}
