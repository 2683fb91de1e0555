import { capabilityStatement } from '../../../fhir/index.ts';
import { FHIR_PATH, faceUrl, fhir, fhirAnswer } from '../../fhir/answer.ts';
import type { Route } from '../../route.ts';

export const metadata: Route = {
  method: 'GET',
  path: `${FHIR_PATH}/metadata`,
  tag: 'fhir',
  summary: 'What the FHIR face does: a CapabilityStatement',
  access: 'open',
  answer: fhirAnswer('CapabilityStatement'),
  handle: (call) => {
    const { service, shared } = call;
    return fhir(
      capabilityStatement({ url: faceUrl(call), softwareVersion: shared.version, builtMs: service.startedAtMs }),
    );
  },
};
