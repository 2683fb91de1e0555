import type { Type } from './types.ts';

const LENGTH_MAX = 80;
const NAMES: Partial<Record<Type['kind'], string>> = { bool: 'Bool', long: 'Long', string: 'String', never: 'Nothing' };

/** A type as a schema would write it, short enough for a sentence. */
export function textOf(type: Type): string {
  const text = write(type, 3);
  return text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX - 1)}…` : text;
}

function write(type: Type, depth: number): string {
  if (depth === 0) return '…';
  switch (type.kind) {
    case 'entity':
      return [...type.types].slice(0, 4).join(' or ');
    case 'set':
      return `Set<${write(type.element, depth - 1)}>`;
    case 'record': {
      const shown = [...type.attributes].slice(0, 4);
      const fields = shown.map(
        ([name, { type: of, required }]) => `${name}${required ? '' : '?'}: ${write(of, depth - 1)}`,
      );
      if (type.open || type.attributes.size > shown.length) fields.push('…');
      return `{${fields.join(', ')}}`;
    }
    default:
      return NAMES[type.kind] ?? type.kind;
  }
}
