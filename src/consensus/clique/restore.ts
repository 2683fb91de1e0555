import type { Address, Hash, Signature } from '../../base/brand.ts';
import { keyOf } from '../key.ts';
import { blockMessage } from './messages.ts';
import { onAck, onBlock } from './receive.ts';
import { type BranchLink, type CliqueSigningState, decodeCliqueSigning, type OwnVote } from './signing.ts';
import { type CliqueState, maySeal } from './state.ts';
import type { Past } from './tree.ts';
import { change, note, payloadOf, type Turn } from './turn.ts';

/** CLIQUE-8: takes up the durable signing state: who sealed lately, the chain that we sealed on, and our last seal, offered again. */
export function restore(turn: Turn, bytes: Uint8Array): void {
  note(turn, 8);
  const read = decodeCliqueSigning(bytes);
  if (!read.ok) {
    change(turn, { silent: true });
    return;
  }
  const { vote } = read.value;
  change(turn, { own: vote, past: pastBelow(turn.state, read.value) });
  const { self } = turn.state.config;
  if (vote === null || self === null || !maySeal(turn.state)) return;
  offerBranch(turn, self, vote.branch);
  if (vote.height <= turn.state.durable) return;
  change(turn, { resealing: unsignedMessage(vote, self) });
  turn.effects.push({ type: 'persist', height: vote.height, signingState: bytes });
  turn.effects.push({ type: 'sign', payload: payloadOf(turn.state, { ...vote.ballot, height: vote.height }) });
}

const NO_SIGNATURE = new Uint8Array(65) as Signature;

function unsignedMessage({ height, ballot, block, parentHash }: OwnVote, validator: Address) {
  if (block === null) return null;
  const seal = { ...ballot, height, validator, signature: NO_SIGNATURE };
  return { ...blockMessage(seal, parentHash, block), synced: true };
}

/** The chain up to the tip, as far as the stored one leads there, where that is further than the host knows who sealed (CLIQUE-5). */
function pastBelow({ past, root, config }: CliqueState, { trail, vote }: CliqueSigningState): readonly Past[] {
  const links = new Map<string, Past>();
  const add = (id: Hash, sealer: Address | null, link: Pick<Past, 'height' | 'round' | 'parent' | 'message'>) =>
    links.set(keyOf(id), { ...link, id, key: keyOf(id), sealer: sealer === null ? '' : keyOf(sealer) });

  let below = '';
  for (const { blockHash, sealer, height, round } of trail) {
    add(blockHash, sealer, { height, round, parent: below, message: null });
    below = keyOf(blockHash);
  }
  for (const { seal, parentHash, block } of vote?.branch ?? []) {
    if (block === null) continue;
    const message = blockMessage(seal, parentHash, block);
    add(seal.blockHash, seal.validator, { height: seal.height, round: seal.round, parent: keyOf(parentHash), message });
  }
  if (vote?.block != null) {
    const { height, ballot, parentHash } = vote;
    add(ballot.blockHash, config.self, { height, round: ballot.round, parent: keyOf(parentHash), message: null });
  }
  // Under a new set the tip is all that counts, and the host named its sealer.
  const chain = root.base === root.round ? chainUpTo(links, root.key) : [];
  return chain.length >= past.length ? chain : past;
}

function chainUpTo(links: ReadonlyMap<string, Past>, key: string): readonly Past[] {
  const chain: Past[] = [];
  for (let link = links.get(key); link !== undefined; link = links.get(link.parent)) chain.unshift(link);
  return chain;
}

function offerBranch(turn: Turn, self: Address, branch: readonly BranchLink[]): void {
  for (const { seal, parentHash, block } of branch) {
    if (block === null) onAck(turn, self, { type: 'ack', seal });
    else if (seal.height > turn.state.root.height)
      onBlock(turn, self, { ...blockMessage(seal, parentHash, block), synced: true });
  }
}
