import type { Address, Hash, Height, Round } from '../../../base/brand.ts';
import { equal, toHex } from '../../../base/bytes.ts';
import { quorumOf } from '../../../base/validators.ts';
import type { EngineEffect, EngineInput } from '../../../consensus/engine.ts';
import {
  CERTIFICATE_OF,
  encodeMessage,
  type SimplexMessage,
  type SimplexVoteType,
} from '../../../consensus/simplex/messages.ts';
import { recordOf, type SimplexState } from '../../../consensus/simplex/state.ts';
import { NO_BLOCK } from '../../../consensus/vote.ts';
import type { Alter } from '../altered.ts';
import type { Traitor } from '../behaviour.ts';
import { Forge, type Unsigned } from '../forge.ts';

const LIES = ['certificates', 'certificates', 'nullify-too', 'finalise-too', 'old-views'] as const;
const KINDS: readonly SimplexVoteType[] = ['notarise', 'nullify', 'finalise'];
const HONEST_SHARE = 0.3;
/** Blocks of its own that it remembers, for those who ask. */
const BLOCKS_MAX = 16;

/**
 * Shows certificates that it made alone, for a block of its own beside the one proposed or for the end of the view; nullifies what it finalised,
 * finalises what it nullified, and votes to end views that are long over. Once in each view.
 */
export function lyingSimplexVoter(traitor: Traitor): Alter {
  const { random, id } = traitor;
  const forge = new Forge(traitor);
  const blocks = new Map<string, SimplexMessage>();
  let lied = -1;

  const vote = (type: SimplexVoteType, view: number, height: Height, blockHash: Hash): Unsigned => {
    return { type, round: view as Round, height, blockHash, preparedRound: null, preparedHash: null };
  };

  /** Two that each want one check: with one signature, and with a quorum of which one holds. */
  const certificates = (about: Unsigned, { set }: SimplexState): readonly SimplexMessage[] => {
    const { round: view, height, blockHash } = about;
    const everyone = set.slice(0, quorumOf(set.length)).map((member) => member.id);
    const signedBy = (members: readonly Address[]): SimplexMessage => {
      const signatures = members.map((validator) => {
        return { validator, signature: forge.inTheNameOf(validator, about).signature };
      });
      return { type: CERTIFICATE_OF[about.type as SimplexVoteType], view, height, blockHash, signatures };
    };
    return random.shuffle([signedBy([id]), signedBy(everyone)]);
  };

  /** The end of this view, or a block of its own beside what the view proposes. */
  const subject = (state: SimplexState): Unsigned | null => {
    const { view, epoch } = state;
    const type = random.pick(KINDS);
    if (type === 'nullify') return vote(type, view, epoch, NO_BLOCK);
    const { proposal } = recordOf(state, view);
    const own = proposal?.block == null ? null : forge.ownBlock(proposal.block);
    if (proposal === null || own === null) return null;
    const { parentHash } = proposal;
    blocks.set(toHex(own.hash), { type: 'block', blockHash: own.hash, parentHash, block: own.bytes });
    for (const oldest of blocks.keys()) if (blocks.size > BLOCKS_MAX) blocks.delete(oldest);
    return vote(type, view, proposal.vote.height, own.hash);
  };

  const words = (state: SimplexState): readonly SimplexMessage[] => {
    const { view, epoch } = state;
    const nullify = (at: number): readonly SimplexMessage[] =>
      at < 0 ? [] : [{ type: 'nullify', vote: forge.sign(vote('nullify', at, epoch, NO_BLOCK)) }];
    switch (random.pick(LIES)) {
      case 'nullify-too':
        return [view, view - 1].flatMap(nullify);
      case 'old-views':
        return [1, 2, 3, 4].flatMap((back) => nullify(view - back));
      case 'finalise-too': {
        const last = recordOf(state, view - 1).notarisation;
        if (last === null) return [];
        return [{ type: 'finalise', vote: forge.sign(vote('finalise', last.view, last.height, last.blockHash)) }];
      }
      default: {
        const about = subject(state);
        return about === null ? [] : certificates(about, state);
      }
    }
  };

  /** Whoever believed in a block of its own gets it. */
  const serve = (input: EngineInput<unknown>): readonly EngineEffect[] => {
    if (input.type !== 'message') return [];
    const asked = input.message as SimplexMessage;
    const answer = asked.type === 'request-block' ? blocks.get(toHex(asked.blockHash)) : undefined;
    return answer === undefined ? [] : [{ type: 'send', to: input.from, message: encodeMessage(answer) }];
  };

  const lie = (state: SimplexState): readonly EngineEffect[] => {
    const { view, set } = state;
    const isTime = view !== lied && recordOf(state, view).proposal !== null;
    if (!isTime || !set.some((member) => equal(member.id, id))) return [];
    lied = view;
    if (random.chance(HONEST_SHARE)) return [];
    return words(state).map((said): EngineEffect => ({ type: 'broadcast', message: encodeMessage(said) }));
  };

  return ({ state, effects }, input) => [...effects, ...serve(input), ...lie(state as SimplexState)];
}
