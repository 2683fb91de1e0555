import type { Resource } from 'fhir/r4.js';

interface Judge {
  validate(
    resource: Resource,
    options: { readonly errorOnUnexpected: boolean },
  ): {
    readonly messages?: readonly {
      readonly severity?: string;
      readonly location?: string;
      readonly message?: string;
    }[];
  };
}

let judge: Promise<Judge> | undefined;

/** What a FHIR R4 validator that is not ours finds wrong. It is large and loaded here alone. */
export async function faultsByLibrary(resource: Resource): Promise<readonly string[]> {
  judge ??= import('fhir').then(({ Fhir }) => new Fhir() as Judge);
  const { messages = [] } = (await judge).validate(resource, { errorOnUnexpected: true });
  return messages
    .filter(({ severity }) => severity === 'error' || severity === 'fatal')
    .map(({ location = '', message = '' }) => `${location}: ${message}`);
}
