import type { Address, Hash, Height, Round, Signature } from '../../base/brand.ts';
import { compareBytes, equal } from '../../base/bytes.ts';
import { type Canonical, decode, encode } from '../../base/canonical.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Result, refuse } from '../../base/result.ts';
import * as shape from '../../base/shape.ts';
import type { DecodeCode } from '../codes.ts';
import { NO_BLOCK, type SignedVote, signedVoteShape } from '../vote.ts';
import { SIMPLEX_LIMITS } from './limits.ts';

/** The leader's block and the notarised one it stands on; or that one again, in a later view (SIMPLEX-4). */
export interface Proposal {
  readonly type: 'proposal';
  readonly vote: SignedVote;
  /** A view that notarised the parent; null where it was final before the epoch began. Only a hint whom to ask for what. */
  readonly parentView: Round | null;
  readonly parentHash: Hash;
  /** Null where `parentHash` itself is proposed again. */
  readonly block: Uint8Array | null;
}

export type SimplexVoteType = 'notarise' | 'nullify' | 'finalise';
export interface VoteMessage {
  readonly type: SimplexVoteType;
  readonly vote: SignedVote;
}

/** One vote of one view, signed by a quorum, in validator order. */
export interface ViewCertificate {
  readonly type: 'notarisation' | 'nullification' | 'finalisation';
  readonly view: Round;
  /** The block's height; of a nullification, the epoch. */
  readonly height: Height;
  readonly blockHash: Hash;
  readonly signatures: readonly { readonly validator: Address; readonly signature: Signature }[];
}

/** The certificate that a quorum of these votes makes, and back. */
export const CERTIFICATE_OF = { notarise: 'notarisation', nullify: 'nullification', finalise: 'finalisation' } as const;
export const VOTE_OF = { notarisation: 'notarise', nullification: 'nullify', finalisation: 'finalise' } as const;

/** "Send me the certificates that you hold of these views", both ends included. */
export interface ViewsRequest {
  readonly type: 'request-views';
  readonly from: Round;
  readonly to: Round;
}
export interface BlockRequest {
  readonly type: 'request-block';
  readonly blockHash: Hash;
}
/** The answer to a `BlockRequest`. Only the host's verdict binds its fields to each other. */
export interface BlockAnswer {
  readonly type: 'block';
  readonly blockHash: Hash;
  readonly parentHash: Hash;
  readonly block: Uint8Array;
}

export type SimplexMessage = Proposal | VoteMessage | ViewCertificate | ViewsRequest | BlockRequest | BlockAnswer;

const vote = signedVoteShape;
const block = shape.bytes(0, LIMITS.blockBytesMax);
const voteMessage = shape.struct({ type: shape.oneOf('notarise', 'nullify', 'finalise'), vote });

export const viewCertificateShape: shape.Shape<ViewCertificate> = shape.struct({
  type: shape.oneOf('notarisation', 'nullification', 'finalisation'),
  view: shape.roundShape,
  height: shape.heightShape,
  blockHash: shape.hash,
  signatures: shape.list(
    shape.struct({ validator: shape.address, signature: shape.signature }),
    LIMITS.validatorsMax,
    1,
  ),
});

const SHAPES: { readonly [Type in SimplexMessage['type']]: shape.Shape<SimplexMessage> } = {
  proposal: shape.struct({
    type: shape.oneOf('proposal'),
    vote,
    parentView: shape.nullable(shape.roundShape),
    parentHash: shape.hash,
    block: shape.nullable(block),
  }),
  notarise: voteMessage,
  nullify: voteMessage,
  finalise: voteMessage,
  notarisation: viewCertificateShape,
  nullification: viewCertificateShape,
  finalisation: viewCertificateShape,
  'request-views': shape.struct({ type: shape.oneOf('request-views'), from: shape.roundShape, to: shape.roundShape }),
  'request-block': shape.struct({ type: shape.oneOf('request-block'), blockHash: shape.hash }),
  block: shape.struct({ type: shape.oneOf('block'), blockHash: shape.hash, parentHash: shape.hash, block }),
};

const typeShape = shape.oneOf(...(Object.keys(SHAPES) as SimplexMessage['type'][]));

export const encodeMessage = (message: SimplexMessage): Uint8Array => encode(message as unknown as Canonical);

/** Form only: signatures, membership and justification are the engine's to judge (SIMPLEX-3). */
export function decodeMessage(bytes: Uint8Array): Result<SimplexMessage, DecodeCode> {
  const value = decode(bytes, LIMITS.consensusMessageBytesMax);
  if (!value.ok) return value;
  const map = shape.anyMap(value.value, '');
  if (!map.ok) return map;
  const type = typeShape(map.value.type, 'type');
  if (!type.ok) return type;
  const message = SHAPES[type.value](map.value, '');
  if (!message.ok) return message;
  const problem = problemOf(message.value);
  return problem === null ? message : refuse(problem);
}

function problemOf(message: SimplexMessage): DecodeCode | null {
  switch (message.type) {
    case 'proposal':
      return problemOfVote(message) ?? (isProposal(message) ? null : 'consensus-proposal.wrong-parent');
    case 'notarise':
    case 'nullify':
    case 'finalise':
      return problemOfVote(message);
    case 'notarisation':
    case 'nullification':
    case 'finalisation':
      return problemOfCertificate(message);
    case 'request-views':
      return isRange(message) ? null : 'consensus-request.wrong-range';
    default:
      return null;
  }
}

/** SIMPLEX-2: a nullify vote names no block, every other names one, and none has a prepared round. */
function problemOfVote({ type, vote }: { readonly type: string; readonly vote: SignedVote }): DecodeCode | null {
  if (vote.type !== type) return 'consensus-message.wrong-type';
  const bare = vote.preparedRound === null && vote.preparedHash === null;
  return bare && namesBlock(vote) === (type !== 'nullify') ? null : 'consensus-vote.wrong-form';
}

/** SIMPLEX-5: the parent is of an earlier view, and a block proposed again is its own parent here and carries no bytes. */
const isProposal = ({ vote, parentView, parentHash, block }: Proposal): boolean =>
  (parentView === null || parentView < vote.round) && (block === null) === equal(parentHash, vote.blockHash);

/** Signers rise strictly: validator order, and none twice (SIMPLEX-12). */
export function problemOfCertificate(certificate: ViewCertificate): DecodeCode | null {
  const { signatures, type } = certificate;
  if (namesBlock(certificate) !== (type !== 'nullification')) return 'consensus-vote.wrong-form';
  for (let i = 1; i < signatures.length; i++) {
    const [a, b] = [signatures[i - 1], signatures[i]];
    if (a === undefined || b === undefined || compareBytes(a.validator, b.validator) >= 0)
      return 'consensus-certificate.wrong-order';
  }
  return null;
}

const namesBlock = ({ blockHash }: { readonly blockHash: Hash }): boolean => !equal(blockHash, NO_BLOCK);

const isRange = ({ from, to }: ViewsRequest): boolean => from <= to && to - from < SIMPLEX_LIMITS.requestedViewsMax;
