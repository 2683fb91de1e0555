import type { Entity, EntityReader, EntityUid } from '../../vm/index.ts';

const PERSONS: ReadonlySet<string> = new Set(['Patient', 'Practitioner', 'Administrator', 'Stranger']);
const NO_TAG = (): undefined => undefined;

const same = (a: unknown, b: EntityUid): boolean =>
  typeof a === 'object' && a !== null && 'type' in a && 'id' in a && a.type === b.type && a.id === b.id;

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
    return { parents: found.parents, attribute: (name) => found.attribute(name), tag: NO_TAG };
  },
});
