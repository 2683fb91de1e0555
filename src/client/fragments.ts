import type { Address, Hash, PublicKey } from '../base/brand.ts';
import { compareBytes, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { keyIdBytes } from '../crypto/envelope.ts';
import { type Holder, issueFragments } from '../crypto/grant-fragment.ts';
import { UMBRAL_ENTROPY_BYTES } from '../crypto/umbral/parameters.ts';
import { fragmentsHashOf } from '../ledger/signed-words.ts';
import type { FragmentsRequest } from './api.ts';
import { CLIENT_LIMITS } from './limits.ts';
import type { Session } from './session.ts';
import type { Wallet } from './wallet.ts';

type Fragment = FragmentsRequest['fragments'][number];

export interface IssueForGrant {
  readonly grantId: Uint8Array;
  /** The grantee's receiving key. */
  readonly grantee: PublicKey;
  readonly threshold: number;
  readonly holders: readonly Holder[];
  readonly categories: readonly GrantedEpochs[];
}

export interface GrantedEpochs {
  /** The wallet's own label. */
  readonly label: string;
  readonly category: Uint8Array;
  readonly epochFrom: number;
  readonly epochTo: number;
}

export interface IssuedFragments {
  readonly fragments: readonly Fragment[];
  /** What each holder's receipt must sign, by the holder's id in hexadecimal. */
  readonly expected: ReadonlyMap<string, Hash>;
}

/** One fragment for each holder and delegating key: it serves every record sealed to that key, those of tomorrow too. */
export function issueForGrant(
  session: Session,
  wallet: Wallet,
  { grantId, grantee, threshold, holders, categories }: IssueForGrant,
): Result<IssuedFragments> {
  const { device, trust } = session;
  const keys = categories.flatMap(epochsOf).sort((a, b) => compareBytes(keyIdBytes(a), keyIdBytes(b)));
  if (keys.length > CLIENT_LIMITS.grantKeysMax)
    return refuse('client-grant.too-many-epochs', { keysMax: CLIENT_LIMITS.grantKeysMax });
  const fragments: Fragment[] = [];
  for (const { label, category, epoch } of keys) {
    const issued = issueFragments(device.primitives, {
      chainId: trust.chainId,
      grantId,
      keyId: { category, epoch },
      delegatingSecret: wallet.delegatingKey(label, epoch).secretKey,
      grantee,
      signingSecret: wallet.signing.secretKey,
      threshold,
      holders,
      entropy: device.random(UMBRAL_ENTROPY_BYTES),
    });
    if (!issued.ok) return issued;
    fragments.push(...issued.value.map((fragment) => ({ ...fragment, category, epoch })));
  }
  return ok({ fragments, expected: expectedHashes(session, holders, fragments) });
}

const epochsOf = ({ label, category, epochFrom, epochTo }: GrantedEpochs) =>
  Array.from({ length: epochTo - epochFrom + 1 }, (_, i) => ({ label, category, epoch: epochFrom + i }));

function expectedHashes(
  { device }: Session,
  holders: readonly Holder[],
  fragments: readonly Fragment[],
): ReadonlyMap<string, Hash> {
  const idsOf = (holder: Address): Hash[] =>
    fragments.filter((one) => toHex(one.holder) === toHex(holder)).map(({ fragmentId }) => fragmentId);
  return new Map(holders.map(({ hospital }) => [toHex(hospital), fragmentsHashOf(device.primitives, idsOf(hospital))]));
}
