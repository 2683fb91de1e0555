import type { Route } from '../../route.ts';
import { auditEventRoutes } from './audit-event.ts';
import { consentRoutes } from './consent.ts';
import { documentReferenceRoutes } from './document-reference.ts';
import { metadata } from './metadata.ts';
import { provenanceRoutes } from './provenance.ts';

/** The FHIR R4 face: as much as a hospital's node can know. What needs a device's keys, the device renders (docs/fhir.md). */
export const fhirRoutes: readonly Route[] = [
  metadata,
  ...auditEventRoutes,
  ...consentRoutes,
  ...documentReferenceRoutes,
  ...provenanceRoutes,
];
