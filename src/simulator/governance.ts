import type { Address, Hash, SecretKey } from '../base/brand.ts';
import { signingDigest } from '../base/digest.ts';
import type { Primitives } from '../base/primitives.ts';
import type { Payload } from '../ledger/families/payloads.ts';
import { validatorPossessionBytes } from '../ledger/signed-words.ts';
import type { GovernanceStep } from './plan.ts';

export interface ChangeTerms {
  readonly hospital: Address;
  /** The first height that the changed set decides. */
  readonly activationHeight: number;
  /** The validator key to bind; null for a removal. */
  readonly key: SecretKey | null;
}

/** What hospitals vote on, in the ledger's own words. */
export function changeOf(
  { primitives, chainId }: { readonly primitives: Primitives; readonly chainId: Hash },
  { change }: GovernanceStep,
  { hospital, activationHeight, key }: ChangeTerms,
): Payload<'propose'> {
  if (key === null) return { change: 'removeValidator', value: { hospital, activationHeight } };
  const validatorKey = primitives.publicKeyOf(key);
  const words = validatorPossessionBytes(chainId, hospital, validatorKey);
  const possession = primitives.sign(signingDigest(primitives, 'validator-possession', words), key);
  return {
    change: change === 'add' ? 'addValidator' : 'rotateValidatorKey',
    value: { hospital, validatorKey, possession, activationHeight },
  };
}
