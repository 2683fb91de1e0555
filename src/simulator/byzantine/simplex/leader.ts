import type { Hash, Height, Round } from '../../../base/brand.ts';
import { equal } from '../../../base/bytes.ts';
import type { EngineEffect } from '../../../consensus/engine.ts';
import { encodeMessage, type Proposal, type SimplexMessage } from '../../../consensus/simplex/messages.ts';
import { recordOf, type SimplexState } from '../../../consensus/simplex/state.ts';
import { leaderOfView } from '../../../consensus/simplex/views.ts';
import type { Alter } from '../altered.ts';
import type { Traitor } from '../behaviour.ts';
import { Forge, type Unsigned } from '../forge.ts';

/** Where a block of its own stands: beside the newest one, beside that one's parent; or nowhere, and is proposed as if it were known. */
const WAYS = ['sibling', 'sibling', 'uncle', 'stranger-again', 'old-view', 'view-to-come'] as const;
type Way = (typeof WAYS)[number];
const HONEST_SHARE = 0.25;
/** Its own block's time is so much later than that of the block it is made of. */
const LATER_MAX_MS = 40;

/** A block that somebody proposed, and what it stands on. */
interface Model {
  readonly height: Height;
  readonly parentHash: Hash;
  readonly block: Uint8Array;
}

/**
 * Proposes on parents that no ladder leads to: beside the newest block, or further down, though nobody nullified the views between. Mostly before
 * its view has begun, so that others find it there when they enter. Else a block that nobody notarised, as if it were proposed again; or
 * in views that are over, or far ahead.
 */
export function forgingSimplexLeader(traitor: Traitor): Alter {
  const { random, id, engine } = traitor;
  const forge = new Forge(traitor);
  /** Views dealt with, and those among them that it left as they should be. */
  const betrayed = new Set<number>();
  const honest = new Set<number>();

  const vote = (type: string, view: number, height: Height, blockHash: Hash): Unsigned => {
    return { type, round: view as Round, height, blockHash, preparedRound: null, preparedHash: null };
  };

  /** What the view under way proposes; the newest block that it holds, or the one below. */
  const modelOf = (state: SimplexState, way: Way): Model | undefined => {
    const { proposal } = recordOf(state, state.view);
    if (way === 'sibling' && proposal !== null && proposal.block !== null)
      return { height: proposal.vote.height, parentHash: proposal.parentHash, block: proposal.block };
    const newestFirst = [...state.blocks.values()].filter(({ valid }) => valid).sort((a, b) => b.height - a.height);
    return newestFirst[way === 'uncle' ? 1 : 0];
  };

  const viewOf = (way: Way, view: number, n: number): number => {
    if (way === 'old-view') return Math.max(0, view - n);
    return way === 'view-to-come' ? view + n * random.integer(1, 2) : view;
  };

  const forged = (state: SimplexState, view: number): Proposal | null => {
    const way = random.pick(WAYS);
    const model = modelOf(state, way);
    const own = model === undefined ? null : forge.ownBlock(model.block, random.integer(1, LATER_MAX_MS));
    if (model === undefined || own === null) return null;
    const at = viewOf(way, view, state.set.length);
    const signed = forge.sign(vote('proposal', at, model.height, own.hash));
    const parentView = random.chance(0.5) && at > 0 ? ((at - 1) as Round) : null;
    const again = way === 'stranger-again';
    const parentHash = again ? own.hash : model.parentHash;
    return { type: 'proposal', vote: signed, parentView, parentHash, block: again ? null : own.bytes };
  };

  const leads = ({ set }: SimplexState, view: number): boolean =>
    set.some((member) => equal(member.id, id)) && equal(leaderOfView(set, view as Round).id, id);

  /** Its view, or the next one where that is its own and there is something to stand beside. */
  const target = (state: SimplexState): number | null => {
    if (leads(state, state.view)) return state.view;
    const isReady = leads(state, state.view + 1) && recordOf(state, state.view).proposal !== null;
    return isReady ? state.view + 1 : null;
  };

  const betray = (state: SimplexState): readonly EngineEffect[] => {
    const view = target(state);
    if (view === null || betrayed.has(view)) return [];
    const proposal = random.chance(HONEST_SHARE) ? null : forged(state, view);
    betrayed.add(view);
    if (proposal === null) {
      honest.add(view);
      return [];
    }
    const { round, height, blockHash } = proposal.vote;
    const votes = (['notarise', 'finalise'] as const).map((type): SimplexMessage => {
      return { type, vote: forge.sign(vote(type, round, height, blockHash)) };
    });
    const messages = [proposal, ...votes].map(encodeMessage);
    return state.set
      .filter((member) => !equal(member.id, id))
      .flatMap(({ id: to }) => messages.map((message): EngineEffect => ({ type: 'send', to, message })));
  };

  /** Its own engine's proposal, in a view that was betrayed, goes to nobody. */
  const isHidden = (effect: EngineEffect): boolean => {
    const message = effect.type === 'broadcast' ? engine.decodeMessage(effect.message) : null;
    if (!message?.ok) return false;
    const said = message.value as SimplexMessage;
    if (said.type !== 'proposal' || !equal(said.vote.validator, id)) return false;
    return betrayed.has(said.vote.round) && !honest.has(said.vote.round);
  };

  return ({ state, effects }) => {
    const told = betray(state as SimplexState);
    return [...effects.filter((effect) => !isHidden(effect)), ...told];
  };
}
