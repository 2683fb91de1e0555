import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entity, record } from '../../../src/vm/index.ts';
import { environmentsOf } from '../../../src/vm/schema/environments.ts';
import { validateRequest } from '../../../src/vm/schema/validate-request.ts';
import { codeOf } from '../support.ts';
import { isRequestAcceptedByUs, isRequestAcceptedOfficially, LEAF, SCHEMA } from './world.ts';

const uid = (type: string, id: string) => ({ type, id });
const ACTORS = [
  uid('User', '1'),
  uid('Named', '1'),
  uid('Colour', 'red'),
  uid('Colour', 'green'),
  uid('Nosuch', '1'),
  uid('Action', 'top'),
  uid('N::User2', '1'),
];
const ACTIONS = [
  uid('Action', 'leaf'),
  uid('Action', 'strict'),
  uid('Action', 'top'),
  uid('Action', 'nosuch'),
  uid('N::Action', 'foreign'),
  uid('User', '1'),
];
const CONTEXTS: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { long: 1 },
  { long: 'x' },
  { needed: 1 },
  { needed: 1, long: 1 },
  { nosuch: 1 },
  { colour: uid('Colour', 'red') },
  { colour: { __entity: uid('Colour', 'green') } },
  { action: uid('Action', 'top') },
  { action: uid('Action', 'nosuch') },
  { decimal: '1.0' },
  { decimal: 'x' },
  { decimal: { __extn: { fn: 'ip', arg: '1.1.1.1' } } },
  { user: uid('User', '7') },
  { user: uid('Named', '7') },
  { records: [{ a: 1 }, {}] },
  { records: [{ a: 1 }, { b: 2 }] },
  { records: {} },
  { inner: { colour: uid('Colour', 'blue') } },
  { inner: { colour: uid('Colour', 'green') } },
];

describe('requests beside a schema', () => {
  it('are accepted and refused as officially: every context', () => {
    for (const context of CONTEXTS) {
      const request = { ...LEAF, context };
      expect([request, isRequestAcceptedByUs(request)]).toEqual([request, isRequestAcceptedOfficially(request)]);
    }
    expect(CONTEXTS.filter((context) => isRequestAcceptedByUs({ ...LEAF, context }))).toHaveLength(8);
  });

  it('are accepted and refused as officially: who, what, and on what', () => {
    const parts = fc.record({
      principal: fc.constantFrom(...ACTORS),
      action: fc.constantFrom(...ACTIONS),
      resource: fc.constantFrom(...ACTORS),
      context: fc.constantFrom(...CONTEXTS),
    });
    fc.assert(
      fc.property(parts, (request) => {
        expect(isRequestAcceptedByUs(request)).toBe(isRequestAcceptedOfficially(request));
      }),
      { numRuns: 500 },
    );
  });

  const asked = {
    principal: entity('User', '1'),
    action: entity('Action', 'strict'),
    resource: entity('Named', '1'),
    context: record({ needed: 1n }),
  };
  it.each([
    ['accepted', undefined, {}],
    ['vm-conform.unknown-type', 'principal', { principal: entity('Action', 'top') }],
    ['vm-conform.unknown-id', 'resource', { resource: entity('Colour', 'green') }],
    ['vm-conform.unknown-action', 'action', { action: entity('Action', 'nosuch') }],
    ['vm-conform.not-applicable', 'principal', { principal: entity('Named', '1') }],
    ['vm-conform.not-applicable', 'resource', { resource: entity('Colour', 'red') }],
    ['vm-conform.not-applicable', 'principal', { action: entity('Action', 'top') }],
    ['vm-conform.missing-attribute', 'context.needed', { context: record({}) }],
    ['vm-conform.unknown-attribute', 'context.more', { context: record({ needed: 1n, more: 1n }) }],
  ])('get %s at %s', (code, path, change) => {
    const verdict = validateRequest(SCHEMA, { ...asked, ...change });
    expect(codeOf(verdict)).toBe(code);
    expect(verdict.ok ? undefined : verdict.rejection.detail?.path).toBe(path);
  });
});

describe('the kinds of request that a schema allows', () => {
  it('are every action with every principal type and every resource type that it applies to', () => {
    const spelled = environmentsOf(SCHEMA).map(
      ({ principal, action, resource }) => `${principal} ${action.id} ${resource}`,
    );
    expect(spelled).toEqual(['User leaf User', 'Colour leaf User', 'User strict Named', 'User strict User']);
    expect(environmentsOf(SCHEMA)[2]?.context.attributes.get('needed')).toEqual({
      type: { kind: 'long' },
      required: true,
    });
  });
});
