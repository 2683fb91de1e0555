import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entity } from '../../../src/vm/index.ts';
import { readerOf } from '../../../src/vm/schema/entity-data.ts';
import { readEntity } from '../../../src/vm/schema/read-json.ts';
import { validateEntities, validateEntity } from '../../../src/vm/schema/validate-entity.ts';
import { accepted, codeOf } from '../support.ts';
import { areAcceptedByUs, areAcceptedOfficially, entitiesOf, jsonOf, SCHEMA } from './world.ts';

const uid = (type: string, id: string) => ({ type, id });
const extn = (fn: string, arg: unknown) => ({ __extn: { fn, arg } });
const of = (type: string, id: string, attrs: object = {}, parents: readonly object[] = [], rest: object = {}) => ({
  uid: uid(type, id),
  attrs,
  parents,
  ...rest,
});
const user = (attrs: object, parents: readonly object[] = [], tags?: object) =>
  of('User', '1', attrs, parents, tags === undefined ? {} : { tags });
const action = (id: string, parents: readonly string[], rest: object = {}) =>
  of(
    'Action',
    id,
    {},
    parents.map((parent) => uid('Action', parent)),
    rest,
  );

/** Values of every kind: right ones for some attribute, wrong ones for the others. */
const VALUES: readonly unknown[] = [
  1,
  'text',
  true,
  null,
  1.5,
  [],
  {},
  [1],
  [[1], []],
  [[1], ['x']],
  ['1.0', '2.0'],
  '1.5',
  '10.0.0.0/8',
  '2024-01-01',
  '1h',
  'User::"2"',
  extn('decimal', '1.5'),
  extn('ip', '1.1.1.1'),
  extn('datetime', '2024-01-01'),
  extn('duration', '1h'),
  extn('decimal', 'x'),
  extn('nosuch', '1.5'),
  { fn: 'decimal', arg: '1.5' },
  { fn: 'decimal', args: ['1.5'] },
  { __extn: { fn: 'decimal', args: ['1.5'] } },
  { __extn: { fn: 'offset', args: [extn('datetime', '2024-01-01'), extn('duration', '1h')] } },
  { fn: 'toTime', arg: extn('datetime', '2024-01-01') },
  uid('User', '2'),
  { __entity: uid('User', '2') },
  uid('User ', '2'),
  uid('Group', '2'),
  uid('Colour', 'red'),
  uid('Colour', 'green'),
  uid('Action', 'top'),
  uid('Action', 'nosuch'),
  uid('N::Action', 'foreign'),
  { type: 'User', id: 2 },
  [uid('User', '2'), { __entity: uid('User', '3') }],
  [uid('User', '2'), uid('Group', '2')],
  [uid('Colour', 'green')],
  [uid('Action', 'nosuch')],
  [{ a: 1 }, {}],
  [{ a: 1 }, { b: 1 }],
  [{ a: 'x' }],
  { a: 1 },
  { a: 1, user: uid('User', '1'), decimal: '1.0' },
  { a: 1, other: 1 },
  { a: 1, user: null },
  { a: 1, inner: { colour: uid('Colour', 'blue') } },
  { a: 1, inner: { colour: uid('Colour', 'green') } },
  { a: 1, inner: {} },
  { __entity: 1 },
];
const ATTRIBUTES = [...(SCHEMA.entityTypes.get('User')?.attributes.attributes.keys() ?? []), 'nosuch'];

const SETS: readonly (readonly object[])[] = [
  [user({}, [uid('Team', '1')])],
  [user({}, [uid('Group', '1')])],
  [user({}, [uid('User', '9')])],
  [user({}, [uid('Colour', 'red')])],
  [user({}, [uid('Colour', 'green')])],
  [user({}, ['Team::"1"' as never])],
  [user({}, [], { tag: uid('Colour', 'red') })],
  [user({}, [], { tag: uid('Colour', 'green') })],
  [user({}, [], { tag: 1 })],
  [of('Group', '1', {}, [], { tags: {} })],
  [of('Group', '1', {}, [], { tags: { tag: 1 } })],
  [of('Tagged', '1', {}, [], { tags: { tag: ['1.0', extn('decimal', '2.0')] } })],
  [of('Tagged', '1', {}, [], { tags: { tag: ['x'] } })],
  [of('Colour', 'red')],
  [of('Colour', 'green')],
  [of('Colour', 'red', { a: 1 })],
  [of('Colour', 'red', {}, [uid('User', '1')])],
  [of('Named', '1')],
  [of('Named', '1', { name: 'x' })],
  [of('Nosuch', '1')],
  [of('N::User2', '1')],
  [of('User2', '1')],
  [of('Ring', '1', {}, [uid('Loop', '1')]), of('Loop', '1', {}, [uid('Ring', '2')])],
  [of('Ring', '1', {}, [uid('Ring', '2')])],
  [of('Ring', '1', {}, [uid('Loop', '1')]), of('Loop', '1', {}, [uid('Ring', '1')])],
  [of('Ring', '1', {}, [uid('Ring', '1')])],
  [user({}), of('User', '1', { long: 1 })],
  [action('leaf', ['middle'])],
  [action('leaf', ['middle', 'top'])],
  [action('leaf', ['top'])],
  [action('leaf', [])],
  [action('leaf', ['middle', 'top', 'strict'])],
  [action('leaf', ['middle']), action('middle', ['top'])],
  [action('leaf', ['middle']), action('middle', ['top']), action('top', [])],
  [action('top', [], { attrs: { a: 1 } })],
  [action('top', [], { tags: { a: 1 } })],
  [action('top', [], { tags: {} })],
  [action('nosuch', [])],
  [of('N::Action', 'foreign')],
  [of('N::Action', 'top')],
  [{ uid: uid('Group', '1'), parents: [] }],
  [{ uid: uid('Group', '1'), attrs: {} }],
  [{ uid: { __entity: uid('Group', '1') }, attrs: {}, parents: [] }],
  [{ uid: 'Group::"1"', attrs: {}, parents: [] }],
  [],
];

