import { type JsonMap, mapField, mapsField, textField, typeOf } from './json.ts';

/** Somebody whom a resource names as the one it is for. */
export interface Recipient {
  /** As it stands, such as `Organization/pharmacy` or a `urn:uuid`; '' for a logical reference. */
  readonly reference: string;
  /** `system|value`; '' where there is none. */
  readonly identifier: string;
  readonly role: 'performer' | 'pharmacy' | 'insurer' | 'provider' | 'payee';
}

type Place = readonly [role: Recipient['role'], ...path: string[]];

/** Where R4 names who is to act on a resource: an order its performer, a prescription its pharmacy, a claim its insurer (F40, F49). */
const PLACES: Readonly<Record<string, readonly Place[]>> = {
  ServiceRequest: [['performer', 'performer']],
  MedicationRequest: [
    ['pharmacy', 'dispenseRequest', 'performer'],
    ['performer', 'performer'],
  ],
  Claim: [
    ['insurer', 'insurer'],
    ['provider', 'provider'],
    ['payee', 'payee', 'party'],
  ],
  ExplanationOfBenefit: [
    ['insurer', 'insurer'],
    ['provider', 'provider'],
    ['payee', 'payee', 'party'],
  ],
};

export function recipientsOf(resource: JsonMap): readonly Recipient[] {
  const type = typeOf(resource);
  const places = Object.hasOwn(PLACES, type) ? (PLACES[type] ?? []) : [];
  return places.flatMap(([role, ...path]) => at(resource, path).flatMap((reference) => recipientOf(reference, role)));
}

/** The maps at a path, whose last step may be a list. */
function at(map: JsonMap, [step = '', ...rest]: readonly string[]): readonly JsonMap[] {
  const single = mapField(map, step);
  const here = single === undefined ? mapsField(map, step) : [single];
  return rest.length === 0 ? here : here.flatMap((inner) => at(inner, rest));
}

function recipientOf(map: JsonMap, role: Recipient['role']): readonly Recipient[] {
  const reference = textField(map, 'reference') ?? '';
  const identifier = mapField(map, 'identifier');
  const value = identifier === undefined ? undefined : textField(identifier, 'value');
  const token =
    identifier === undefined || value === undefined ? '' : `${textField(identifier, 'system') ?? ''}|${value}`;
  return reference === '' && token === '' ? [] : [{ reference, identifier: token, role }];
}
