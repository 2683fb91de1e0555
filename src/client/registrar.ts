import type { Address, Hash } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { HandleKey, Identifier } from '../crypto/oprf/handle.ts';
import { ApiError, ClientError } from './errors.ts';
import { codeOf, computeHandle, createHandleApi, type HandleApi } from './handles.ts';
import { type SealedSession, sealedSessionWith } from './sealed-session.ts';
import type { Session } from './session.ts';

/** A hospital of the consortium as a registrar reaches it. */
export interface KnownHospital {
  readonly id: Address;
  /** Its number as a holder of the handle key. */
  readonly holder: number;
  readonly baseUrl: string;
}

export interface Identified {
  readonly handle: Hash;
  /** Hospitals that have enrolled this person. */
  readonly enrolledAt: readonly Address[];
  /** Hospitals that gave no answer, and why: of them nothing is known. */
  readonly unanswered: readonly { readonly hospital: Address; readonly code: string }[];
}

/** Who checks identities at a hospital: the hospital's account, or an administrator's. */
export interface Registrar {
  readonly session: Session;
  /** The handle of an identifier, and where somebody is enrolled under it. */
  identify(identifier: Identifier, hospitals: readonly KnownHospital[]): Promise<Result<Identified>>;
  /** Whom a hospital enrolled under a handle, if it is the registrar's own. */
  resolve(handle: Hash, hospital: KnownHospital): Promise<Address | undefined>;
}

export function createRegistrar(session: Session, key: HandleKey): Registrar {
  const { device, trust, account } = session;
  const open = new Map<string, Promise<SealedSession>>();

  async function openAt({ id, baseUrl }: KnownHospital): Promise<SealedSession> {
    const opened = await sealedSessionWith(session, id, baseUrl);
    if (!opened.ok) throw new ClientError('client-session.broken', opened.rejection.code);
    return opened.value;
  }

  /** One session with each hospital, for all that is asked of it. */
  async function lookUpAt(hospital: KnownHospital): Promise<HandleApi> {
    const { baseUrl } = hospital;
    const opening = open.get(baseUrl) ?? openAt(hospital);
    open.set(baseUrl, opening);
    const { fetch } = await opening;
    return createHandleApi({ baseUrl, chainId: trust.chainId, device, account, fetch });
  }

  /** The hospital may have ended a session that lay idle, or restarted: then once more, in a new one. */
  async function lookUp<T>(hospital: KnownHospital, work: (api: HandleApi) => Promise<T>): Promise<T> {
    let used: Promise<SealedSession> | undefined;
    try {
      const api = await lookUpAt(hospital);
      used = open.get(hospital.baseUrl);
      return await work(api);
    } catch (error) {
      // Another of this registrar's may have opened a new one meanwhile.
      if (open.get(hospital.baseUrl) === used || used === undefined) open.delete(hospital.baseUrl);
      if (used === undefined || !hasEnded(error)) throw error;
      return work(await lookUpAt(hospital));
    }
  }

  return {
    session,
    async identify(identifier, hospitals) {
      const holders = hospitals.map(({ holder, baseUrl }) => ({
        holder,
        api: createHandleApi({ baseUrl, chainId: trust.chainId, device, account }),
      }));
      const computed = await computeHandle(device, key, identifier, holders);
      if (!computed.ok) return computed;
      const { handle } = computed.value;
      const unanswered: { hospital: Address; code: string }[] = [];
      const asked = hospitals.map(async (hospital) => {
        try {
          return (await lookUp(hospital, (api) => api.isEnrolled(handle))) ? [hospital.id] : [];
        } catch (error) {
          unanswered.push({ hospital: hospital.id, code: codeOf(error) });
          return [];
        }
      });
      return ok({ handle, enrolledAt: (await Promise.all(asked)).flat(), unanswered });
    },
    resolve: (handle, hospital) => lookUp(hospital, (api) => api.resolve(handle)),
  };
}

const hasEnded = (error: unknown): boolean =>
  (error instanceof ClientError && error.code === 'client-session.ended') ||
  (error instanceof ApiError && error.code === 'node-session.unknown');

/**
 * At the desk, before a person is enrolled: refused where another hospital has enrolled this identity (F6). One who wishes to be known at this
 * hospital too, under a pseudonym of its own, says so at the desk, and the registrar does not ask (PRIVACY.md, "Pseudonyms").
 */
export function refuseDuplicate({ enrolledAt }: Identified, own: Address): Result<null> {
  const elsewhere = enrolledAt.find((hospital) => toHex(hospital) !== toHex(own));
  return elsewhere === undefined
    ? ok(null)
    : refuse('client-handle.enrolled-elsewhere', { hospital: toHex(elsewhere) });
}
