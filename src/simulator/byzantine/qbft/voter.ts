import type { Hash, Round } from '../../../base/brand.ts';
import { equal } from '../../../base/bytes.ts';
import { leaderOf } from '../../../base/validators.ts';
import type { EngineEffect, EngineInput } from '../../../consensus/engine.ts';
import { encodeMessage, type QbftMessage, type RoundChange } from '../../../consensus/qbft/messages.ts';
import type { QbftState } from '../../../consensus/qbft/state.ts';
import { NO_BLOCK, type SignedVote } from '../../../consensus/vote.ts';
import type { Alter } from '../altered.ts';
import type { Traitor } from '../behaviour.ts';
import { Forge, type Unsigned } from '../forge.ts';
import { QbftWitness } from './witness.ts';

/** What shows that a quorum prepared a block of its own. */
const CLAIMS = ['unsigned', 'few', 'repeated', 'of-another-block'] as const;
/** What a round change says in place of the truth, one way for each height. */
const LIES = ['claims', 'claims', 'claims', 'hides', 'oldest', 'far-ahead', 'each-another'] as const;
type Lie = (typeof LIES)[number];
/** Those that leave the block of a single locked member behind. */
const SMALL_LIES = ['hides', 'oldest'] as const;

/** How far ahead a round change takes those who follow it, and how often. */
const ROUNDS_AHEAD = 40;
const JUMPS_MAX = 20;
const HONEST_SHARE = 0.1;

/**
 * Lies about what it prepared: hides it, reports what was prepared in an earlier round, or shows a certificate for a block of its own; before
 * anyone else leaves the round, so that the next leader has it in hand. As the leader of round 0 it proposes to all but one and
 * commits to nothing at that height: so some are locked, or one is, and nobody decides. Or it is silent.
 */
