import type { Entity, EntityReader, EntityUid } from '../../vm/index.ts';

const PERSONS: ReadonlySet<string> = new Set(['Patient', 'Practitioner', 'Administrator', 'Payer', 'Stranger']);
const NO_TAG = (): undefined => undefined;

const same = (a: unknown, b: EntityUid): boolean =>
  typeof a === 'object' && a !== null && 'type' in a && 'id' in a && a.type === b.type && a.id === b.id;

/** Whether somebody acts for a third one is nobody's business. */
const attributeOf = (found: Entity, name: string): ReturnType<Entity['attribute']> =>
  name === 'acting' ? undefined : found.attribute(name);

/**
 * What a patient's set may look at (T-45): who persons and hospitals are, grants and records of this patient, and nothing else. So no
 * patient learns from the answers to others what stands in a third one's rows.
 */
export const entitiesForPatient = (all: EntityReader, patient: EntityUid): EntityReader => ({
  entity: (uid): Entity | undefined => {
    const found =
      uid.type === 'Hospital' || uid.type === 'Record' || PERSONS.has(uid.type) ? all.entity(uid) : undefined;
    if (found === undefined || uid.type === 'Hospital' || same(uid, patient)) return found;
    if (uid.type === 'Record') return same(found.attribute('owner'), patient) ? found : undefined;
    return { parents: found.parents, attribute: (name) => attributeOf(found, name), tag: NO_TAG };
  },
});
