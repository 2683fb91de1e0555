import type { PlantedBug } from './bug.ts';

type Bug = Omit<PlantedBug, 'engine'>;

const BUGS: readonly Bug[] = [
  {
    name: 'qbft-commit-quorum-short',
    file: 'src/consensus/qbft/tally.ts',
    find: 'if (votes.length >= quorum)',
    replace: 'if (votes.length >= quorum - 1)',
    story:
      'One commit fewer than a quorum decides where a quorum voted at all: two such groups need share no honest member.',
    seed: 3,
  },
  {
    name: 'qbft-prepare-quorum-short',
    file: 'src/consensus/qbft/tally.ts',
    find: 'if (prepares.length < quorum)',
    replace: 'if (prepares.length < quorum - 1)',
    story:
      'One prepare fewer than a quorum locks: what a round change then shows convinces nobody, or two blocks are prepared in one round.',
    seed: 1,
  },
  {
    name: 'qbft-signer-counted-twice',
    file: 'src/consensus/qbft/state.ts',
    find: 'return vote !== undefined && equal(vote.blockHash, blockHash) ? [vote] : [];',
    replace: 'return vote !== undefined && equal(vote.blockHash, blockHash) ? [vote, vote] : [];',
    story: 'Each signer counts twice towards a quorum.',
    seed: 1,
  },
  {
    name: 'qbft-lock-dropped',
    file: 'src/consensus/qbft/rounds.ts',
    find: 'accepted: null,',
    replace: 'accepted: null, prepared: null,',
    story:
      'The prepared block is forgotten when a round ends: the next round may decide another one than somebody has committed.',
    seed: 3,
  },
  {
    name: 'qbft-lock-not-reported',
    file: 'src/consensus/qbft/turn.ts',
    find: 'preparedRound: prepared?.round ?? null,',
    replace: 'preparedRound: null,',
    story: 'A round change reports nothing as prepared, whatever was.',
    seed: 3,
  },
  {
    name: 'qbft-old-set',
    file: 'src/consensus/qbft/start.ts',
    find: 'set: validators,',
    replace: 'set: state.set.length > 0 ? state.set : validators,',
    story: 'After a change of validators those that run go on with the old set.',
    seed: 3,
  },
  {
    name: 'qbft-persist-dropped',
    file: 'src/consensus/qbft/turn.ts',
    find: "turn.effects.push({ type: 'persist', height, signingState });",
    replace: '',
    story: 'A vote is signed before it is durable.',
    seed: 4,
  },
  {
    name: 'qbft-persist-stale',
    file: 'src/consensus/qbft/turn.ts',
    find: 'votes: ownVotes, prepared }',
    replace: 'votes: ownVotes, prepared: null }',
    story: 'The signing state forgets the prepared block: after a restart the lock is gone.',
    seed: 4,
  },
  {
    name: 'qbft-restore-forgets-votes',
    file: 'src/consensus/qbft/start.ts',
    find: 'ownVotes: votes,',
    replace: 'ownVotes: [],',
    story: 'A restart takes up its round and not the votes cast in it.',
    seed: 5,
  },
  {
    name: 'qbft-round-change-once',
    file: 'src/consensus/qbft/rounds.ts',
    find: 'if (own !== undefined)',
    replace: 'if (own === null)',
    story: 'A round change is sent once: where the network lost it the round never begins.',
    seed: 1,
  },
  {
    name: 'qbft-commits-of-all-rounds',
    file: 'src/consensus/qbft/tally.ts',
    find: 'const votes = quorumFor(turn.state, commits);',
    replace:
      'const votes = quorumFor(turn.state, new Map([...turn.state.votes.values()].flatMap((each) => [...each.commits])));',
    story: 'Commits of several rounds are counted together, and their certificate mixes rounds.',
    seed: 1,
  },
  {
    name: 'qbft-unjudged-prepare',
    file: 'src/consensus/qbft/accept.ts',
    find: "accepted: { blockHash: vote.blockHash, block, fresh, verdict: 'unasked' },",
    replace: "accepted: { blockHash: vote.blockHash, block, fresh, verdict: 'valid' },",
    story: 'A proposal counts as valid before the ledger has judged it.',
    seed: 1,
  },
  {
    name: 'qbft-timer-miscounted',
    file: 'src/consensus/qbft/rounds.ts',
    find: 'timersPending: Math.max(0, state.timersPending - 1)',
    replace: 'timersPending: state.timersPending',
    story: 'A timer that ended still counts as under way: no round ever ends by time.',
    seed: 1,
  },
  {
    name: 'qbft-leader-stays',
    file: 'src/consensus/qbft/state.ts',
    find: 'leaderOf(state.set, state.height, state.round).id',
    replace: 'leaderOf(state.set, state.height, 0).id',
    story: 'Nobody takes over from the leader of round 0: where that one is silent, the height never ends.',
    seed: 3,
  },
  {
    name: 'qbft-new-lock-only',
    file: 'src/consensus/qbft/tally.ts',
    find: 'prepared?.round === round || ',
    replace: 'prepared !== null || ',
    story: 'Who has prepared a block prepares no other, and commits in no later round: the first lock is the last.',
    seed: 3,
  },
];

export const QBFT_BUGS: readonly PlantedBug[] = BUGS.map((bug) => ({ ...bug, engine: 'qbft' }));
