/** Keys sort by length, then by bytes. */
export const byLengthThenBytes = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);

/** The field names of a map: in the order of its object, in the order in which they are written, and as they are written there. */
export interface MapForm {
  readonly names: readonly string[];
  readonly sorted: readonly string[];
  readonly texts: readonly Uint8Array[];
}

/** Forms that were written lately, by their first and last name: nearly every map is of one of some fifty. */
const FORMS_MAX = 512;
/** One with more names, or longer ones, is not kept. */
const FORM_BYTES_MAX = 512;
const forms = new Array<MapForm | undefined>(FORMS_MAX).fill(undefined);

/** The form of a map with these names, each once; `undefined` where `encode` does not encode one of them. */
export function formOf(
  names: readonly string[],
  encode: (name: string) => Uint8Array | undefined,
): MapForm | undefined {
  const slot = (names.length * 37 + weightOf(names[0]) * 5 + weightOf(names[names.length - 1]) * 11) % FORMS_MAX;
  const known = forms[slot];
  if (known !== undefined && isSame(known.names, names)) return known;
  const sorted = [...names].sort(byLengthThenBytes);
  const texts: Uint8Array[] = [];
  let bytes = 0;
  for (const name of sorted) {
    const text = encode(name);
    if (text === undefined) return undefined;
    texts.push(text);
    bytes += text.length;
  }
  const form = { names, sorted, texts };
  if (bytes <= FORM_BYTES_MAX) forms[slot] = form;
  return form;
}

const weightOf = (name: string | undefined): number =>
  name === undefined || name === '' ? 0 : name.length + name.charCodeAt(0);

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
