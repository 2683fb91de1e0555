import type { Bug } from './bug.ts';

const BUGS: readonly Omit<Bug, 'engine'>[] = [
  {
    name: 'clique-first-seen-wins',
    file: 'src/consensus/clique/fork-choice.ts',
    find: 'if (a.round !== b.round)',
    replace: 'if (a.key !== b.key)',
    story:
      'The tie-break is gone, as on Görli: chains of equal difficulty stand side by side, and who may seal next waits on the other one.',
  },
  {
    name: 'clique-difficulty-turned',
    file: 'src/consensus/clique/rules.ts',
    find: 'placesAfterTurn(set, height, sealer) === 0 ? IN_TURN : OUT_OF_TURN',
    replace: 'placesAfterTurn(set, height, sealer) === 0 ? OUT_OF_TURN : IN_TURN',
    story: 'Blocks out of turn weigh more than those in turn.',
  },
  {
    name: 'clique-seals-lower',
    file: 'src/consensus/clique/seal.ts',
    find: 'if (round <= lastRoundOf(state) || sealedRecently(state, head.key, self))',
    replace: 'if (sealedRecently(state, head.key, self))',
    story: 'A validator seals at a difficulty that it sealed before, on another branch: a double seal.',
  },
  {
    name: 'clique-confirmed-early',
    file: 'src/consensus/clique/confirm.ts',
    find: 'const confirmedHeight = top.height - state.config.confirmationDepth;',
    replace: 'const confirmedHeight = top.height - state.config.confirmationDepth + 1;',
    story: 'Blocks count as final one block too early.',
  },
  {
    name: 'clique-confirmed-at-once',
    file: 'src/consensus/clique/confirm.ts',
    find: 'const confirmedHeight = top.height - state.config.confirmationDepth;',
    replace: 'const confirmedHeight = top.height;',
    story: 'The head counts as final.',
  },
  {
    name: 'clique-restore-forgets-seal',
    file: 'src/consensus/clique/restore.ts',
    find: 'own: vote, past:',
    replace: 'own: null, past:',
    story: 'A restart forgets its newest seal, and seals again below it.',
  },
  {
    name: 'clique-persist-dropped',
    file: 'src/consensus/clique/cast.ts',
    find: "turn.effects.push({ type: 'persist', height, signingState: encodeCliqueSigning({ vote, trail }) });",
    replace: '',
    story: 'A seal is signed before it is durable.',
  },
  {
    name: 'clique-acks-left-out',
    file: 'src/consensus/clique/confirm.ts',
    find: 'signatures: [signatureOf(seal), ...acks],',
    replace: 'signatures: [signatureOf(seal)],',
    story:
      'The last block of a set is stored without the acknowledgements that confirm it: who syncs it cannot confirm it.',
  },
  {
    name: 'clique-recent-unchecked',
    file: 'src/consensus/clique/attach.ts',
    find: 'if (sealedRecently(state, parent.key, sealer))',
    replace: 'if (parent === null)',
    story: 'Nobody looks who sealed lately: one member alone can build a chain.',
  },
  {
    name: 'clique-seals-too-soon',
    file: 'src/consensus/clique/seal.ts',
    find: ' || sealedRecently(state, head.key, self)',
    replace: '',
    story: 'A validator does not look whether it sealed lately, and holds on to a block that all others refuse.',
  },
  {
    name: 'clique-difficulty-unchecked',
    file: 'src/consensus/clique/attach.ts',
    find: 'if (seal.round !== baseOf(state, parent) + difficultyOf(state.set, height, sealer))',
    replace: 'if (seal.round <= baseOf(state, parent))',
    story: 'A seal may claim any difficulty: the heaviest chain is whose sealer says so.',
  },
  {
    name: 'clique-restart-knows-the-tip-only',
    file: 'src/consensus/clique/start.ts',
    find: 'past.length >= most',
    replace: 'past.length >= 1',
    story: 'Whoever restarts knows the sealer of its tip and none below: it seals what all others refuse.',
    plan: { heights: 40 },
  },
  {
    name: 'clique-asks-the-first-only',
    file: 'src/consensus/clique/orphans.ts',
    find: 'asked.size > faultsOf(set.length)',
    replace: 'asked.size > 0',
    story:
      'A missing block is asked only of whoever named it first: who names it and does not give it keeps it from all.',
  },
];

export const CLIQUE_BUGS: readonly Bug[] = BUGS.map((bug) => ({ ...bug, engine: 'clique' }));
