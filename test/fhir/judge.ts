import { Fhir } from 'fhir/fhir.js';
import { expect } from 'vitest';

const validator = new Fhir();

/** Errors that a library of others finds in a resource by R4's own definitions; codes outside its value sets only warn. */
export const faultsOf = (resource: object): readonly string[] =>
  validator
    .validate(structuredClone(resource), { errorOnUnexpected: true })
    .messages.filter(({ severity }) => severity === 'error' || severity === 'fatal')
    .map(({ location, message }) => `${location}: ${message}`);

/** As others would read it: through its JSON. */
export function expectValid(resource: object): void {
  expect(faultsOf(JSON.parse(JSON.stringify(resource)))).toEqual([]);
}
