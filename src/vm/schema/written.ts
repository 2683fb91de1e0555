/** A schema as written, before any name means something. `at` is an offset in its text, in UTF-16 units. */
export interface WrittenNamespace {
  /** Empty for declarations outside any namespace. */
  readonly name: string;
  readonly at: number;
  readonly entities: WrittenEntity[];
  readonly actions: WrittenAction[];
  readonly types: WrittenCommonType[];
}

/** A name where it stands: a declared one has one part, a type may have several (`A::B`). */
export interface WrittenName {
  readonly name: string;
  readonly at: number;
}

export type WrittenType =
  | ({ readonly kind: 'name' } & WrittenName)
  | { readonly kind: 'set'; readonly element: WrittenType; readonly at: number }
  | WrittenRecord;

export interface WrittenRecord {
  readonly kind: 'record';
  /** Of two attributes with one name the last counts, as in the official engine. */
  readonly attributes: ReadonlyMap<string, { readonly type: WrittenType; readonly required: boolean }>;
  readonly at: number;
}

export interface WrittenEntity {
  readonly names: readonly WrittenName[];
  readonly parents: readonly WrittenName[];
  readonly attributes: WrittenRecord;
  readonly tags: WrittenType | undefined;
  readonly ids: readonly string[] | undefined;
}

export interface WrittenAction {
  readonly names: readonly WrittenName[];
  readonly parents: readonly WrittenActionName[];
  readonly appliesTo: WrittenAppliesTo | undefined;
}

/** `name`, or `Some::Action::"name"`. */
export interface WrittenActionName extends WrittenName {
  readonly type: string | undefined;
}

export interface WrittenAppliesTo {
  readonly principals: readonly WrittenName[];
  readonly resources: readonly WrittenName[];
  readonly context: WrittenType | undefined;
}

export interface WrittenCommonType extends WrittenName {
  readonly type: WrittenType;
}
