import type { Expected } from './checker.ts';
import type { RecordOf, Type } from './types.ts';

type Of<K extends Type['kind']> = Type & { readonly kind: K };

export const A_BOOL: Expected<Of<'bool'>> = { name: 'Bool', fits: (type): type is Of<'bool'> => type.kind === 'bool' };
export const A_LONG: Expected = { name: 'Long', fits: (type): type is Type => type.kind === 'long' };
export const A_STRING: Expected = { name: 'String', fits: (type): type is Type => type.kind === 'string' };
export const A_SET: Expected<Of<'set'>> = { name: 'a set', fits: (type): type is Of<'set'> => type.kind === 'set' };
export const AN_ENTITY: Expected<Of<'entity'>> = {
  name: 'an entity',
  fits: (type): type is Of<'entity'> => type.kind === 'entity',
};
export const ENTITY_OR_RECORD: Expected<Of<'entity'> | RecordOf> = {
  name: 'an entity or a record',
  fits: (type): type is Of<'entity'> | RecordOf => type.kind === 'entity' || type.kind === 'record',
};
/** What stands on the right of `in`. The empty set fits: it holds no entity. */
export const ENTITIES: Expected<Of<'entity'> | Of<'set'>> = {
  name: 'an entity or a set of entities',
  fits: (type): type is Of<'entity'> | Of<'set'> => {
    const element = type.kind === 'set' ? type.element : type;
    return element.kind === 'entity' || (type.kind === 'set' && element.kind === 'never');
  },
};
