import type { EntityUid, ExtensionValue, RecordValue, SetValue, Value } from './value.ts';

/** A value's type, as far as operators tell types apart. */
export const kindOf = (value: Value) => (typeof value === 'object' ? value.kind : typeof value);

export const isEntity = (value: Value): value is EntityUid => typeof value === 'object' && value.kind === 'entity';
export const isSet = (value: Value): value is SetValue => typeof value === 'object' && value.kind === 'set';
export const isRecord = (value: Value): value is RecordValue => typeof value === 'object' && value.kind === 'record';

export const isExtension = <K extends ExtensionValue['kind']>(
  value: Value | undefined,
  kind: K,
): value is ExtensionValue & { kind: K } => typeof value === 'object' && (value as { kind: string }).kind === kind;
