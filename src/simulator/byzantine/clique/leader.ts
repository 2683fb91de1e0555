import type { Hash, Height, Round } from '../../../base/brand.ts';
import { equal } from '../../../base/bytes.ts';
import { blockMessage, encodeMessage } from '../../../consensus/clique/messages.ts';
import { difficultyOf } from '../../../consensus/clique/rules.ts';
import { baseOf, type CliqueState, headLink } from '../../../consensus/clique/state.ts';
import { endsSet } from '../../../consensus/clique/tree.ts';
import type { EngineEffect, EngineInput } from '../../../consensus/engine.ts';
import { keyOf } from '../../../consensus/key.ts';
import type { Alter } from '../altered.ts';
import type { Traitor } from '../behaviour.ts';
import { Forge } from '../forge.ts';

/** What is wrong with a seal: too soon after its last, or a difficulty that is not its turn's. */
const WAYS = ['too-soon', 'too-soon', 'heavier', 'far-heavier', 'lighter'] as const;
const TOO_MUCH = { 'too-soon': 0, heavier: 1, 'far-heavier': 1_000, lighter: -1 } as const;

/** Seals whatever it has not sealed yet: without regard to who sealed lately, at once, and at difficulties of its own choice. */
export function forgingCliqueSealer(traitor: Traitor): Alter {
  const { random, id } = traitor;
  const forge = new Forge(traitor);
  /** The block that was asked for out of order: by its parent, what the seal is to say. */
  let wanted: { readonly parentHash: Hash; readonly height: Height; readonly round: Round } | null = null;
  let last = '';

  const isMember = ({ set }: CliqueState): boolean => set.some((member) => equal(member.id, id));

  const ask = (state: CliqueState): readonly EngineEffect[] => {
    const head = headLink(state);
    const node = state.tree.get(head.key);
    if (state.phase !== 'running' || !isMember(state) || head.key === last) return [];
    if (node !== undefined && endsSet(node)) return [];
    last = head.key;
    if (random.chance(0.4)) return [];
    const height = (head.height + 1) as Height;
    const fair = baseOf(state, head) + difficultyOf(state.set, height, keyOf(id));
    const round = Math.max(1, fair + TOO_MUCH[random.pick(WAYS)]) as Round;
    wanted = { parentHash: head.id, height, round };
    return [{ type: 'build', height, round, parentHash: head.id }];
  };

  const seal = (input: EngineInput<unknown>): readonly EngineEffect[] => {
    if (input.type !== 'built' || wanted === null || input.round !== wanted.round) return [];
    if (!equal(input.parentHash, wanted.parentHash)) return [];
    const { height, round, parentHash } = wanted;
    wanted = null;
    const { blockHash, block } = input;
    const vote = forge.sign({ height, round, type: 'seal', blockHash, preparedRound: null, preparedHash: null });
    return [{ type: 'broadcast', message: encodeMessage(blockMessage(vote, parentHash, block)) }];
  };

  return ({ state, effects }, input) => {
    const forged = seal(input);
    const asked = input.type === 'due' ? ask(state as CliqueState) : [];
    return [...effects, ...forged, ...asked];
  };
}
