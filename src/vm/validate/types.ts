import type { ExtensionValue } from '../values/value.ts';

/** What the checker knows of an expression's value: a schema's types, and four that no schema writes (see each). */
export type Type =
  /** No value at all: what `[]` holds. Below every type. */
  | { readonly kind: 'never' }
  /** `only` is the one boolean that it can be (Cedar's `True` and `False` types); undefined where it can be either. */
  | { readonly kind: 'bool'; readonly only: boolean | undefined }
  | { readonly kind: 'long' | 'string' | ExtensionKind }
  /** An entity of any of `types`, never empty. More than one comes about in permissive mode only. */
  | { readonly kind: 'entity'; readonly types: ReadonlySet<string> }
  | { readonly kind: 'set'; readonly element: Type }
  | RecordOf;

export type ExtensionKind = 'decimal' | 'ipaddr' | 'datetime' | 'duration';

export interface RecordOf {
  readonly kind: 'record';
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** It may have attributes beside these: a bound of two different records (permissive mode only). */
  readonly open: boolean;
}

export interface Attribute {
  readonly type: Type;
  readonly required: boolean;
}

export const NEVER: Type = { kind: 'never' };
export const BOOL: Type = { kind: 'bool', only: undefined };
export const TRUE: Type = { kind: 'bool', only: true };
export const FALSE: Type = { kind: 'bool', only: false };
export const LONG: Type = { kind: 'long' };
export const STRING: Type = { kind: 'string' };

export const boolOf = (only: boolean | undefined): Type => (only === undefined ? BOOL : only ? TRUE : FALSE);

/** The one boolean that a value of this type can be, if there is one. */
export const onlyOf = (type: Type | undefined): boolean | undefined => (type?.kind === 'bool' ? type.only : undefined);

export const kindOfExtension = (value: ExtensionValue): ExtensionKind => (value.kind === 'ip' ? 'ipaddr' : value.kind);

/** The namespace holds its actions under the type `Action`; no other entity type may have that name. */
export const isActionType = (name: string): boolean => name === 'Action' || name.endsWith('::Action');
