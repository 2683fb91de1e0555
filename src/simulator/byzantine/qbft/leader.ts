import type { Round } from '../../../base/brand.ts';
import { equal, toHex } from '../../../base/bytes.ts';
import { leaderOf } from '../../../base/validators.ts';
import type { EngineEffect, EngineInput } from '../../../consensus/engine.ts';
import { encodeMessage, type Proposal, type QbftMessage } from '../../../consensus/qbft/messages.ts';
import type { QbftState } from '../../../consensus/qbft/state.ts';
import type { Alter } from '../altered.ts';
import type { Traitor } from '../behaviour.ts';
import { ForgedProposals } from './proposals.ts';
import { QbftWitness } from './witness.ts';

/** Heights that it leaves alone. */
const HONEST_SHARE = 0.15;
/** Forged proposals for one place, each wrong in another way. */
const WRONG_WAYS = 3;

/** Whom a height is to divide: one decides the first block; one never commits to it; all but the first are to decide the second. */
interface Division {
  readonly victim: string;
  readonly early: string;
  /** For the others, once somebody committed. */
  forged: readonly Proposal[];
}

/**
 * Proposes blocks of its own in rounds that nobody entered, or against what a quorum prepared, and votes for them at once. Its commit to the block
 * that was proposed first goes to one peer only: that one may decide it, while the others can still be led elsewhere.
 */
export function forgingQbftLeader(traitor: Traitor): Alter {
  const { random, id, engine } = traitor;
  const witness = new QbftWitness(engine);
  const forged = new ForgedProposals(traitor, witness);
  const betrayedRounds = new Set<Round>();
  let division: Division | null = null;

  const divide = (): Division | null => {
    const [victim, early] = random.shuffle(witness.set.filter((member) => !equal(member.id, id)));
    if (victim === undefined || early === undefined || random.chance(HONEST_SHARE)) return null;
    return { victim: toHex(victim.id), early: toHex(early.id), forged: [] };
  };

  const send = (messages: readonly QbftMessage[], hears: (member: string) => boolean): readonly EngineEffect[] =>
    witness.set
      .filter((member) => !equal(member.id, id) && hears(toHex(member.id)))
      .flatMap(({ id: to }) =>
        messages.map((said): EngineEffect => ({ type: 'send', to, message: encodeMessage(said) })),
      );

  const leads = (round: Round): boolean => equal(leaderOf(witness.set, witness.height, round).id, id);

  /** The next round that it leads, though nobody has gone there. */
  const nextOwnRound = ({ round }: QbftState): Round => {
    let next = (round + 1) as Round;
    while (!leads(next)) next = (next + 1) as Round;
    return next;
  };

  const onProposal = (state: QbftState): readonly EngineEffect[] => {
    if (division === null || division.forged.length > 0 || !state.set.some((member) => equal(member.id, id))) return [];
    const { early } = division;
    division.forged = forged.uninvited(nextOwnRound(state), WRONG_WAYS);
    return send(forged.withVotes(division.forged), (member) => member === early);
  };

  const onCommit = (): readonly EngineEffect[] => {
    if (division === null || division.forged.length === 0) return [];
    const { victim, early, forged: proposals } = division;
    division = { victim, early, forged: [] };
    return send(forged.withVotes(proposals), (member) => member !== victim && member !== early);
  };

  const onRoundChange = (round: Round): readonly EngineEffect[] => {
    if (division === null || round === 0 || !leads(round) || betrayedRounds.has(round)) return [];
    if (witness.changesTo(round).length < witness.quorum) return [];
    betrayedRounds.add(round);
    return send(forged.withVotes(forged.againstTheQuorum(round, WRONG_WAYS)), () => true);
  };

  const forgeOn = (state: QbftState, message: QbftMessage): readonly EngineEffect[] => {
    if (message.vote.height !== witness.height) return [];
    if (message.type === 'proposal') return onProposal(state);
    if (message.type === 'commit') return onCommit();
    return message.type === 'round-change' ? onRoundChange(message.vote.round) : [];
  };

  /** Its own engine's words: none in a round that it betrayed, and commits for one alone. */
  const instead = (state: QbftState, effect: EngineEffect): readonly EngineEffect[] => {
    const own = effect.type === 'broadcast' ? engine.decodeMessage(effect.message) : null;
    if (!own?.ok || division === null) return [effect];
    const said = own.value as QbftMessage;
    const { victim } = division;
    if (said.type === 'commit') return send([said], (member) => member === victim);
    if (said.type !== 'proposal') return [effect];
    return betrayedRounds.has(said.vote.round) ? [] : [effect, ...onProposal(state)];
  };

  return (step, input: EngineInput<unknown>) => {
    const state = step.state as QbftState;
    if (witness.observe(input, step.effects)) {
      division = divide();
      betrayedRounds.clear();
    }
    const left = step.effects.flatMap((effect) => instead(state, effect));
    return input.type === 'message' ? [...left, ...forgeOn(state, input.message as QbftMessage)] : left;
  };
}
