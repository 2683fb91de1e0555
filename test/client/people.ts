import type { ApiClient } from '../../src/client/api.ts';
import type { Device } from '../../src/client/device.ts';
import { admit, enrol, enrolmentRequest, handleOf, sponsorEnrolment } from '../../src/client/enrol.ts';
import { createSession, type Session } from '../../src/client/session.ts';
import { type Account, accountOf, createWallet, type Wallet } from '../../src/client/wallet.ts';
import type { Role } from '../../src/ledger/vocabulary.ts';
import { hospitalName, primitives, secretOf } from '../ledger/town.ts';
import { type FakeConsortium, unwrapped } from './fake-consortium.ts';

export interface Person {
  readonly wallet: Wallet;
  readonly session: Session;
}

const FAST = { receiptPollMs: 1, receiptTimeoutMs: 200 };

/** How a person's device reaches a hospital: in memory, unless a test puts in the API. */
export type Connect = (account: Account) => { readonly api: ApiClient; readonly device: Device };

export const inMemory =
  (consortium: FakeConsortium): Connect =>
  (account) => ({ api: consortium.api(), device: consortium.device(`device of ${account.id.join()}`) });

export function sessionOf(consortium: FakeConsortium, account: Account, api?: ApiClient): Session {
  const connected = inMemory(consortium)(account);
  return sessionThrough(consortium, account, () => (api === undefined ? connected : { ...connected, api }));
}

export const sessionThrough = (consortium: FakeConsortium, account: Account, connect: Connect): Session =>
  createSession({ ...connect(account), trust: consortium.trust, account, ...FAST });

export const hospitalAccount = (n: number): Account => accountOf(primitives, secretOf(hospitalName(n)));

/** Somebody with a wallet that no hospital knows. */
export function stranger(consortium: FakeConsortium, name: string, connect = inMemory(consortium)): Person {
  const wallet = createWallet(consortium.device(`wallet of ${name}`));
  return { wallet, session: sessionThrough(consortium, wallet.account, connect) };
}

export interface Membership {
  readonly hospital?: number;
  /** What the desk finds on the person's papers. */
  readonly identity?: string;
  readonly connect?: Connect;
}

/** Somebody enrolled and admitted at a hospital. */
export async function member(
  consortium: FakeConsortium,
  name: string,
  role: Role,
  { hospital = 1, identity = name, connect = inMemory(consortium) }: Membership = {},
): Promise<Person> {
  const person = stranger(consortium, name, connect);
  const desk = sessionThrough(consortium, hospitalAccount(hospital), connect);
  const request = enrolmentRequest(person.wallet, role);
  const handle = handleOf(secretOf(`handle key of hospital ${hospital}`), identity);
  const sponsorship = sponsorEnrolment(primitives, consortium.trust.chainId, desk.account, { request, handle });
  unwrapped(await enrol(person.session, { request, sponsorship }));
  unwrapped(await admit(desk, person.wallet.id));
  return person;
}