describe('entities beside a schema', () => {
  it('are accepted and refused as officially: every attribute with every kind of value', () => {
    const cases = ATTRIBUTES.flatMap((name) => VALUES.map((value) => [user({ [name]: value })]));
    const disagreements = cases.filter((entities) => areAcceptedByUs(entities) !== areAcceptedOfficially(entities));
    expect(disagreements).toEqual([]);
    expect(cases.filter(areAcceptedByUs).length).toBe(48);
  });

  it('are accepted and refused as officially: parents, tags, listed ids, actions, circles', () => {
    const disagreements = SETS.filter((entities) => areAcceptedByUs(entities) !== areAcceptedOfficially(entities));
    expect(disagreements).toEqual([]);
    expect([SETS.length, SETS.filter(areAcceptedByUs).length]).toEqual([45, 18]);
  });

  it('are accepted and refused as officially when attributes come together', () => {
    const attributes = fc.dictionary(fc.constantFrom(...ATTRIBUTES), fc.constantFrom(...VALUES), { maxKeys: 3 });
    fc.assert(
      fc.property(attributes, (attrs) => {
        expect(areAcceptedByUs([user({ ...attrs })])).toBe(areAcceptedOfficially([user({ ...attrs })]));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['vm-conform.unknown-type', of('Nosuch', '1')],
    ['vm-conform.missing-attribute', of('Named', '1')],
    ['vm-conform.unknown-attribute', user({ nosuch: 1 })],
    ['vm-conform.wrong-type', user({ long: 'x' })],
    ['vm-conform.unknown-id', user({ colour: uid('Colour', 'green') })],
    ['vm-conform.wrong-parent', user({}, [uid('User', '1')])],
    ['vm-conform.unexpected-tags', of('Group', '1', {}, [], { tags: { a: 1 } })],
    ['vm-conform.action-differs', action('leaf', ['middle'])],
    ['vm-conform.unknown-action', action('nosuch', [])],
  ])('are refused with %s', (code, plain) => {
    expect(codeOf(validateEntity(SCHEMA, accepted(readEntity(SCHEMA, jsonOf(plain)))))).toBe(code);
  });

  it('say where they do not fit: the index and the path', () => {
    const wrong = entitiesOf([user({}), of('User', '2', { record: { a: 1, inner: { colour: uid('User', '3') } } })]);
    expect(validateEntities(SCHEMA, wrong)).toEqual({
      ok: false,
      rejection: { code: 'vm-conform.wrong-type', detail: { path: 'record.inner.colour', index: 1 } },
    });
  });

  it('are the same to the evaluator with and without escapes', () => {
    const long = user({
      decimal: extn('decimal', '1.5'),
      ip: extn('ip', '1.1.1.1'),
      users: [{ __entity: uid('User', '2') }],
      record: { a: 1, user: { __entity: uid('User', '2') }, decimal: extn('decimal', '2.0') },
    });
    const short = user({
      decimal: '1.5',
      ip: '1.1.1.1',
      users: [uid('User', '2')],
      record: { a: 1, user: uid('User', '2'), decimal: '2.0' },
    });
    const [written, implied] = [readEntity(SCHEMA, jsonOf(long)), readEntity(SCHEMA, jsonOf(short))];
    expect(accepted(implied)).toEqual(accepted(written));
    const found = readerOf([accepted(implied)]).entity(entity('User', '1'));
    expect(found?.attribute('decimal')).toEqual({ kind: 'decimal', units: 15_000n });
  });

  it('are each given once', () => {
    expect(() => entitiesOf([user({}), user({})])).toThrow('vm-json.duplicate-entity');
  });
});
