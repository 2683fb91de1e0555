import type { CapabilityStatement } from 'fhir/r4.js';
import { INTERACTIONS } from './interactions.ts';
import { instantOf } from './times.ts';

export interface CapabilitySetting {
  /** Address of the FHIR face, without a slash at its end. */
  readonly url: string;
  readonly softwareVersion: string;
  /** When this version was made, ms. */
  readonly builtMs: number;
}

/** What the FHIR face does (R4, CapabilityStatement), from the same list as its routes. */
export const capabilityStatement = ({ url, softwareVersion, builtMs }: CapabilitySetting): CapabilityStatement => ({
  resourceType: 'CapabilityStatement',
  status: 'active',
  date: instantOf(builtMs),
  kind: 'instance',
  software: { name: 'Carechain', version: softwareVersion },
  implementation: { description: 'The FHIR face of one hospital of a Carechain consortium', url },
  fhirVersion: '4.0.1',
  format: ['json'],
  rest: [
    {
      mode: 'server',
      documentation:
        'Read only: what changes is changed by signed transactions. Searches have no totals, and every page is filtered by policy.',
      security: {
        description: 'Requests are signed with the account key: the structure of RFC 9421 over secp256k1.',
      },
      resource: INTERACTIONS.map(({ type, interactions, search, profiles, operations = [], says }) => ({
        type,
        documentation: says,
        ...(profiles.length === 0 ? {} : { supportedProfile: [...profiles] }),
        interaction: interactions.map((code) => ({ code })),
        versioning: interactions.includes('vread') ? ('versioned' as const) : ('no-version' as const),
        readHistory: interactions.includes('vread'),
        searchParam: search.map(({ name, type: kind, says: documentation }) => ({ name, type: kind, documentation })),
        ...(operations.length === 0
          ? {}
          : {
              operation: operations.map(({ name, definition, says: documentation }) => ({
                name,
                definition,
                documentation,
              })),
            }),
      })),
    },
  ],
});
