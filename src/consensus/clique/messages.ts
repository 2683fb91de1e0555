import type { Address, Hash, Signature } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { type Canonical, decode, encode } from '../../base/canonical.ts';
import { LIMITS } from '../../base/limits.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import * as shape from '../../base/shape.ts';
import type { DecodeCode } from '../codes.ts';
import type { Certificate } from '../engine.ts';
import { NO_BLOCK, type SignedVote, signedVoteShape } from '../vote.ts';
import { CLIQUE_LIMITS } from './limits.ts';

export interface Signed {
  readonly validator: Address;
  readonly signature: Signature;
}
/** A block with its builder's seal. Where it changes the set, the acknowledgements that confirm it may come with it, lowest first. */
export interface BlockMessage {
  readonly type: 'block';
  readonly seal: SignedVote;
  readonly parentHash: Hash;
  readonly block: Uint8Array;
  readonly acks: readonly Signed[];
  /** Not of the wire: the host's sync brought it, so it is held to no clock. */
  readonly synced: boolean;
}
/** The next seal on top of a block that changes the set (CLIQUE-12). `seal.preparedHash` names what it stands on. */
export interface AckMessage {
  readonly type: 'ack';
  readonly seal: SignedVote;
}
/** "This is my head." */
export interface HeadMessage {
  readonly type: 'head';
  readonly seal: SignedVote;
}
export interface RequestMessage {
  readonly type: 'request';
  readonly blockHash: Hash;
}
export type CliqueMessage = BlockMessage | AckMessage | HeadMessage | RequestMessage;

type Wire = Omit<BlockMessage, 'synced'> | AckMessage | HeadMessage | RequestMessage;

const seal = signedVoteShape;
const acks = shape.list(
  shape.struct({ validator: shape.address, signature: shape.signature }),
  CLIQUE_LIMITS.confirmationDepthMax,
);
const SHAPES: { readonly [Type in Wire['type']]: shape.Shape<Extract<Wire, { type: Type }>> } = {
  block: shape.struct({
    type: shape.oneOf('block'),
    seal,
    parentHash: shape.hash,
    block: shape.bytes(0, LIMITS.blockBytesMax),
    acks,
  }),
  ack: shape.struct({ type: shape.oneOf('ack'), seal }),
  head: shape.struct({ type: shape.oneOf('head'), seal }),
  request: shape.struct({ type: shape.oneOf('request'), blockHash: shape.hash }),
};
const typeShape = shape.oneOf('block', 'ack', 'head', 'request');

export function encodeMessage(message: CliqueMessage): Uint8Array {
  if (message.type !== 'block') return encode(message as unknown as Canonical);
  const { synced: _, ...wire } = message;
  return encode(wire as unknown as Canonical);
}

export const blockMessage = (
  vote: SignedVote,
  parentHash: Hash,
  block: Uint8Array,
  signed: readonly Signed[] = [],
): BlockMessage => ({ type: 'block', seal: vote, parentHash, block, acks: signed, synced: false });

/** A sealed block as its builder sends it. */
export const encodeBlockMessage = (vote: SignedVote, parentHash: Hash, block: Uint8Array): Uint8Array =>
  encodeMessage(blockMessage(vote, parentHash, block));

/** Form only (CLIQUE-2): signatures, membership, difficulty and parents are the engine's to judge. */
export function decodeMessage(bytes: Uint8Array): Result<CliqueMessage, DecodeCode> {
  const value = decode(bytes, LIMITS.consensusMessageBytesMax);
  if (!value.ok) return value;
  const map = shape.anyMap(value.value, '');
  if (!map.ok) return map;
  const type = typeShape(map.value.type, 'type');
  if (!type.ok) return type;
  const read: Result<Wire, DecodeCode> = SHAPES[type.value](map.value, '');
  if (!read.ok) return read;
  const message = read.value;
  if (message.type === 'request') return ok(message);
  const { type: of } = message.seal;
  const fits =
    message.type === 'head' ? of === 'seal' || of === 'ack' : of === (message.type === 'block' ? 'seal' : 'ack');
  if (!fits) return refuse('consensus-message.wrong-type');
  if (!hasForm(message.seal)) return refuse('consensus-vote.wrong-form');
  return ok(message.type === 'block' ? { ...message, synced: false } : message);
}

/** A seal names its block alone; an acknowledgement also what it stands on. */
const hasForm = ({ type, blockHash, preparedRound, preparedHash }: SignedVote): boolean =>
  !equal(blockHash, NO_BLOCK) && preparedRound === null && (preparedHash === null) === (type === 'seal');

/** A stored block as the message it once came in (CLIQUE-13): the first signature is its builder's. */
export function fromSync(stored: {
  readonly parentHash: Hash;
  readonly block: Uint8Array;
  readonly certificate: Certificate;
}): BlockMessage | null {
  const { engine, height, round, blockHash, signatures } = stored.certificate;
  const [own, ...others] = signatures;
  if (engine !== 'clique' || own === undefined || others.length > CLIQUE_LIMITS.confirmationDepthMax) return null;
  const vote = { height, round, type: 'seal', blockHash, preparedRound: null, preparedHash: null, ...own };
  return hasForm(vote) ? { ...blockMessage(vote, stored.parentHash, stored.block, others), synced: true } : null;
}
