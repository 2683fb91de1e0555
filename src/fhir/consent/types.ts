import type { Payload } from '../../ledger/families/payloads.ts';
import { LABELS, type Purpose } from '../../ledger/vocabulary.ts';
import type { ConsentCode } from '../codes.ts';

export type Label = (typeof LABELS)[number];
/** From normal to very restricted. */
export const LABEL_ORDER: readonly Label[] = LABELS;

/** What a grant says of consent: all of its payload but how shares reach the grantee. */
export type GrantTerms = Omit<Payload<'grant'>, 'delivery'>;

/** One of the patient's categories, as only the patient's device knows it: the chain says its id, its epoch and its label. */
export interface KnownCategory {
  readonly category: Uint8Array;
  /** The current one: a grant covers no later epoch. */
  readonly epoch: number;
  readonly label: Label;
  /** Codes of HL7 v3 ActCode's InformationSensitivityPolicy: encrypted everywhere but on this device. */
  readonly sensitivities: readonly string[];
}

/** Whom a reference of a Consent means on this chain. Ids are addresses in hexadecimal, or the name of a role. */
export type ConsentParty =
  | { readonly type: 'person'; readonly id: string; readonly entity: 'Practitioner' | 'Patient' }
  | { readonly type: 'hospital'; readonly id: string }
  | { readonly type: 'role'; readonly id: string };

/** A reference as it stands in the resource, for the caller to look up. */
export interface ForeignReference {
  /** Such as `Practitioner/f204`; '' where there is none. */
  readonly reference: string;
  /** `system|value` of a logical reference; '' where there is none. */
  readonly identifier: string;
}

/** What an import needs to know. It asks nobody: the caller looks up before, or refuses by `undefined`. */
export interface ConsentSetting {
  /** Time of the newest block, ms. */
  readonly nowMs: number;
  /** The chain's `grantDurationMaxMs`. */
  readonly longestMs: number;
  /** The patient whose device imports: hexadecimal address. */
  readonly patient: string;
  readonly categories: readonly KnownCategory[];
  readonly resolve: (reference: ForeignReference) => ConsentParty | undefined;
}

/**
 * Reads (and writing) that a Consent denies. The patient's device deploys it as a policy of the patient's own (`refusalPolicies`), which
 * reaches reads other than break-glass, and revokes the standing grants within it (`grantsWithin`), which reaches the rest.
 */
export interface ConsentRefusal {
  /** Each must include the reader; none: everybody but the patient. At most one is a person. */
  readonly parties: readonly ConsentParty[];
  /** Null: for every purpose. */
  readonly purposes: readonly Purpose[] | null;
  /** Null: of all categories, those to come too. */
  readonly categories: readonly Uint8Array[] | null;
  /** Block times, both included; null: no bound. */
  readonly fromMs: number | null;
  readonly untilMs: number | null;
  readonly reading: boolean;
  readonly writing: boolean;
}

/** What of a Consent is not imported as it stands: `refused`, or imported as less than it permits: `narrowed`. */
export interface ConsentFinding {
  readonly code: ConsentCode;
  /** Where in the resource, as FHIRPath writes it. */
  readonly path: string;
  readonly effect: 'refused' | 'narrowed';
}

/** First deploy and revoke, then grant: in between, less is open than the Consent says and never more. */
export interface ConsentImport {
  /** To be signed, each with a delivery of its own. */
  readonly grants: readonly GrantTerms[];
  /** To be deployed as the patient's own policies; standing grants within are to be revoked. */
  readonly refusals: readonly ConsentRefusal[];
  /** Standing grants within are to be revoked; nothing is deployed, since the Consent permits parts of it. */
  readonly revocations: readonly ConsentRefusal[];
  readonly findings: readonly ConsentFinding[];
}
