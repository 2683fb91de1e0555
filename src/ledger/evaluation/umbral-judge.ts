import type { Hash, SecretKey } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { commitmentOf } from '../../crypto/envelope.ts';
import { openShare } from '../../crypto/read-share.ts';
import { verifyCapsule } from '../../crypto/umbral/capsule.ts';
import { capsuleSimple } from '../../crypto/umbral/encoding.ts';
import { isScalar } from '../../crypto/umbral/scalars.ts';
import type { Capsule, Verified } from '../../crypto/umbral/types.ts';
import type { LedgerCode } from '../codes.ts';
import type { DisputedShare, ShareJudge } from './share-judge.ts';

/**
 * Shares of scheme `umbral-v1`. The claim shows the capsule that the record's envelope commits to, and the secret of the read's fresh key: with
 * both, anyone can open the committed share and verify its proof as the reader's device did. The fresh key served this one read, and what it opens
 * still wants the reader's receiving secret.
 */
export const judgeUmbralShare: ShareJudge = (primitives, disputed) => {
  const capsule = committedCapsule(primitives, disputed);
  if (!capsule.ok) return capsule;
  const { chainId, readId, read, keys, holder, claim } = disputed;
  const freshSecret = claim.freshSecret as SecretKey;
  if (!isScalar(freshSecret) || !equal(primitives.publicKeyOf(freshSecret), read.freshKey))
    return refuse('dispute.malformed-proof');
  const opened = openShare(
    primitives,
    { chainId, readId, holder, freshKey: read.freshKey },
    {
      share: claim.share,
      freshSecret,
      capsule: capsule.value,
      keys,
      fragmentIds: claim.fragmentIds as readonly Hash[],
    },
  );
  return ok(opened.ok ? 'right' : 'wrong');
};

/** The capsule of the record that was read: no other proves anything. */
function committedCapsule(
  primitives: Primitives,
  { record, claim }: DisputedShare,
): Result<Verified<Capsule>, LedgerCode> {
  const { salt, capsule, envelopeRest: restHash } = claim;
  if (!equal(commitmentOf(primitives, { salt, capsule, restHash }), record.envelopeHash))
    return refuse('dispute.malformed-proof');
  const decoded = capsuleSimple.decode(primitives, capsule);
  const verified = decoded.ok ? verifyCapsule(primitives, decoded.value) : decoded;
  return verified.ok ? verified : refuse('dispute.malformed-proof');
}
