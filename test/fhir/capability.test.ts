import { describe, expect, it } from 'vitest';
import {
  capabilityStatement,
  FHIR_CODES,
  FHIR_ROUTES,
  INTERACTIONS,
  operationOutcomeOf,
} from '../../src/fhir/index.ts';
import { expectValid } from './judge.ts';

const statement = capabilityStatement({ url: 'https://hospital.example/fhir', softwareVersion: '0.1.0', builtMs: 0 });

describe('the statement of capabilities', () => {
  it('is valid R4', () => expectValid(statement));

  it('names exactly the interactions that there are routes for', () => {
    const stated = (statement.rest?.[0]?.resource ?? []).flatMap(({ type, interaction = [] }) =>
      interaction.map(({ code }) => `${type} ${code}`),
    );
    const operations = (statement.rest?.[0]?.resource ?? []).flatMap(({ type, operation = [] }) =>
      operation.map(({ name }) => `/${type}/$${name}`),
    );
    const routed = FHIR_ROUTES.filter(({ interaction }) => !['capabilities', 'operation'].includes(interaction)).map(
      ({ type, interaction }) => `${type} ${interaction}`,
    );
    expect(routed).toEqual(stated);
    expect(operations).not.toEqual([]);
    expect(FHIR_ROUTES.filter(({ interaction }) => interaction === 'operation').map(({ path }) => path)).toEqual(
      operations,
    );
    expect(new Set(FHIR_ROUTES.map(({ path }) => path)).size).toBe(FHIR_ROUTES.length);
    expect(FHIR_ROUTES.map(({ path }) => path)).toContain('/DocumentReference/:id/_history/:version');
  });

  it('offers nothing that writes, and no search without its patient or record', () => {
    expect(FHIR_ROUTES.every(({ method }) => method === 'GET')).toBe(true);
    for (const { search } of INTERACTIONS)
      expect(search.some(({ name, says }) => ['patient', 'target'].includes(name) && says.startsWith('required'))).toBe(
        true,
      );
  });
});

describe('an OperationOutcome', () => {
  it.each(Object.entries(FHIR_CODES))('for %s is valid R4', (code, entry) => {
    expectValid(operationOutcomeOf(code, entry));
  });

  it('is one for denied and for not found', () => {
    const issue = (status: number) => operationOutcomeOf('x', { status, meaning: 'No.' }).issue[0]?.code;
    expect(issue(404)).toBe(issue(403));
  });
});
