import type { AuditEvent, AuditEventAgent, AuditEventEntity } from 'fhir/r4.js';
import { BALP } from './audit-event.ts';

/** A slice of a BALP profile: an agent or entity by its type's code. */
interface Slice {
  readonly codes: readonly string[];
  readonly atLeast: number;
  readonly atMost: number;
  readonly hasNetwork?: boolean;
  readonly asks?: boolean;
}
interface Profile {
  readonly type: string;
  readonly subtype: string;
  readonly action: string;
  readonly succeeds: boolean;
  readonly agents: readonly Slice[];
  readonly entities: readonly Slice[];
}

const one = (code: string, rest: Partial<Slice> = {}): Slice => ({ codes: [code], atLeast: 1, atMost: 1, ...rest });
const user = (...codes: string[]): Slice => ({ codes, atLeast: 0, atMost: 1, hasNetwork: false, asks: true });
const AUTHORS = ['AUT', 'INF', 'CST'];
const REST = { type: 'rest', succeeds: true, entities: [one('1'), one('2')] };
const linked = (code: string): Slice => one(code, { hasNetwork: true });

/** IHE BALP 1.1.4, as far as this chain claims it; slices by the codes of their types. */
const PROFILES: Readonly<Record<string, Profile>> = {
  PatientCreate: {
    ...REST,
    subtype: 'create',
    action: 'C',
    agents: [linked('110153'), linked('110152'), user(...AUTHORS)],
  },
  PatientRead: { ...REST, subtype: 'read', action: 'R', agents: [linked('110152'), linked('110153'), user('IRCP')] },
  PatientUpdate: {
    ...REST,
    subtype: 'update',
    action: 'U',
    agents: [linked('110153'), linked('110152'), user(...AUTHORS)],
  },
  PatientDelete: {
    ...REST,
    subtype: 'delete',
    action: 'D',
    agents: [linked('110150'), linked('custodian'), user(...AUTHORS)],
  },
  AuthZconsent: {
    type: '110113',
    subtype: 'AuthZ-Consent',
    action: 'E',
    succeeds: false,
    agents: [
      linked('110150'),
      one('IRCP', { hasNetwork: false, asks: true }),
      one('PROV', { asks: false }),
      one('authserver', { asks: false }),
    ],
    entities: [one('1'), { codes: ['Consent'], atLeast: 1, atMost: Number.POSITIVE_INFINITY }],
  },
  'PrivacyDisclosure.Source': {
    type: '110106',
    subtype: 'disclose',
    action: 'R',
    succeeds: false,
    agents: [linked('110153'), linked('110152'), { codes: ['429577009'], atLeast: 0, atMost: 1 }],
    entities: [one('1'), { codes: ['2'], atLeast: 1, atMost: Number.POSITIVE_INFINITY }],
  },
};
/** Where the one who recorded is an agent too (BALP's `val-audit-source`). */
const RECORDER: Readonly<Record<string, string>> = { AuthZconsent: 'authserver', 'PrivacyDisclosure.Source': '110153' };

/** What an event lacks of the BALP profiles that it claims, one sentence each; none where it claims none. */
export const profileFaults = (event: AuditEvent): readonly string[] =>
  (event.meta?.profile ?? []).flatMap((url) => {
    const name = url.slice(BALP.length);
    const profile = Object.hasOwn(PROFILES, name) ? PROFILES[name] : undefined;
    return profile === undefined
      ? [`${url} is not known`]
      : [...headFaults(event, profile), ...sliceFaults(event, profile), ...recorderFaults(event, name)];
  });

function headFaults(event: AuditEvent, { type, subtype, action, succeeds }: Profile): readonly string[] {
  const faults: string[] = [];
  if (event.type.code !== type) faults.push(`type is not ${type}`);
  if (!event.subtype?.some(({ code }) => code === subtype)) faults.push(`no subtype ${subtype}`);
  if (event.action !== action) faults.push(`action is not ${action}`);
  if (succeeds && event.outcome !== '0') faults.push('it did not succeed');
  return faults;
}

const agentCode = ({ type }: AuditEventAgent): string => type?.coding?.[0]?.code ?? '';
const entityCode = ({ type }: AuditEventEntity): string => type?.code ?? '';

function sliceFaults(event: AuditEvent, { agents, entities }: Profile): readonly string[] {
  const faults: string[] = [];
  for (const slice of agents) {
    const found = event.agent.filter((agent) => slice.codes.includes(agentCode(agent)));
    faults.push(...countFaults('agents', slice, found.length));
    for (const { who, network, requestor } of found) {
      if (who === undefined) faults.push(`agent ${slice.codes[0]} is nobody`);
      if (slice.hasNetwork !== undefined && (network !== undefined) !== slice.hasNetwork)
        faults.push(`agent ${slice.codes[0]} ${slice.hasNetwork ? 'has no' : 'has a'} network`);
      if (slice.asks !== undefined && requestor !== slice.asks)
        faults.push(`agent ${slice.codes[0]} is not told from who asked`);
    }
  }
  for (const slice of entities) {
    const found = (event.entity ?? []).filter((entity) => slice.codes.includes(entityCode(entity)));
    faults.push(...countFaults('entities', slice, found.length));
    if (found.some(({ what }) => what === undefined)) faults.push(`entity ${slice.codes[0]} is nothing`);
  }
  return faults;
}

const countFaults = (what: string, { codes, atLeast, atMost }: Slice, count: number): readonly string[] =>
  count >= atLeast && count <= atMost ? [] : [`${count} ${what} ${codes[0]}`];

function recorderFaults(event: AuditEvent, name: string): readonly string[] {
  const code = RECORDER[name];
  if (code === undefined) return [];
  const agent = event.agent.find((one) => agentCode(one) === code);
  return agent?.who?.reference === event.source.observer.reference ? [] : [`agent ${code} did not record it`];
}
