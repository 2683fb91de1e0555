import { assert } from '../base/assert.ts';
import type { Address, Hash, PublicKey } from '../base/brand.ts';
import { encode } from '../base/canonical.ts';
import { addressOf } from '../base/digest.ts';
import type { Primitives } from '../base/primitives.ts';
import { derive, type IdentityKeys } from './keys.ts';
import { CRYPTO_LIMITS } from './limits.ts';

/*
 * One pseudonym per hospital (PRIVACY.md, "Pseudonyms"). To the chain each is a participant of its own: its keys come from the
 * identity root by HKDF under the hospital's id, and without the root no two of them have a relation that anyone could test. A
 * pseudonym's delegating keys come from the delegating root under the pseudonym's address (`deriveDelegatingKey`), and a category
 * is the hash of its first key: so categories of two pseudonyms say nothing of each other either.
 */
export interface PseudonymScope {
  readonly chainId: Hash;
  /** The participant id of the hospital where the person is known by it. */
  readonly hospital: Address;
  /** 0 at first. A person who was linked begins anew at the next number, with nothing that leads from the old. */
  readonly generation: number;
}

/** Who the person is at one hospital. */
export interface Pseudonym {
  /** The participant id on chain. */
  readonly id: Address;
  readonly keys: IdentityKeys;
  readonly account: PublicKey;
  readonly fragmentSigning: PublicKey;
  readonly receiving: PublicKey;
}

export function derivePseudonymKeys(identityRoot: Uint8Array, scope: PseudonymScope): IdentityKeys {
  const { chainId, hospital, generation } = scope;
  assert(Number.isSafeInteger(generation) && generation >= 0 && generation <= CRYPTO_LIMITS.versionMax, 'a generation');
  const context = encode({ chainId, hospital, generation });
  return {
    account: derive(identityRoot, 'pseudonym-account', context),
    fragmentSigning: derive(identityRoot, 'pseudonym-fragment-signing', context),
    receiving: derive(identityRoot, 'pseudonym-receiving', context),
  };
}

export function pseudonymOf(primitives: Primitives, identityRoot: Uint8Array, scope: PseudonymScope): Pseudonym {
  const keys = derivePseudonymKeys(identityRoot, scope);
  const account = primitives.publicKeyOf(keys.account);
  return {
    id: addressOf(primitives, account),
    keys,
    account,
    fragmentSigning: primitives.publicKeyOf(keys.fragmentSigning),
    receiving: primitives.publicKeyOf(keys.receiving),
  };
}
