import { describe, expect, it } from 'vitest';
import { opensOnlyByGrant } from '../../../src/ledger/can/only-by-grant.ts';
import { entitiesOf } from '../../../src/ledger/entities.ts';
import { strangerUid, uidOf } from '../../../src/ledger/principal.ts';
import { StateOverlay } from '../../../src/ledger/state/overlay.ts';
import { policyRows } from '../../../src/ledger/state/tables.ts';
import { ROLES } from '../../../src/ledger/vocabulary.ts';
import { entity, keyOfUid, parseSchema } from '../../../src/vm/index.ts';
import { entitiesFrom } from '../../policies/seen-entities.ts';
import { accepted } from '../../vm/support.ts';
import { SCHEMA, Ward } from '../policy/ward.ts';
import { hospitalName, idOf } from '../town.ts';

const READ = 'action == Action::"readRecord"';
const schema = accepted(parseSchema(SCHEMA));

const ward = new Ward();
for (const role of ROLES) ward.join(role, role);
const { view } = ward.tip;

/** Whoever can ask, and whatever `resource.owner` can be: one of each type. */
const people = [
  ...[...ROLES, hospitalName(1)].map((name) => {
    const uid = uidOf(view, idOf(name));
    if (uid === undefined) throw new Error(`${name} is there`);
    return uid;
  }),
  strangerUid(null),
];
const types = people.map(({ type }) => type);
const declared = types.flatMap((type) => [...(schema.entityTypes.get(type)?.attributes.attributes.keys() ?? [])]);
const peopleKeys = new Set(people.map(keyOfUid));
const given = entitiesFrom(entitiesOf(ward.env, view), people, declared, [])
  .filter(({ uid }) => peopleKeys.has(keyOfUid(uid)))
  .flatMap(({ attributes }) => [...attributes.keys()]);

/** Whether, if this policy stood alone, only owners and grantees would be asked about. */
function closes(text: string): boolean {
  const state = new StateOverlay(view);
  policyRows.set(state, { version: 2, text }, 'policies');
  return opensOnlyByGrant(ward.env, state);
}
const closesTo = (type: string): boolean => closes(`permit (principal is ${type}, ${READ}, resource);`);
const closesByHas = (attribute: string): boolean =>
  closes(`permit (principal, ${READ}, resource is Record) when { resource.owner has ${attribute} };`);

describe('policies that open by grant alone', () => {
  const readers = schema.actions.get(keyOfUid(entity('Action', 'readRecord')))?.appliesTo?.principals ?? [];

  it('let in no type of principal that the schema lets read, or that the ledger makes', () => {
    const known = [...new Set([...readers, ...types])];
    expect([...readers]).toEqual(expect.arrayContaining(['Patient', 'Hospital']));
    expect(types).toContain('Stranger');
    expect(known.filter(closesTo)).toEqual([]);
  });

  it('ask for no attribute that a person or a hospital has, by the schema or by the ledger', () => {
    const known = [...new Set([...declared, ...given])];
    expect(known).toEqual(expect.arrayContaining(['role', 'validator']));
    expect(given).toEqual(expect.arrayContaining(['role', 'validator']));
    expect(known.filter(closesByHas)).toEqual([]);
  });

  it('may let in a type, and ask for an attribute, that nobody is or has', () => {
    expect([closesTo('Nobody'), closesByHas('nothing')]).toEqual([true, true]);
  });

  it('may ask who acts for the owner: whoever does is asked about, and nobody else', () => {
    const acting = (who: string) =>
      closes(`permit (principal, ${READ}, resource is Record) when { resource.owner.acting.guardian == ${who} };`);
    expect([acting('principal'), acting('resource.owner')]).toEqual([true, false]);
  });
});
