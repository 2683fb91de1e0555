import type { Hash, Height, Round } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { type Canonical, decode, encode } from '../../base/canonical.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Result, refuse } from '../../base/result.ts';
import * as shape from '../../base/shape.ts';
import type { DecodeCode } from '../codes.ts';
import type { Vote } from '../engine.ts';
import { NO_BLOCK } from '../vote.ts';
import { SIMPLEX_LIMITS } from './limits.ts';
import { problemOfCertificate, type ViewCertificate, viewCertificateShape } from './messages.ts';
import { type BlockBallot, isRemembered, newestFinalised, type OwnVotes } from './own-votes.ts';

/** A block that the lock must bring through a crash of everyone. */
export interface LockedBlock {
  readonly hash: Hash;
  readonly parentHash: Hash;
  readonly block: Uint8Array;
}

/** The block that we voted to finalise last, as its certificate names it, below it its ancestors that the host has not made durable. */
export interface Lock {
  readonly notarisation: ViewCertificate;
  /** Each the parent of the next; the last is the one notarised. */
  readonly blocks: readonly LockedBlock[];
}

/** The bytes of `persist` (SIMPLEX-10). */
export interface SimplexSigningState {
  readonly own: OwnVotes;
  readonly lock: Lock | null;
}

const ballotShape: shape.Shape<BlockBallot> = shape.struct({
  type: shape.oneOf('proposal', 'notarise', 'finalise'),
  view: shape.roundShape,
  height: shape.heightShape,
  blockHash: shape.hash,
});

const stateShape = shape.struct({
  epoch: shape.heightShape,
  view: shape.nullable(shape.roundShape),
  ballots: shape.list(ballotShape, 2),
  finalised: shape.nullable(ballotShape),
  nullified: shape.nullable(shape.struct({ from: shape.roundShape, to: shape.roundShape })),
  lock: shape.nullable(
    shape.struct({
      notarisation: viewCertificateShape,
      blocks: shape.list(
        shape.struct({
          hash: shape.hash,
          parentHash: shape.hash,
          block: shape.bytes(0, LIMITS.blockBytesMax),
        }) as shape.Shape<LockedBlock>,
        SIMPLEX_LIMITS.blocksMax,
        1,
      ),
    }),
  ),
});

export const encodeSigningState = ({ own, lock }: SimplexSigningState): Uint8Array =>
  encode({ ...own, view: own.view < 0 ? null : own.view, lock } as unknown as Canonical);

export function decodeSigningState(bytes: Uint8Array): Result<SimplexSigningState, DecodeCode> {
  const value = decode(bytes, LIMITS.consensusMessageBytesMax);
  if (!value.ok) return value;
  const read = stateShape(value.value, '');
  if (!read.ok) return read;
  const { lock, view, ...rest } = read.value;
  const own: OwnVotes = { ...rest, view: view ?? -1 };
  const agrees = ownAgrees(own) && (lock === null || lockAgrees(lock));
  return agrees ? { ok: true, value: { own, lock } } : refuse('consensus-signing.wrong-form');
}

/** SIMPLEX-11: no two votes in one place, and nothing nullified at or below the newest finalise vote. */
function ownAgrees(own: OwnVotes): boolean {
  const { ballots, view, finalised, nullified } = own;
  if (ballots.some((cast) => cast.view !== view || cast.type === 'finalise')) return false;
  if (new Set(ballots.map(({ type }) => type)).size !== ballots.length) return false;
  if (finalised !== null && finalised.type !== 'finalise') return false;
  return nullified === null || (nullified.from <= nullified.to && nullified.from > newestFinalised(own));
}

function lockAgrees({ notarisation, blocks }: Lock): boolean {
  if (notarisation.type === 'nullification' || problemOfCertificate(notarisation) !== null) return false;
  const last = blocks[blocks.length - 1] as LockedBlock;
  if (!equal(last.hash, notarisation.blockHash) || notarisation.height < blocks.length) return false;
  return blocks.every(({ parentHash }, i) => i === 0 || equal(parentHash, (blocks[i - 1] as LockedBlock).hash));
}

/** The host's second lock (SIMPLEX-11): this very vote is in the durable state, and nothing that it contradicts. */
export function permits(signingState: Uint8Array, vote: Vote): boolean {
  const read = decodeSigningState(signingState);
  if (!read.ok || vote.engine !== 'simplex' || vote.preparedRound !== null || vote.preparedHash !== null) return false;
  const { own } = read.value;
  const { type, round: view, height, blockHash } = vote;
  if (type === 'nullify')
    return height === own.epoch && equal(blockHash, NO_BLOCK) && isRemembered(own, { type, view });
  if (type !== 'proposal' && type !== 'notarise' && type !== 'finalise') return false;
  return isRemembered(own, { type, view, height, blockHash });
}

/** Whether our key cast `vote` after this state was written (SIMPLEX-11). One that does not decode has forgotten everything. */
export function forgets(signingState: Uint8Array | null, vote: Vote): boolean {
  const read = signingState === null ? null : decodeSigningState(signingState);
  if (!read?.ok) return true;
  const newest = newestView(read.value.own);
  return vote.round > newest || (vote.round === newest && !permits(signingState as Uint8Array, vote));
}

/** The height of each locked block: the last one's is certified. */
export const heightOfLocked = ({ notarisation, blocks }: Lock, index: number): Height =>
  (notarisation.height - (blocks.length - 1 - index)) as Height;

/** The highest view that these votes name: where a restart goes on. */
export const newestView = ({ view, finalised, nullified }: OwnVotes): Round =>
  Math.max(0, view, nullified?.to ?? 0, finalised?.view ?? 0) as Round;
