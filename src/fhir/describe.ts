import type { Purpose } from '../ledger/vocabulary.ts';
import { isPatientAuthored } from './authorship.ts';
import { LABEL_ORDER, type Label } from './consent/types.ts';
import { isMap, type JsonMap, mapField, mapsField, textField, typeOf } from './json.ts';
import { type Recipient, recipientsOf } from './recipients.ts';
import { labelFor } from './sensitive-part.ts';
import { SYSTEMS } from './terms.ts';

export type RecordKind =
  | 'order'
  | 'prescription'
  | 'claim'
  | 'explanation-of-benefit'
  | 'external-reference'
  | 'observation'
  | 'condition'
  | 'document'
  | 'other';

/** What a device suggests before a record is sealed: nothing of it leaves the device but the label, and the recipients as grants. */
export interface RecordHint {
  readonly kind: RecordKind;
  /** The category's label should be at least this. */
  readonly label: Label;
  /** For the encrypted part. */
  readonly sensitivities: readonly string[];
  /** A name for the wallet's category. */
  readonly category: string;
  /** Who is meant to read it, as the resource names them, to be resolved by the caller. */
  readonly recipients: readonly Recipient[];
  /** For which purposes the recipients would be granted. */
  readonly purposes: readonly Purpose[];
  readonly isPatientAuthored: boolean;
}

const KINDS: Readonly<Record<string, RecordKind>> = {
  ServiceRequest: 'order',
  MedicationRequest: 'prescription',
  Claim: 'claim',
  ExplanationOfBenefit: 'explanation-of-benefit',
  Observation: 'observation',
  Condition: 'condition',
};
const CATEGORIES: Readonly<Record<RecordKind, string>> = {
  order: 'orders',
  prescription: 'medication',
  claim: 'billing',
  'explanation-of-benefit': 'billing',
  'external-reference': 'documents elsewhere',
  observation: 'observations',
  condition: 'diagnoses',
  document: 'documents',
  other: 'general',
};
/** SNOMED CT and HL7's own categories that say more than the kind does. */
const FINER: Readonly<Record<string, string>> = {
  [`${SYSTEMS.snomed}|108252007`]: 'laboratory',
  [`${SYSTEMS.snomed}|363679005`]: 'imaging',
  'http://terminology.hl7.org/CodeSystem/observation-category|laboratory': 'laboratory',
  'http://terminology.hl7.org/CodeSystem/observation-category|imaging': 'imaging',
  'http://terminology.hl7.org/CodeSystem/observation-category|vital-signs': 'vital signs',
};

/** Every name that a hint gives a category: a device that knows them finds what was filed under them. */
export const RECORD_CATEGORIES: readonly string[] = [
  ...new Set([...Object.values(CATEGORIES), ...Object.values(FINER)]),
];

/** A hint for one resource (F40, F41, F49, F60). It reads what the resource says of itself and diagnoses nothing. */
export function describeResource(resource: unknown): RecordHint {
  const map = isMap(resource) ? resource : {};
  const kind = kindOf(map);
  const { label, sensitivities } = securityOf(map);
  return {
    kind,
    label,
    sensitivities,
    category: categoryOf(map) ?? CATEGORIES[kind],
    recipients: recipientsOf(map),
    purposes: kind === 'claim' || kind === 'explanation-of-benefit' ? ['HPAYMT'] : ['TREAT'],
    isPatientAuthored: isPatientAuthored(map),
  };
}

function kindOf(resource: JsonMap): RecordKind {
  const type = typeOf(resource);
  if (type !== 'DocumentReference') return Object.hasOwn(KINDS, type) ? (KINDS[type] ?? 'other') : 'other';
  const attachments = mapsField(resource, 'content').map((content) => mapField(content, 'attachment') ?? {});
  const isElsewhere = attachments.some(
    (one) => textField(one, 'url') !== undefined && textField(one, 'data') === undefined,
  );
  return isElsewhere ? 'external-reference' : 'document';
}

const categoryOf = (resource: JsonMap): string | undefined =>
  mapsField(resource, 'category')
    .flatMap((category) => mapsField(category, 'coding'))
    .map((one) => FINER[`${textField(one, 'system') ?? ''}|${textField(one, 'code') ?? ''}`])
    .find((name) => name !== undefined);

/** The stricter of what `meta.security` says and what its sensitivities ask for. */
function securityOf(resource: JsonMap): Pick<RecordHint, 'label' | 'sensitivities'> {
  const tags = mapsField(mapField(resource, 'meta') ?? {}, 'security');
  const codesIn = (system: string) =>
    tags.filter((tag) => textField(tag, 'system') === system).map((tag) => textField(tag, 'code') ?? '');
  const sensitivities = codesIn(SYSTEMS.actCode).filter((code) => code !== '');
  const marks = codesIn(SYSTEMS.confidentiality).filter((code): code is Label =>
    LABEL_ORDER.some((one) => one === code),
  );
  const [label = 'N'] = [...marks, labelFor(sensitivities)].sort(
    (a, b) => LABEL_ORDER.indexOf(b) - LABEL_ORDER.indexOf(a),
  );
  return { label, sensitivities };
}
