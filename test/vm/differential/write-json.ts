import type { Datum, Uid } from './datum.ts';

/**
 * Cedar's JSON, as text: `JSON.stringify` has no exact integers. `explicit` decides for each entity and extension value
 * whether it carries its escape; without, only a schema tells what it is.
 */
export type Style = { readonly explicit: () => boolean };
export const EXPLICIT: Style = { explicit: () => true };

const quoted = (text: string): string => JSON.stringify(text);

export function jsonOf(datum: Datum, style: Style): string {
  switch (datum.kind) {
    case 'bool':
    case 'long':
      return String(datum.value);
    case 'string':
      return quoted(datum.value);
    case 'entity':
      return style.explicit() ? `{"__entity":${uidJson(datum)}}` : uidJson(datum);
    case 'extension': {
      const { fn, text } = datum;
      return style.explicit() ? `{"__extn":{"fn":${quoted(fn)},"arg":${quoted(text)}}}` : quoted(text);
    }
    case 'set':
      return `[${datum.items.map((item) => jsonOf(item, style)).join(',')}]`;
    case 'record':
      return fieldsJson(datum.fields, style);
  }
}

export const fieldsJson = (fields: readonly (readonly [string, Datum])[], style: Style): string =>
  `{${fields.map(([name, value]) => `${quoted(name)}:${jsonOf(value, style)}`).join(',')}}`;

export const uidJson = ({ type, id }: Uid): string => `{"type":${quoted(type)},"id":${quoted(id)}}`;
