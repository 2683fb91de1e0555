import { field, isMap, type JsonMap, listField, textField } from './json.ts';

/** HL7 v2 table 0203: a medical record number. */
const MEDICAL_RECORD = 'MR';

/**
 * The identifier by which a hospital knows somebody: the medical record number where one is marked, else the first with a
 * system and a value, else the resource's own id. `system|value`, as FHIR writes search tokens (R4, section 3.1.1.4.10).
 */
export function identifierOf(resource: JsonMap): string | undefined {
  const identifiers = listField(resource, 'identifier').filter(isMap);
  const named = identifiers.find(isMedicalRecordNumber) ?? identifiers.find((one) => tokenOf(one) !== undefined);
  const id = textField(resource, 'id');
  return (named === undefined ? undefined : tokenOf(named)) ?? (id === undefined ? undefined : `|${id}`);
}

function tokenOf(identifier: JsonMap): string | undefined {
  const value = textField(identifier, 'value');
  return value === undefined ? undefined : `${textField(identifier, 'system') ?? ''}|${value}`;
}

function isMedicalRecordNumber(identifier: JsonMap): boolean {
  const type = field(identifier, 'type');
  const codings = isMap(type) ? listField(type, 'coding').filter(isMap) : [];
  return tokenOf(identifier) !== undefined && codings.some((coding) => textField(coding, 'code') === MEDICAL_RECORD);
}
