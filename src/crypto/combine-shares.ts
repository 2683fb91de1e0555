import { assert } from '../base/assert.ts';
import type { Address, Hash, SecretKey } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { ReadCode } from './codes.ts';
import { dataKeyIn, type Envelope } from './envelope.ts';
import { openShare, type ShareName } from './read-share.ts';
import { decapsulateReencrypted } from './umbral/combination.ts';
import type { Capsule, Cfrag, GrantKeys, Verified } from './umbral/types.ts';

export interface HolderShare {
  readonly holder: Address;
  readonly share: Uint8Array;
  /** The holder's, as the grant on chain names them by their hash. */
  readonly fragmentIds: readonly Hash[];
}

export interface CombineInput extends Omit<ShareName, 'holder' | 'freshKey'> {
  readonly envelope: Envelope;
  /** The envelope's, verified. */
  readonly capsule: Verified<Capsule>;
  readonly keys: GrantKeys;
  readonly shares: readonly HolderShare[];
  /** t. */
  readonly threshold: number;
  readonly freshSecret: SecretKey;
  readonly receivingSecret: SecretKey;
}

/** What came of a read: the data key or why not, and whose shares did not hold: those can be disputed on chain. */
export interface Combined {
  readonly dataKey: Result<Uint8Array, ReadCode>;
  readonly wrong: readonly { readonly holder: Address; readonly code: ReadCode }[];
}

/** On the grantee's device: every share is verified, and any t valid ones open. Each holder counts once. */
export function combineShares(primitives: Primitives, input: CombineInput): Combined {
  const { chainId, readId, capsule, keys, threshold, freshSecret, receivingSecret, shares } = input;
  assert(threshold >= 1 && threshold <= LIMITS.holdersMax, 'a grant names between 1 and holdersMax shares');
  if (shares.length > LIMITS.holdersMax)
    return { dataKey: refuse('crypto-share.too-many', { holdersMax: LIMITS.holdersMax }), wrong: [] };
  const freshKey = primitives.publicKeyOf(freshSecret);
  const valid = new Map<string, Verified<Cfrag>>();
  const wrong: { readonly holder: Address; readonly code: ReadCode }[] = [];
  for (const { holder, share, fragmentIds } of shares) {
    const name = { chainId, readId, holder, freshKey };
    const opened = openShare(primitives, name, { share, freshSecret, capsule, keys, fragmentIds });
    if (opened.ok) valid.set(toHex(holder), opened.value);
    else wrong.push({ holder, code: opened.rejection.code });
  }
  const firstRefusal = wrong[0]?.code ?? 'none';
  if (valid.size < threshold)
    return { dataKey: refuse('crypto-share.too-few', { valid: valid.size, threshold, firstRefusal }), wrong };
  const cfrags = [...valid.values()].slice(0, threshold);
  const readKeys = { receivingSk: receivingSecret, delegatingPk: keys.delegatingPk };
  const shared = decapsulateReencrypted(primitives, readKeys, capsule, cfrags);
  const dataKey = shared.ok ? dataKeyIn(primitives, { chainId, shared: shared.value }, input.envelope) : shared;
  return { dataKey: dataKey.ok ? ok(dataKey.value) : dataKey, wrong };
}
