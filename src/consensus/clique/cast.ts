import type { Address, Height, Round } from '../../base/brand.ts';
import { equal, fromHex } from '../../base/bytes.ts';
import type { Ballot } from '../vote.ts';
import { recentLimit } from './rules.ts';
import { type BranchLink, encodeCliqueSigning, fittingBranch, type TrailLink } from './signing.ts';
import { type CliqueState, maySeal } from './state.ts';
import { type Link, type Past, pathOf } from './tree.ts';
import { change, note, payloadOf, type Turn } from './turn.ts';

/** The only place that asks for a signature: the vote and the chain it stands on are durable before the key touches it (CLIQUE-8). */
export function castVote(turn: Turn, head: Link, height: Height, ballot: Ballot, block: Uint8Array | null): void {
  const branch = fittingBranch(branchTo(turn.state, head), block);
  change(turn, { own: { height, ballot, block, parentHash: head.id, branch } });
  persist(turn, height);
  turn.effects.push({ type: 'sign', payload: payloadOf(turn.state, { ...ballot, height }) });
}

/**
 * Before a block is committed that our newest vote does not stand on: a restart must know who sealed lately (CLIQUE-5). Mostly it
 * does stand on it, and has it all in it.
 */
export function persistTrail(turn: Turn): void {
  const { own, root } = turn.state;
  if (!maySeal(turn.state)) return;
  const below = own === null ? [] : [own.ballot.blockHash, ...own.branch.map(({ seal }) => seal.blockHash)];
  if (!below.some((blockHash) => equal(blockHash, root.id))) persist(turn, root.height as Height);
}

function persist(turn: Turn, height: Height): void {
  const { own, past, durable, set } = turn.state;
  note(turn, 8);
  const trail = past.filter((link) => link.height > durable - recentLimit(set.length)).map(trailLink);
  const vote = own === null ? null : { ...own, branch: own.branch.filter(({ seal }) => seal.height > durable) };
  turn.effects.push({ type: 'persist', height, signingState: encodeCliqueSigning({ vote, trail }) });
}

const trailLink = ({ height, round, id, sealer }: Past): TrailLink => ({
  height: height as Height,
  round: round as Round,
  blockHash: id,
  sealer: sealer === '' ? null : (fromHex(sealer) as Address),
});

/** From the block above the durable tip up to `head`: what a power cut would take from us. */
function branchTo(state: CliqueState, head: Link): readonly BranchLink[] {
  const confirmed = state.past.flatMap(({ message, height }) =>
    message === null || height <= state.durable ? [] : [message],
  );
  const unfinal = [...pathOf(state.tree, head.key)].reverse();
  return [...confirmed, ...unfinal].map(({ seal, parentHash, block }) => ({ seal, parentHash, block }));
}
