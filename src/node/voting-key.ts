import type { Address, PublicKey, SecretKey } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import type { LedgerEnv, Tip } from '../ledger/chain.ts';
import { initialSigningRecord, isRecordOf, type Signer } from '../protocol/recovery.ts';
import type { HospitalKeys } from './keys.ts';
import { dropNextRecord, readNextRecord } from './next-signing-record.ts';
import type { NodeData } from './open-data.ts';

/** Of a node that stopped because its hospital has another validator key from here on: whoever runs it opens its folder again. */
export const KEY_CHANGED = 'node.validator-key-changed';

export interface VotingKey {
  readonly secretKey: SecretKey;
  readonly publicKey: PublicKey;
}

/** The key that the set above `tip` knows this hospital by, or undefined where it is no member. */
export const namedKeyOf = ({ validators }: Pick<Tip, 'validators'>, hospital: Address): PublicKey | undefined =>
  validators.find(({ id }) => equal(id, hospital))?.publicKey;

/**
 * Which of its validator keys a node runs with: the one that waits from the height on whose set names it, and until then the other. A key
 * begins its signing record where the data folder shows that it has signed nothing yet (next-signing-record.ts); one whose record is gone
 * is left to recovery, which refuses it. The old key's record is then of no use: that key comes back under no hospital (T-33).
 */
export async function takeVotingKey(
  env: LedgerEnv,
  tip: Tip,
  who: { readonly dataFolder: string; readonly hospital: Address; readonly keys: HospitalKeys },
  data: NodeData,
): Promise<VotingKey> {
  const { keys, hospital, dataFolder } = who;
  const pair = (secretKey: SecretKey): VotingKey => ({ secretKey, publicKey: env.primitives.publicKeyOf(secretKey) });
  const present = pair(keys.validator);
  if (keys.nextValidator === undefined) return present;
  const next = pair(keys.nextValidator);
  const signer: Signer = {
    chainId: env.chainId,
    engine: env.genesis.engine,
    validator: hospital,
    validatorKey: next.publicKey,
  };
  const isBegun = isRecordOf(signer, data.signing?.state ?? null);
  const named = namedKeyOf(tip, hospital);
  if (named === undefined || !equal(named, next.publicKey)) return isBegun ? next : present;
  if (!isBegun && isRecordOf(signer, await readNextRecord(dataFolder))) {
    await data.beginSigning(initialSigningRecord(signer, data.chain.signingSequenceAtTip()));
    await dropNextRecord(dataFolder);
  }
  return next;
}
