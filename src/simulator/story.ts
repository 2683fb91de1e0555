import type { KindName, Payload } from '../ledger/families/payloads.ts';
import type { People, Person } from './people.ts';
import type { Hospital } from './town.ts';

/** One transaction of a story: who sends it, and what it says when its turn comes. */
export interface Step<K extends KindName = KindName> {
  readonly person: Person;
  readonly kind: K;
  readonly payload: () => Payload<K>;
}

export interface StorySetting {
  readonly people: People;
  readonly number: number;
  readonly hospitals: readonly Hospital[];
  readonly nowMs: () => number;
}

/** How long the grants of a story last: shorter than the story, so that it goes on past their end. */
const GRANT_MS = 6_000;
const LONG_GRANT_MS = 40_000;

/** A patient and a doctor, from enrolment over consent to its end: reads before, during and after what was granted. */
export function storyOf({ people, number, hospitals, nowMs }: StorySetting): readonly Step[] {
  const patient = people.person(`patient ${number}`);
  const doctor = people.person(`doctor ${number}`);
  const [home, clinic] = [hospitalAt(hospitals, number), hospitalAt(hospitals, number + 1)];
  const step = <K extends KindName>(person: Person, kind: K, payload: () => Payload<K>): Step =>
    ({ person, kind, payload }) as unknown as Step;
  const read = (reader: Person, record: number) =>
    step(reader, 'readRecord', () => people.read(reader, patient, record));
  const grant = (lastsMs: number, uses: number | null) =>
    step(patient, 'grant', () => people.grant(patient, doctor, { expires: nowMs() + lastsMs, uses }));
  return [
    step(patient, 'enrol', () => people.enrolment(patient, 'patient', home)),
    step(people.account(home), 'admit', () => ({ participant: patient.id })),
    step(doctor, 'enrol', () => people.enrolment(doctor, 'practitioner', clinic)),
    step(people.account(clinic), 'admit', () => ({ participant: doctor.id })),
    step(patient, 'publishDelegatingKey', () => people.delegatingKey(patient)),
    step(patient, 'registerRecord', () => people.record(patient, 0)),
    read(doctor, 0),
    step(doctor, 'requestAccess', () => people.request(doctor, patient, 0)),
    grant(GRANT_MS, null),
    read(doctor, 0),
    read(doctor, 0),
    read(doctor, 0),
    read(doctor, 0),
    grant(LONG_GRANT_MS, 1),
    read(doctor, 0),
    read(doctor, 0),
    step(patient, 'registerRecord', () => people.record(patient, 1)),
    grant(LONG_GRANT_MS, null),
    read(doctor, 1),
    step(patient, 'revoke', () => people.revocation(patient, doctor)),
    read(doctor, 1),
    read(patient, 1),
  ];
}

const hospitalAt = (hospitals: readonly Hospital[], number: number): Hospital =>
  hospitals[number % hospitals.length] as Hospital;
