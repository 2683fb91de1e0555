import { join } from 'node:path';
import type { PublicKey, SecretKey } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { generateScalar, writeHospitalKeys } from '../../node/keys.ts';
import { readNextRecord, writeNextRecord } from '../../node/next-signing-record.ts';
import { isRecordOf, type Signer } from '../../protocol/recovery.ts';
import { KEYS_FILE } from '../layout.ts';
import type { HospitalDesk } from './hospital-desk.ts';
import type { Governance, ProposalAnswer } from './questions.ts';

export interface NextKey {
  readonly secretKey: SecretKey;
  readonly publicKey: PublicKey;
}

/**
 * The validator key that waits in keys.json, made where none does. Its first signing record is written before it, so that no key waits
 * without one; a key whose record is gone may have signed elsewhere, and is replaced.
 */
export async function nextKeyOf(desk: HospitalDesk): Promise<NextKey> {
  const { data, keys } = desk;
  const waiting = waitingKeyOf(desk);
  if (waiting !== null && isRecordOf(signerOf(desk, waiting.publicKey), await readNextRecord(data))) return waiting;
  const made = pairOf(desk, generateScalar());
  await writeNextRecord(data, signerOf(desk, made.publicKey));
  await writeHospitalKeys(join(data, KEYS_FILE), { ...keys, nextValidator: made.secretKey });
  return made;
}

export function waitingKeyOf(desk: HospitalDesk): NextKey | null {
  const { nextValidator } = desk.keys;
  return nextValidator === undefined ? null : pairOf(desk, nextValidator);
}

const pairOf = ({ device }: HospitalDesk, secretKey: SecretKey): NextKey => ({
  secretKey,
  publicKey: device.primitives.publicKeyOf(secretKey),
});

const signerOf = ({ session, genesis }: HospitalDesk, validatorKey: PublicKey): Signer => ({
  chainId: session.trust.chainId,
  engine: genesis.engine,
  validator: session.account.id,
  validatorKey,
});

/** How far the key that waits has come: what is under way is not begun a second time. */
export type KeyStage =
  | { readonly stage: 'none' }
  | { readonly stage: 'proposed'; readonly proposal: ProposalAnswer }
  | { readonly stage: 'scheduled'; readonly activationHeight: number }
  | { readonly stage: 'active' };

export function stageOf(
  desk: HospitalDesk,
  { validators, scheduled }: Governance,
  proposals: readonly ProposalAnswer[],
): KeyStage {
  const waiting = waitingKeyOf(desk);
  if (waiting === null) return { stage: 'none' };
  const isOurs = (member: { readonly id: Uint8Array; readonly publicKey: Uint8Array }): boolean =>
    equal(member.id, desk.session.account.id) && equal(member.publicKey, waiting.publicKey);
  if (validators.some(isOurs)) return { stage: 'active' };
  if (scheduled?.validators.some(isOurs)) return { stage: 'scheduled', activationHeight: scheduled.activationHeight };
  const key = Buffer.from(waiting.publicKey).toString('hex');
  const proposal = proposals.find(({ status, value }) => status === 'open' && value.validatorKey === key);
  return proposal === undefined ? { stage: 'none' } : { stage: 'proposed', proposal };
}
