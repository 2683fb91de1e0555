import { combine, split } from 'shamir-secret-sharing';
import type { Address, Hash, PublicKey, SecretKey, Signature } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { decode, encode } from '../base/canonical.ts';
import { signingDigest } from '../base/digest.ts';
import { LIMITS } from '../base/limits.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import { SCALAR_ENTROPY_BYTES, scalarFromUniform } from '../crypto/keys.ts';
import {
  openWithPassword,
  PASSWORD_NONCE_BYTES,
  PASSWORD_SALT_BYTES,
  type PasswordCost,
  sealWithPassword,
} from '../crypto/password-box.ts';
import { isScalar } from '../crypto/umbral/scalars.ts';
import { deskPossessionBytes } from '../ledger/signed-words.ts';
import type { Device } from './device.ts';
import { CLIENT_LIMITS } from './limits.ts';
import { applied, type Sent, type Session } from './session.ts';

/*
 * A hospital's emergency desk (PRIVACY.md, "Emergencies"). Its receiving secret is made on a staffed device, split among the staff by Shamir's
 * scheme, two of whom it takes to open, and then forgotten: no device and no node holds it. Each share lies in a box under its holder's own
 * password, beside the key that it belongs to.
 */

/** How many of the staff it takes. */
const STAFF_NEEDED = 2;

export interface Staff {
  /** For the desk's own list; it is in no file. */
  readonly name: string;
  readonly password: string;
}

export interface StaffShare {
  readonly name: string;
  /** A file's text, that this one's password opens. */
  readonly text: string;
}

/** What is published of a desk, and what its staff take home. */
export interface NewDesk {
  readonly hospital: Address;
  readonly receivingKey: PublicKey;
  readonly possession: Signature;
  readonly shares: readonly StaffShare[];
}

/** A desk with its secret, for one emergency. */
export interface OpenDesk {
  readonly hospital: Address;
  readonly receivingKey: PublicKey;
  readonly secretKey: SecretKey;
  /** Overwrites the secret. */
  close(): void;
}

const shareShape = shape.struct({
  chainId: shape.hash,
  hospital: shape.address,
  receivingKey: shape.publicKey,
  /** Of shamir-secret-sharing: the secret's length and one byte more. */
  share: shape.bytes(33),
});
type HeldShare = shape.Shaped<typeof shareShape>;

/** On the desk's device, with the staff present: each types a password of his own. */
export async function createDesk(
  device: Device,
  desk: {
    readonly chainId: Hash;
    readonly hospital: Address;
    readonly staff: readonly Staff[];
    readonly cost?: PasswordCost;
  },
): Promise<Result<NewDesk>> {
  const { chainId, hospital, staff, cost } = desk;
  const { primitives } = device;
  if (staff.length < STAFF_NEEDED || staff.length > CLIENT_LIMITS.deskStaffMax)
    return refuse('client-desk.staff', { staffMin: STAFF_NEEDED, staffMax: CLIENT_LIMITS.deskStaffMax });
  const secretKey = scalarFromUniform(device.random(SCALAR_ENTROPY_BYTES));
  try {
    const receivingKey = primitives.publicKeyOf(secretKey);
    const words = deskPossessionBytes(chainId, hospital, receivingKey);
    const possession = primitives.sign(signingDigest(primitives, 'desk-possession', words), secretKey);
    const shares = await split(secretKey, staff.length, STAFF_NEEDED);
    const sealed: StaffShare[] = [];
    for (const [i, { name, password }] of staff.entries()) {
      const held = { chainId, hospital, receivingKey, share: new Uint8Array(shares[i] as Uint8Array) };
      const salt = device.random(PASSWORD_SALT_BYTES);
      const nonce = device.random(PASSWORD_NONCE_BYTES);
      const box = { password, salt, nonce, ...(cost === undefined ? {} : { cost }) };
      sealed.push({ name, text: sealWithPassword(primitives, box, encode(held)) });
      await othersTurn();
    }
    return ok({ hospital, receivingKey, possession, shares: sealed });
  } finally {
    secretKey.fill(0);
  }
}

/** Two of the staff open it. One alone, or one twice, opens nothing: the library would answer with random bytes, so they are counted first. */
export async function openDesk(
  primitives: Primitives,
  chainId: Hash,
  handedIn: readonly { readonly text: string; readonly password: string }[],
): Promise<Result<OpenDesk>> {
  const held: HeldShare[] = [];
  for (const { text, password } of handedIn) {
    const share = readShare(primitives, password, text);
    if (!share.ok) return share;
    await othersTurn();
    held.push(share.value);
  }
  const [first] = held;
  const distinct = new Map(held.map(({ share }) => [toHex(share), share]));
  if (first === undefined || distinct.size < STAFF_NEEDED)
    return refuse('client-desk.too-few-staff', { present: distinct.size, needed: STAFF_NEEDED });
  const { hospital, receivingKey } = first;
  if (!equal(first.chainId, chainId) || held.some((one) => !equal(one.receivingKey, receivingKey)))
    return refuse('client-desk.other-desk');
  const secretKey = new Uint8Array(await combine([...distinct.values()])) as SecretKey;
  if (!isScalar(secretKey) || !equal(primitives.publicKeyOf(secretKey), receivingKey))
    return refuse('client-desk.damaged');
  return ok({ hospital, receivingKey, secretKey, close: () => void secretKey.fill(0) });
}

/** Passwords are slow on purpose: connections and pages are looked after in between. */
const othersTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

function readShare(primitives: Primitives, password: string, text: string): Result<HeldShare> {
  const opened = openWithPassword(primitives, password, text);
  if (!opened.ok) return opened;
  const value = decode(opened.value, LIMITS.transactionBytesMax);
  const share = value.ok ? shareShape(value.value, 'share') : value;
  return share.ok ? share : refuse('client-desk.damaged');
}

/** `session`: the hospital's account. Patients can grant to the desk from the next block on; what was granted to an earlier key opens nothing more. */
export const publishDeskKey = async (
  session: Session,
  { receivingKey, possession }: Pick<NewDesk, 'receivingKey' | 'possession'>,
): Promise<Result<Sent>> => applied(await session.send('publishDeskKey', { receivingKey, possession }));
