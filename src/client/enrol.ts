import type { Address, Hash, PublicKey, Signature } from '../base/brand.ts';
import { concat, utf8 } from '../base/bytes.ts';
import { signingDigest } from '../base/digest.ts';
import type { Primitives } from '../base/primitives.ts';
import type { Result } from '../base/result.ts';
import { hkdfSha256 } from '../crypto/hkdf.ts';
import { enrolmentBytes } from '../ledger/signed-words.ts';
import type { Role } from '../ledger/vocabulary.ts';
import { applied, type Sent, type Session } from './session.ts';
import type { Account, Wallet } from './wallet.ts';

/*
 * Two devices meet at a hospital's desk. The person's makes the keys and asks; the hospital's desk has checked who stands there,
 * and vouches. The person's device sends the transaction: the hospital never holds a key of the person.
 */

/** What the person's device shows at the desk: public keys and a role. */
export interface EnrolmentRequest {
  readonly publicKey: PublicKey;
  readonly role: Role;
  readonly signingKey: PublicKey;
  readonly receivingKey: PublicKey;
}

/** What the desk gives back. */
export interface Sponsorship {
  readonly hospital: Address;
  readonly handle: Hash;
  readonly sponsorSignature: Signature;
}

export const enrolmentRequest = (wallet: Wallet, role: Role): EnrolmentRequest => ({
  publicKey: wallet.account.publicKey,
  role,
  signingKey: wallet.signing.publicKey,
  receivingKey: wallet.receiving.publicKey,
});

const HANDLE_INFO = utf8('carechain/handle/v1\0');
const NO_SALT = new Uint8Array(0);

/**
 * The hospital's token for one identity (F6): the same person twice gives the same handle, and without `handleKey`, 32 secret
 * bytes that stay at the desk, no dictionary of names or numbers opens it.
 */
export const handleOf = (handleKey: Uint8Array, identifier: string): Hash =>
  hkdfSha256(handleKey, NO_SALT, concat(HANDLE_INFO, utf8(identifier)), 32) as Hash;

/** At the hospital's desk, once identity is checked. */
export function sponsorEnrolment(
  primitives: Primitives,
  chainId: Hash,
  hospital: Account,
  { request, handle }: { readonly request: EnrolmentRequest; readonly handle: Hash },
): Sponsorship {
  const { publicKey, role, signingKey, receivingKey } = request;
  const words = enrolmentBytes(chainId, publicKey, { role, hospital: hospital.id, handle, signingKey, receivingKey });
  const digest = signingDigest(primitives, 'enrolment-sponsor', words);
  return { hospital: hospital.id, handle, sponsorSignature: primitives.sign(digest, hospital.secretKey) };
}

/** On the person's device. Applied, the person is pending: the hospital admits next. */
export async function enrol(
  session: Session,
  { request, sponsorship }: { readonly request: EnrolmentRequest; readonly sponsorship: Sponsorship },
): Promise<Result<Sent>> {
  const { role, signingKey, receivingKey } = request;
  return applied(await session.send('enrol', { role, signingKey, receivingKey, ...sponsorship }));
}

/** `session`: the hospital's account, or one of its administrators. */
export const admit = async (session: Session, participant: Address): Promise<Result<Sent>> =>
  applied(await session.send('admit', { participant }));

export const suspend = async (session: Session, participant: Address): Promise<Result<Sent>> =>
  applied(await session.send('suspend', { participant }));

export const reinstate = async (session: Session, participant: Address): Promise<Result<Sent>> =>
  applied(await session.send('reinstate', { participant }));
