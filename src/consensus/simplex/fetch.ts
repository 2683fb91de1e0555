import type { Address, Hash, Height, Round } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import type { Validator } from '../../base/validators.ts';
import { keyOf } from '../key.ts';
import { offerCertified, withoutBlock } from './blocks.ts';
import { baseOf, ladderOf, rungOf } from './ladder.ts';
import { SIMPLEX_LIMITS } from './limits.ts';
import type { BlockAnswer, BlockRequest, ViewCertificate, ViewsRequest } from './messages.ts';
import { changed, type KnownBlock, knownBlock, leadsView, recordOf, type SimplexState } from './state.ts';
import { send, type Turn } from './turn.ts';
import { notarisedBy } from './views.ts';

/** Something that we lack and a peer may have. It follows from the state alone. */
export interface Need {
  readonly key: string;
  readonly request: ViewsRequest | BlockRequest;
  /** Of a block: where it stands, and the block that named it as its parent, if that is how we know of it. */
  readonly height: Height | null;
  readonly child: Hash | null;
  /** It is not on its way to us: we cannot go on without, or it is final. */
  readonly urgent: boolean;
  readonly final: boolean;
}

/** SIMPLEX-17: certificates that a ladder of our view lacks, and blocks that a quorum saw. At most a few at a time. */
export function needsOf(state: SimplexState): readonly Need[] {
  if (state.phase === 'idle') return [];
  return [...neededViews(state), ...neededBlocks(state)];
}

function neededViews(state: SimplexState): readonly Need[] {
  const { proposal } = recordOf(state, state.view);
  const ladder = ladderOf(state);
  const urgent = proposal !== null || leadsView(state);
  const needs: Need[] = [];
  if (ladder.gap !== null) needs.push(viewsNeed(state, ladder.gap, urgent));
  // The leader knows a notarisation where we know the view nullified: both can be.
  const named = proposal?.parentView ?? null;
  const unknown = proposal !== null && rungOf(ladder, proposal.parentHash) === undefined;
  if (unknown && named !== null && named > state.root.view && notarisedBy(state.views.get(named)) === null)
    needs.push(viewsNeed(state, named, true));
  return needs;
}

/** Asks for the run of views that ends with this one. */
function viewsNeed({ root }: SimplexState, to: number, urgent: boolean): Need {
  const from = Math.max(root.view + 1, to - SIMPLEX_LIMITS.requestedViewsMax + 1);
  const request = { type: 'request-views' as const, from: from as Round, to: to as Round };
  return { key: `views to ${to}`, request, height: null, child: null, urgent, final: false };
}

function neededBlocks(state: SimplexState): readonly Need[] {
  const needs = new Map<string, Need>();
  const want = (hash: Hash, height: Height, child: Hash | null, urgent: boolean, final: boolean): void => {
    const { root } = state;
    if (
      height <= root.height ||
      height > root.height + SIMPLEX_LIMITS.blocksMax ||
      knownBlock(state, hash) !== undefined
    )
      return;
    if (needs.size >= SIMPLEX_LIMITS.requestedBlocksMax) return;
    const key = `block ${keyOf(hash)}`;
    if (!needs.has(key))
      needs.set(key, { key, request: { type: 'request-block', blockHash: hash }, height, child, urgent, final });
  };
  for (const { hash, height, parentHash, valid } of state.blocks.values())
    if (!valid) want(parentHash, (height - 1) as Height, hash, true, false);
  const { finalisation } = state;
  if (finalisation !== null) want(finalisation.blockHash, finalisation.height, null, true, true);
  const parent = recordOf(state, state.view).proposal?.parentHash;
  const blocked = leadsView(state) && baseOf(state) === null;
  for (const { blockHash, height } of notarisedUnseen(state))
    want(blockHash, height, null, blocked || (parent !== undefined && equal(parent, blockHash)), false);
  return [...needs.values()];
}

/** Certificates of blocks that we lack, the newest first. After every message one looks for them, and nearly always there are none. */
function notarisedUnseen(state: SimplexState): readonly ViewCertificate[] {
  const unseen: ViewCertificate[] = [];
  for (const record of state.views.values()) {
    const notarised = notarisedBy(record);
    if (notarised === null || notarised.view <= state.root.view) continue;
    if (knownBlock(state, notarised.blockHash) === undefined) unseen.push(notarised);
  }
  return unseen.sort((a, b) => b.view - a.view);
}

/** Asks at once for what is urgent; for the rest only when it has not come until the repeat timer ends. */
export function ask(turn: Turn, needs: readonly Need[]): void {
  const { asked } = turn.state;
  if (needs.length === 0 && asked.size === 0) return;
  const next = new Map<string, number>();
  for (const need of needs) {
    const times = asked.get(need.key) ?? 0;
    const now = need.urgent && times === 0 && turn.from !== null;
    if (now) request(turn, need, turn.from as Address);
    next.set(need.key, now ? 1 : times);
    if (need.final && isFarAhead(turn.state, need) && now) reportBehind(turn, need, turn.from as Address);
  }
  turn.state = changed(turn.state, { asked: next });
}

/** What is still missing is asked of one peer after another. */
export function askAgain(turn: Turn): void {
  const { set } = turn.state;
  for (const need of needsOf(turn.state)) {
    const times = turn.state.asked.get(need.key) ?? 0;
    const peer = peerInTurn(turn.state);
    if (peer === undefined) continue;
    request(turn, need, peer.id);
    if (need.final) reportBehind(turn, need, peer.id);
    turn.state = changed(turn.state, { asked: new Map(turn.state.asked).set(need.key, times + 1) });
    // Nobody has such a parent: whoever gave us the child may have lied about it.
    if (need.child !== null && times >= set.length) turn.state = withoutBlock(turn.state, need.child);
  }
}

function request(turn: Turn, need: Need, peer: Address): void {
  turn.rules.add('SIMPLEX-17');
  send(turn, peer, need.request);
}

/** The other members in turn, another with every timer, and not all of us the same. */
function peerInTurn({ set, config, repeats }: SimplexState): Validator | undefined {
  const others = set.filter(({ id }) => config.self === null || !equal(id, config.self));
  const own = config.self === null ? 0 : set.findIndex(({ id }) => equal(id, config.self as Address));
  return others.length === 0 ? undefined : others[(Math.max(0, own) + repeats) % others.length];
}

const isFarAhead = ({ root }: SimplexState, { height }: Need): boolean =>
  height !== null && height > root.height + SIMPLEX_LIMITS.unfinalBlocksMax;

/** SIMPLEX-18: a block is final that we cannot get here any more: the host syncs. */
function reportBehind(turn: Turn, { height }: Need, from: Address): void {
  if (height === null) return;
  turn.rules.add('SIMPLEX-18');
  turn.effects.push({ type: 'behind', height: (height + 1) as Height, from });
}

/** A block that we asked for. Whether it is what it claims to be, the host's verdict says. */
export function onBlock(turn: Turn, { blockHash: hash, parentHash, block }: BlockAnswer): void {
  const need = neededBlocks(turn.state).find(({ key }) => key === `block ${keyOf(hash)}`);
  if (need?.height == null || !turn.state.asked.has(need.key)) return;
  turn.rules.add('SIMPLEX-17');
  const offer: Pick<KnownBlock, 'hash' | 'height' | 'parentHash' | 'block'> = {
    hash,
    height: need.height,
    parentHash,
    block,
  };
  turn.state = offerCertified(turn.state, offer);
}
