/** Cedar values (language 4.5). Longs are bigint within i64; the four extension types carry their exact integer. */
export type Value = boolean | bigint | string | EntityUid | SetValue | RecordValue | ExtensionValue;

export interface EntityUid {
  readonly kind: 'entity';
  /** Full type name, e.g. `Carechain::Patient`. */
  readonly type: string;
  readonly id: string;
}
export interface SetValue {
  readonly kind: 'set';
  /** Without repeats (by Cedar equality). */
  readonly items: readonly Value[];
}
export interface RecordValue {
  readonly kind: 'record';
  readonly fields: ReadonlyMap<string, Value>;
}
/** decimal: 10⁻⁴ units; datetime, duration: milliseconds; ip: the address as an integer, with its version and prefix length. */
export type ExtensionValue =
  | { readonly kind: 'decimal' | 'datetime' | 'duration'; readonly units: bigint }
  | { readonly kind: 'ip'; readonly version: 4 | 6; readonly address: bigint; readonly prefix: number };

export const entity = (type: string, id: string): EntityUid => ({ kind: 'entity', type, id });
export const record = (fields: Readonly<Record<string, Value>>): RecordValue => ({
  kind: 'record',
  fields: new Map(Object.entries(fields)),
});
