import type { Bug } from './bug.ts';

/** What proposals and round changes must show, and what a forger shows instead. */
const BUGS: readonly Omit<Bug, 'engine'>[] = [
  {
    name: 'qbft-proposal-unjustified',
    file: 'src/consensus/qbft/accept.ts',
    find: 'const justified = checkProposal(turn.state, proposal);',
    replace: 'const justified = { ok: true, value: { fresh: proposal.prepares.length === 0 } };',
    story:
      'A proposal of a later round need show nothing: whoever leads it proposes anew, though a quorum may have committed.',
  },
  {
    name: 'qbft-justified-by-one',
    file: 'src/consensus/qbft/rules.ts',
    find: 'if (roundChanges.length < quorumOf(electorate.set.length))',
    replace: 'if (roundChanges.length < 1)',
    story: 'One round change, its own, justifies a leader.',
  },
  {
    name: 'qbft-justified-by-one-many-times',
    file: 'src/consensus/qbft/rules.ts',
    find: '!sendersDiffer(roundChanges) || ',
    replace: '',
    story: 'A quorum of round changes may all be of one sender.',
  },
  {
    name: 'qbft-justified-by-the-past',
    file: 'src/consensus/qbft/rules.ts',
    find: '!roundChanges.every((each) => isRoundChangeTo(electorate, vote.round, each))',
    replace: "!roundChanges.every((each) => each.type === 'round-change')",
    story: 'Round changes of an earlier height justify a proposal of this one.',
  },
  {
    name: 'qbft-justification-unsigned',
    file: 'src/consensus/qbft/accept.ts',
    find: '!examineAll(turn, roundChanges) || ',
    replace: '',
    story: 'Nobody looks at the signatures of the round changes that a proposal shows.',
  },
  {
    name: 'qbft-proposal-prepares-unsigned',
    file: 'src/consensus/qbft/accept.ts',
    find: ' || !examineAll(turn, prepares)',
    replace: '',
    story: 'Nobody looks at the signatures of the prepares that a proposal shows.',
    plan: { ambush: 'forging-leader' },
  },
  {
    name: 'qbft-prepared-ignored',
    file: 'src/consensus/qbft/rules.ts',
    find: 'const highest = highestPreparedRound(roundChanges);',
    replace: 'const highest = null;',
    story: 'A proposal need not repeat what its round changes report as prepared.',
  },
  {
    name: 'qbft-lowest-prepared',
    file: 'src/consensus/qbft/rules.ts',
    find: 'preparedRound > highest',
    replace: 'preparedRound < highest',
    story: 'Of several prepared blocks the one of the lowest round is repeated; a later one may be final.',
    plan: { heights: 40, ambush: 'forging-leader' },
  },
  {
    name: 'qbft-prepared-by-one',
    file: 'src/consensus/qbft/rules.ts',
    find: 'if (prepares.length < quorumOf(set.length))',
    replace: 'if (prepares.length < 1)',
    story: 'One prepare shows that a block was prepared.',
  },
  {
    name: 'qbft-prepared-by-one-many-times',
    file: 'src/consensus/qbft/rules.ts',
    find: 'return sendersDiffer(prepares) && prepares.every(fits)',
    replace: 'return prepares.every(fits)',
    story: 'A quorum of prepares may all be of one sender.',
  },
  {
    name: 'qbft-prepares-of-another-block',
    file: 'src/consensus/qbft/rules.ts',
    find: "each.type === 'prepare' && each.height === height && each.round === round && equal(each.blockHash, blockHash)",
    replace: "each.type === 'prepare'",
    story: 'Prepares of whatever block show that this one was prepared.',
  },
  {
    name: 'qbft-round-change-unchecked',
    file: 'src/consensus/qbft/tally.ts',
    find: '!checkRoundChange(turn.state, message).ok || !examineAll(turn, message.prepares)',
    replace: 'message === null',
    story: 'A round change is believed: its leader repeats a block that nobody prepared, and nobody else accepts it.',
  },
  {
    name: 'qbft-round-change-prepares-unsigned',
    file: 'src/consensus/qbft/tally.ts',
    find: ' || !examineAll(turn, message.prepares)',
    replace: '',
    story: 'Nobody looks at the signatures of the prepares that a round change shows.',
  },
];

export const QBFT_JUSTIFICATION_BUGS: readonly Bug[] = BUGS.map((bug) => ({ ...bug, engine: 'qbft' }));
