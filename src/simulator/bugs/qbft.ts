import type { Bug } from './bug.ts';

const BUGS: readonly Omit<Bug, 'engine'>[] = [
  {
    name: 'qbft-commit-quorum-short',
    file: 'src/consensus/qbft/tally.ts',
    find: 'if (votes.length >= quorum)',
    replace: 'if (votes.length >= quorum - 1)',
    story:
      'One commit fewer than a quorum decides where a quorum voted at all: two such groups need share no honest member.',
  },
  {
    name: 'qbft-prepare-quorum-short',
    file: 'src/consensus/qbft/tally.ts',
    find: 'if (prepares.length < quorum)',
    replace: 'if (prepares.length < quorum - 1)',
    story:
      'One prepare fewer than a quorum locks: what a round change then shows convinces nobody, or two blocks are prepared in one round.',
  },
  {
    name: 'qbft-signer-counted-twice',
    file: 'src/consensus/qbft/state.ts',
    find: 'return vote !== undefined && equal(vote.blockHash, blockHash) ? [vote] : [];',
    replace: 'return vote !== undefined && equal(vote.blockHash, blockHash) ? [vote, vote] : [];',
    story: 'Each signer counts twice towards a quorum.',
  },
  {
    name: 'qbft-lock-dropped',
    file: 'src/consensus/qbft/rounds.ts',
    find: 'accepted: null,',
    replace: 'accepted: null, prepared: null,',
    story:
      'The prepared block is forgotten when a round ends: the next round may decide another one than somebody has committed.',
  },
  {
    name: 'qbft-lock-not-reported',
    file: 'src/consensus/qbft/turn.ts',
    find: 'preparedRound: prepared?.round ?? null,',
    replace: 'preparedRound: null,',
    story: 'A round change reports nothing as prepared, whatever was.',
  },
  {
    name: 'qbft-old-set',
    file: 'src/consensus/qbft/start.ts',
    find: 'set: validators,',
    replace: 'set: state.set.length > 0 ? state.set : validators,',
    story: 'After a change of validators those that run go on with the old set.',
  },
  {
    name: 'qbft-persist-dropped',
    file: 'src/consensus/qbft/turn.ts',
    find: "turn.effects.push({ type: 'persist', height, signingState });",
    replace: '',
    story: 'A vote is signed before it is durable.',
  },
  {
    name: 'qbft-persist-stale',
    file: 'src/consensus/qbft/turn.ts',
    find: 'votes: ownVotes, prepared }',
    replace: 'votes: ownVotes, prepared: null }',
    story: 'The signing state forgets the prepared block: after a restart the lock is gone.',
  },
  {
    name: 'qbft-restore-forgets-votes',
    file: 'src/consensus/qbft/start.ts',
    find: 'ownVotes: votes,',
    replace: 'ownVotes: [],',
    story: 'A restart takes up its round and not the votes cast in it.',
  },
  {
    name: 'qbft-round-change-once',
    file: 'src/consensus/qbft/rounds.ts',
    find: 'if (own !== undefined)',
    replace: 'if (own === null)',
    story: 'A round change is sent once: where the network lost it the round never begins.',
  },
  {
    name: 'qbft-commits-of-all-rounds',
    file: 'src/consensus/qbft/tally.ts',
    find: 'const votes = quorumFor(turn.state, commits);',
    replace:
      'const votes = quorumFor(turn.state, new Map([...turn.state.votes.values()].flatMap((each) => [...each.commits])));',
    story: 'Commits of several rounds are counted together, and their certificate mixes rounds.',
  },
  {
    name: 'qbft-unjudged-prepare',
    file: 'src/consensus/qbft/accept.ts',
    find: "accepted: { blockHash: vote.blockHash, block, fresh, verdict: 'unasked' },",
    replace: "accepted: { blockHash: vote.blockHash, block, fresh, verdict: 'valid' },",
    story: 'A proposal counts as valid before the ledger has judged it.',
  },
  {
    name: 'qbft-timer-miscounted',
    file: 'src/consensus/qbft/rounds.ts',
    find: 'timersPending: Math.max(0, state.timersPending - 1)',
    replace: 'timersPending: state.timersPending',
    story: 'A timer that ended still counts as under way: no round ever ends by time.',
  },
  {
    name: 'qbft-leader-stays',
    file: 'src/consensus/qbft/state.ts',
    find: 'leaderOf(state.set, state.height, state.round).id',
    replace: 'leaderOf(state.set, state.height, 0).id',
    story: 'Nobody takes over from the leader of round 0: where that one is silent, the height never ends.',
  },
  {
    name: 'qbft-new-lock-only',
    file: 'src/consensus/qbft/tally.ts',
    find: 'prepared?.round === round || ',
    replace: 'prepared !== null || ',
    story: 'Who has prepared a block prepares no other, and commits in no later round: the first lock is the last.',
  },
  {
    name: 'qbft-vote-before-sync',
    file: 'src/consensus/qbft/turn.ts',
    find: 'persist(turn);',
    replace: 'askToSign(turn, ballot); persist(turn);',
    story:
      'The key signs a vote first, and only then is it made durable: after a power cut in between it signs another.',
  },
  {
    name: 'qbft-ibft1-lock',
    file: 'src/consensus/qbft/accept.ts',
    find: 'else if (votesOf(turn.state, vote.round).proposal === null)',
    replace:
      'else if (votesOf(turn.state, vote.round).proposal === null && (turn.state.prepared === null || equal(turn.state.prepared.blockHash, vote.blockHash)))',
    also: [
      {
        file: 'src/consensus/qbft/lead.ts',
        find: 'const best = changes.find(({ vote }) => vote.preparedRound === highest);',
        replace:
          'const best = changes.find(({ vote }) => state.prepared !== null && equal(vote.validator, state.config.self)) ?? changes.find(({ vote }) => vote.preparedRound === highest);',
      },
    ],
    story:
      "IBFT 1's lock rule: who is locked on a block accepts and proposes no other, whatever a later round shows. Two locks on two blocks, and the height never ends.",
  },
];

export const QBFT_BUGS: readonly Bug[] = BUGS.map((bug) => ({ ...bug, engine: 'qbft' }));
