import { AsyncLocalStorage } from 'node:async_hooks';
import { join } from 'node:path';
import type { Hash } from '../base/brand.ts';
import { toHex, utf8 } from '../base/bytes.ts';
import { ok, type Result } from '../base/result.ts';
import type { ApiClient } from '../client/api.ts';
import { createApiClient } from '../client/api-client.ts';
import type { Device } from '../client/device.ts';
import { admit, enrol, enrolmentRequest, handleOf, sponsorEnrolment } from '../client/enrol.ts';
import { provenRow } from '../client/proven.ts';
import { createRegistrar, type KnownHospital, type Registrar, refuseDuplicate } from '../client/registrar.ts';
import { createSession, type Session } from '../client/session.ts';
import type { ChainTrust } from '../client/trust.ts';
import { type Account, accountOf, type Wallet } from '../client/wallet.ts';
import { hkdfSha256 } from '../crypto/hkdf.ts';
import { enrolmentCommitment } from '../crypto/oprf/salt.ts';
import { participants } from '../ledger/state/tables.ts';
import type { Role } from '../ledger/vocabulary.ts';
import { readHandleSecrets } from '../node/handle-file.ts';
import { type HospitalKeys, readHospitalKeys } from '../node/keys.ts';
import type { Consortium } from './consortium.ts';
import { KEYS_FILE } from './layout.ts';
import { CommandError, refusalText } from './output.ts';
import { waitFor } from './wait.ts';

/** What every device of this consortium needs. */
export interface Surroundings {
  readonly consortium: Consortium;
  readonly device: Device;
  readonly trust: ChainTrust;
}

/** Somebody with a wallet, a device, and a hospital whose API the device talks to. */
export interface Person {
  readonly title: string;
  readonly role: Role;
  readonly wallet: Wallet;
  readonly session: Session;
  /** Number of the hospital. */
  readonly hospital: number;
}

export function personAt(
  around: Surroundings,
  { title, role, wallet, hospital }: Pick<Person, 'title' | 'role' | 'wallet' | 'hospital'>,
): Person {
  return { title, role, wallet, hospital, session: sessionAt(around, wallet.account, hospital) };
}

/** The desk of a hospital, where identities are checked: on one machine its account key is at hand. */
export interface Desk {
  readonly account: Account;
  readonly session: Session;
  /** The commitment under which the chain knows an identity of this hospital (F6). Refused where another hospital has enrolled it. */
  handleOf(identifier: string): Promise<Result<Hash>>;
}

/** `at`: whose API it talks to, where its own node is down. */
export async function deskOf(around: Surroundings, hospital: number, at = hospital): Promise<Desk> {
  const { folder } = around.consortium.hospital(hospital);
  const keys = await readHospitalKeys(join(folder, KEYS_FILE));
  const account = accountOf(around.device.primitives, keys.account);
  const session = sessionAt(around, account, at);
  const secrets = await readHandleSecrets(folder);
  // A benchmark's device knows no more of the consortium than folders and APIs.
  const handleKey = (around.consortium as Partial<Consortium>).genesis?.handleKey;
  if (secrets === null || handleKey === undefined)
    return { account, session, handleOf: async (identifier) => ok(handleOf(deskKeyOf(keys), identifier)) };
  const registrar = createRegistrar(session, handleKey);
  const { saltKey } = secrets;
  return { account, session, handleOf: (identifier) => identityOf(around, registrar, saltKey, identifier) };
}

/** What the demonstration's people call themselves by. */
const IDENTIFIER_TYPE = 'urn:carechain:identity';

/** The threshold handle, looked up at every hospital that runs, and committed to under this hospital's own key. */
async function identityOf(
  { consortium, device }: Surroundings,
  registrar: Registrar,
  saltKey: Uint8Array,
  value: string,
): Promise<Result<Hash>> {
  await somethingProvable(registrar.session);
  const identified = await registrar.identify({ type: IDENTIFIER_TYPE, value }, runningHospitals(consortium));
  if (!identified.ok) return identified;
  const refused = refuseDuplicate(identified.value, registrar.session.account.id);
  return refused.ok ? ok(enrolmentCommitment(device.primitives, saltKey, identified.value.handle)) : refused;
}

/** Genesis is signed by nobody: what a session with a hospital rests on is proved from the first block on. */
const somethingProvable = ({ api }: Session): Promise<true> =>
  waitFor(async () => (await api.status()).height > 0 || undefined, {
    timeoutMs: FIRST_BLOCK_TIMEOUT_MS,
    code: 'consortium-chain.stalled',
    what: 'the first block',
  });
const FIRST_BLOCK_TIMEOUT_MS = 30_000;

/** Those that hold a share of the handle key and run now. */
export const runningHospitals = (consortium: Consortium): readonly KnownHospital[] =>
  consortium.hospitals
    .filter(({ number }) => consortium.isRunning(number))
    .map(({ id, number }) => ({ id, holder: number, baseUrl: consortium.api(number) }));

/** Enrols with the desk's word and is admitted by it. What was done before is not done again. */
export async function joinConsortium(
  around: Surroundings,
  desk: Desk,
  person: Person,
  identifier: string,
): Promise<void> {
  const isNew = (await person.session.api.nonce(person.wallet.id)) === 0;
  if (isNew) {
    const request = enrolmentRequest(person.wallet, person.role);
    const handle = must(await desk.handleOf(identifier), `${person.title} is identified`);
    const sponsorship = sponsorEnrolment(around.device.primitives, around.trust.chainId, desk.account, {
      request,
      handle,
    });
    must(await enrol(person.session, { request, sponsorship }), `${person.title} enrols`);
  }
  if (isNew || (await statusOf(person)) === 'pending')
    must(await admit(desk.session, person.wallet.id), `${person.title} is admitted`);
}

/** As the chain proves it to the person. */
async function statusOf({ session, wallet, title }: Person): Promise<string | undefined> {
  return must(await provenRow(session, participants, toHex(wallet.id)), `${title} asks for the own standing`)?.status;
}

/** The value, or a failure that says which step it was. */
export function must<T>(result: Result<T>, step: string): T {
  if (result.ok) return result.value;
  const { code, detail } = result.rejection;
  throw new CommandError('consortium-demo.step-failed', `${step}: ${refusalText(result.rejection)}`, {
    detail: { ...detail, reason: code },
  });
}

const submissions = new AsyncLocalStorage<Hash[]>();

/**
 * The work's answer, and the ids of the transactions that a hospital took in the course of it: also where the same person does
 * several things at a time, and where a refusal hides the id.
 */
export async function withSubmissions<T>(
  work: () => Promise<T>,
): Promise<{ readonly answer: T; readonly ids: readonly Hash[] }> {
  const ids: Hash[] = [];
  return { answer: await submissions.run(ids, work), ids };
}

function sessionAt(around: Surroundings, account: Account, hospital: number): Session {
  const { consortium, device, trust } = around;
  const client = createApiClient({ baseUrl: consortium.api(hospital), chainId: trust.chainId, device, account });
  const api: ApiClient = {
    ...client,
    submit: async (signed) => {
      const id = await client.submit(signed);
      submissions.getStore()?.push(id);
      return id;
    },
  };
  return createSession({ device, trust, api, account });
}

const HANDLE_KEY_INFO = utf8('carechain/desk-handle-key/v1\0');
/** Where a consortium has no handle key, a person is one at each hospital, and nobody compares. */
const deskKeyOf = ({ account }: HospitalKeys): Uint8Array =>
  hkdfSha256(account, new Uint8Array(0), HANDLE_KEY_INFO, 32);