export function lyingQbftVoter(traitor: Traitor): Alter {
  const { random, id, engine } = traitor;
  const forge = new Forge(traitor);
  const witness = new QbftWitness(engine);
  let lie: Lie | null = null;
  let leads: 'divides' | 'locks-one' | 'silent' = 'silent';
  let jumps = 0;
  /** The newest round that it has lied about. */
  let lied = 0;

  const saying = (
    round: Round,
    prepared: readonly [Round, Hash] | null,
    rest: Pick<RoundChange, 'block' | 'prepares'>,
  ) => {
    const [preparedRound, preparedHash] = prepared ?? [null, null];
    const unsigned: Unsigned = {
      ...{ height: witness.height, round, type: 'round-change', blockHash: NO_BLOCK },
      ...{ preparedRound, preparedHash },
    };
    return { type: 'round-change' as const, vote: forge.sign(unsigned), ...rest };
  };
  const nothing = (round: Round): RoundChange => saying(round, null, { block: null, prepares: [] });

  const claimed = (round: Round, how: (typeof CLAIMS)[number]): RoundChange => {
    const bytes = [...witness.blocks.values()].at(-1);
    const own = bytes === undefined ? null : forge.ownBlock(bytes);
    if (own === null) return nothing(round);
    const at = (round - 1) as Round;
    const none = { preparedRound: null, preparedHash: null };
    const prepare = { height: witness.height, round: at, type: 'prepare', blockHash: own.hash, ...none };
    const members = witness.set.slice(0, witness.quorum);
    const prepares: readonly SignedVote[] = {
      few: () => [forge.sign(prepare)],
      repeated: () => members.map(() => forge.sign(prepare)),
      unsigned: () => members.map((member) => forge.inTheNameOf(member.id, prepare)),
      'of-another-block': () => witness.prepared()[0]?.prepares ?? [],
    }[how]();
    return saying(round, [at, own.hash], { block: own.bytes, prepares });
  };

  const oldest = (round: Round): RoundChange => {
    const [first] = witness.prepared();
    if (first === undefined || first.round >= round) return nothing(round);
    return saying(round, [first.round, first.blockHash], { block: first.block, prepares: first.prepares });
  };

  /** Of several claims whoever checks too little takes the first that it lets pass. */
  const lieAbout = (round: Round, how: Lie): readonly RoundChange[] => {
    switch (how) {
      case 'hides':
        return [nothing(round)];
      case 'oldest':
        return [oldest(round)];
      case 'far-ahead':
        jumps = Math.min(jumps + 1, JUMPS_MAX);
        return [nothing((round + jumps * ROUNDS_AHEAD) as Round)];
      case 'each-another':
        return lieAbout(round, random.pick(['claims', 'hides', 'oldest']));
      default:
        return random.shuffle(CLAIMS).map((claim) => claimed(round, claim));
    }
  };

  const others = () => witness.set.filter((member) => !equal(member.id, id));
  const toAll = (say: () => readonly QbftMessage[]): readonly EngineEffect[] =>
    others().flatMap(({ id: to }) =>
      say().map((said): EngineEffect => ({ type: 'send', to, message: encodeMessage(said) })),
    );

  /** Its round change to this round, once; to each another one, or the same to all. */
  const leave = (round: Round): readonly EngineEffect[] => {
    if (lie === null || round <= lied || witness.set.every((member) => !equal(member.id, id))) return [];
    lied = round;
    const how = lie;
    const said = lieAbout(round, how);
    return toAll(() => (how === 'each-another' ? lieAbout(round, how) : said));
  };

  /** One member never hears of the proposal. */
  const toAllButOne = (said: QbftMessage): readonly EngineEffect[] => {
    const message = encodeMessage(said);
    const [, ...hearers] = others();
    return hearers.map(({ id: to }): EngineEffect => ({ type: 'send', to, message }));
  };

  const toOne = (said: QbftMessage): readonly EngineEffect[] => toAllButOne(said).slice(0, 1);

  const ledRoundZero = (): boolean => equal(leaderOf(witness.set, witness.height, 0 as Round).id, id);

  const instead = (effect: EngineEffect): readonly EngineEffect[] => {
    // A commit of its own would let this node decide, and hand the block to those who lack it.
    const commits = effect.type === 'sign' && effect.payload.type === 'commit';
    if (commits && lie !== null && ledRoundZero()) return [];
    const own = effect.type === 'broadcast' ? engine.decodeMessage(effect.message) : null;
    if (!own?.ok || lie === null) return [effect];
    const said = own.value as QbftMessage;
    const { round } = said.vote;
    if (said.type === 'round-change') return leave(round);
    if (said.type === 'proposal') {
      if (round === 0 && leads !== 'silent') return toAllButOne(said);
      return leave((round + 1) as Round);
    }
    const locksOne = said.type === 'prepare' && round === 0 && leads === 'locks-one' && ledRoundZero();
    return locksOne ? toOne(said) : [effect];
  };

  /** Before the others: as soon as the leader of the round under way has spoken; where that was itself, once somebody is locked. */
  const ahead = (state: QbftState, input: EngineInput<unknown>): readonly EngineEffect[] => {
    if (input.type !== 'message') return [];
    const { type, vote } = input.message as QbftMessage;
    if (vote.height !== witness.height || vote.round !== state.round) return [];
    // Whatever it is locked on itself, it helps others to be locked too.
    const helps = state.round > 0 && type === 'proposal' && ledRoundZero() && lie !== null;
    const prepare: Unsigned = { ...vote, type: 'prepare', preparedRound: null, preparedHash: null };
    const prepared = helps ? toAll(() => [{ type: 'prepare', vote: forge.sign(prepare) }]) : [];
    const isTime = state.round > 0 ? type === 'proposal' : type === 'commit' && ledRoundZero();
    return [...prepared, ...(isTime ? leave((vote.round + 1) as Round) : [])];
  };

  return ({ state, effects }, input) => {
    if (witness.observe(input, effects)) {
      leads = random.pick(['divides', 'divides', 'locks-one', 'locks-one', 'silent']);
      lie = random.chance(HONEST_SHARE) ? null : random.pick(leads === 'locks-one' ? SMALL_LIES : LIES);
      jumps = 0;
      lied = 0;
    }
    return [...effects.flatMap(instead), ...ahead(state as QbftState, input)];
  };
}
