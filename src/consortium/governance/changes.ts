import type { Address, PublicKey, SecretKey } from '../../base/brand.ts';
import { equal, fromHex } from '../../base/bytes.ts';
import { signingDigest } from '../../base/digest.ts';
import type { Payload } from '../../ledger/families/payloads.ts';
import { validatorPossessionBytes } from '../../ledger/signed-words.ts';
import { usageError } from '../output.ts';
import type { HospitalDesk } from './hospital-desk.ts';
import type { Governance, HospitalAnswer } from './questions.ts';

export type Proposed = Payload<'propose'>;

/** Heights that a vote on a change of the set is given where nobody says more: an hour at a heartbeat of ten seconds. */
const VOTING_HEIGHTS = 360;

/** `add` and `rotate`: of the hospital's own key, with proof that it holds it. */
export function keyChange(
  { device, session }: HospitalDesk,
  change: 'addValidator' | 'rotateValidatorKey',
  { publicKey, secretKey }: { readonly publicKey: PublicKey; readonly secretKey: SecretKey },
  activationHeight: number,
): Proposed {
  const { primitives } = device;
  const hospital = session.account.id;
  const words = validatorPossessionBytes(session.trust.chainId, hospital, publicKey);
  const possession = primitives.sign(signingDigest(primitives, 'validator-possession', words), secretKey);
  return { change, value: { hospital, validatorKey: publicKey, possession, activationHeight } };
}

/** The first height that a changed set decides: as asked, or late enough for a vote. */
export const activationHeightOf = ({ height, changeDelayHeights }: Governance, at: number | undefined): number =>
  at ?? height + changeDelayHeights + VOTING_HEIGHTS;

/** A hospital by its id, or by its name where only one has it. */
export function hospitalNamed(hospitals: readonly HospitalAnswer[], text: string): Address {
  const id = fromHex(text);
  const found = hospitals.filter((one) => (id?.length === 20 ? equal(one.id, id) : one.name === text));
  const [only, another] = found;
  if (only === undefined) throw usageError(`no hospital of this chain has the id or the name ${text}`);
  if (another !== undefined) throw usageError(`more than one hospital is called ${text}: give the id`);
  return only.id;
}
