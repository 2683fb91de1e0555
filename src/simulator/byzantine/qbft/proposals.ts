import type { Address, Hash, Round } from '../../../base/brand.ts';
import { equal, toHex } from '../../../base/bytes.ts';
import type { Proposal, QbftMessage } from '../../../consensus/qbft/messages.ts';
import { NO_BLOCK, type SignedVote } from '../../../consensus/vote.ts';
import type { Traitor } from '../behaviour.ts';
import { Forge, type ForgedBlock, type Unsigned } from '../forge.ts';
import type { QbftWitness } from './witness.ts';

/** What a proposal shows where a quorum of round changes should stand. */
const EMPTY_HANDS = ['none', 'few', 'repeated', 'unsigned', 'stale'] as const;
/** What it makes of a quorum of round changes that it really holds. */
const FULL_HANDS = ['fresh-all-the-same', 'lowest', 'few', 'repeated', 'unsigned', 'of-another-block'] as const;
type EmptyHands = (typeof EMPTY_HANDS)[number];
type FullHands = (typeof FULL_HANDS)[number];
type Justification = Pick<Proposal, 'roundChanges' | 'prepares'>;

/** Its own block's time is so much later than that of the block it is made of. */
const LATER_MAX_MS = 40;

/** Proposals that nothing justifies, each wrong in one way, all for one block of the traitor's own. */
export class ForgedProposals {
  readonly #traitor: Traitor;
  readonly #witness: QbftWitness;
  readonly #forge: Forge;

  constructor(traitor: Traitor, witness: QbftWitness) {
    this.#traitor = traitor;
    this.#witness = witness;
    this.#forge = new Forge(traitor);
  }

  /** For a round that nobody need have entered. */
  uninvited(round: Round, count: number): readonly Proposal[] {
    const block = this.#ownBlock();
    if (block === null) return [];
    return this.#some(EMPTY_HANDS, count).map((how) => this.#proposal(round, block, this.#emptyHands(how, round)));
  }

  /** With a quorum of round changes to this round, and not what they ask for. */
  againstTheQuorum(round: Round, count: number): readonly Proposal[] {
    const block = this.#ownBlock();
    if (block === null) return [];
    return this.#some(FULL_HANDS, count).flatMap((how) => this.#fullHands(how, round, block) ?? []);
  }

  /** Each block with the traitor's own votes for it. */
  withVotes(proposals: readonly Proposal[]): readonly QbftMessage[] {
    const votes = new Map<string, QbftMessage>();
    for (const { vote } of proposals)
      for (const type of ['prepare', 'commit'] as const) {
        const signed = this.#forge.sign(this.#blockVote(type, vote.round, vote.blockHash));
        votes.set(`${type} ${toHex(vote.blockHash)}`, { type, vote: signed });
      }
    return [...proposals, ...votes.values()];
  }

  #some<How>(ways: readonly How[], count: number): readonly How[] {
    return this.#traitor.random.shuffle(ways).slice(0, count);
  }

  /** The newest block heard of, as if it were the traitor's. */
  #ownBlock(): ForgedBlock | null {
    const bytes = [...this.#witness.blocks.values()].at(-1);
    return bytes === undefined ? null : this.#forge.ownBlock(bytes, this.#traitor.random.integer(1, LATER_MAX_MS));
  }

  #proposal(round: Round, { hash, bytes }: ForgedBlock, justification: Justification): Proposal {
    const vote = this.#forge.sign(this.#blockVote('proposal', round, hash));
    return { type: 'proposal', vote, block: bytes, ...justification };
  }

  #emptyHands(how: EmptyHands, round: Round): Justification {
    const change = this.#roundChange(round);
    const own = this.#forge.sign(change);
    const { stale, quorum } = this.#witness;
    const roundChanges = {
      none: () => [],
      few: () => [own],
      repeated: () => this.#quorum(() => own),
      unsigned: () => this.#quorum((member) => this.#forge.inTheNameOf(member, change)),
      stale: () => stale.filter(({ preparedRound }) => preparedRound === null).slice(0, quorum),
    }[how]();
    return { roundChanges, prepares: [] };
  }

  #fullHands(how: FullHands, round: Round, block: ForgedBlock): Proposal | null {
    const { id } = this.#traitor;
    const heard = this.#witness.changesTo(round).map(({ vote }) => vote);
    const [lowest] = this.#witness.prepared();
    if (how === 'fresh-all-the-same') return this.#proposal(round, block, { roundChanges: heard, prepares: [] });
    if (how === 'lowest') {
      if (lowest === undefined) return null;
      const { blockHash: hash, block: bytes, prepares } = lowest;
      return this.#proposal(round, { hash, bytes }, { roundChanges: heard, prepares });
    }
    // It says itself that a quorum prepared its block, later than anything else was.
    const at = (round - 1) as Round;
    const claim = this.#forge.sign(this.#roundChange(round, at, block.hash));
    const prepare = this.#blockVote('prepare', at, block.hash);
    const prepares = {
      few: () => [this.#forge.sign(prepare)],
      repeated: () => this.#quorum(() => this.#forge.sign(prepare)),
      unsigned: () => this.#quorum((member) => this.#forge.inTheNameOf(member, prepare)),
      'of-another-block': () => lowest?.prepares ?? [],
    }[how]();
    const roundChanges = [...heard.filter(({ validator }) => !equal(validator, id)), claim];
    return this.#proposal(round, block, { roundChanges, prepares });
  }

  #quorum(make: (member: Address) => SignedVote): readonly SignedVote[] {
    return this.#witness.set.slice(0, this.#witness.quorum).map(({ id }) => make(id));
  }

  #roundChange(round: Round, preparedRound: Round | null = null, preparedHash: Hash | null = null): Unsigned {
    return {
      ...{ height: this.#witness.height, round, type: 'round-change', blockHash: NO_BLOCK },
      ...{ preparedRound, preparedHash },
    };
  }

  #blockVote(type: 'proposal' | 'prepare' | 'commit', round: Round, blockHash: Hash): Unsigned {
    return { height: this.#witness.height, round, type, blockHash, preparedRound: null, preparedHash: null };
  }
}
