import type { PlantedBug } from './bug.ts';

type Bug = Omit<PlantedBug, 'engine'>;

const BUGS: readonly Bug[] = [
  {
    name: 'clique-first-seen-wins',
    file: 'src/consensus/clique/fork-choice.ts',
    find: 'if (a.round !== b.round)',
    replace: 'if (a.key !== b.key)',
    story:
      'The tie-break is gone, as on Görli: chains of equal difficulty stand side by side, and who may seal next waits on the other one.',
    seed: 3,
  },
  {
    name: 'clique-difficulty-turned',
    file: 'src/consensus/clique/rules.ts',
    find: 'placesAfterTurn(set, height, sealer) === 0 ? IN_TURN : OUT_OF_TURN',
    replace: 'placesAfterTurn(set, height, sealer) === 0 ? OUT_OF_TURN : IN_TURN',
    story: 'Blocks out of turn weigh more than those in turn.',
    seed: 1,
  },
  {
    name: 'clique-seals-lower',
    file: 'src/consensus/clique/seal.ts',
    find: 'if (round <= lastRoundOf(state) || sealedRecently(state, head.key, self))',
    replace: 'if (sealedRecently(state, head.key, self))',
    story: 'A validator seals at a difficulty that it sealed before, on another branch: a double seal.',
    seed: 11,
  },
  {
    name: 'clique-confirmed-early',
    file: 'src/consensus/clique/confirm.ts',
    find: 'const confirmedHeight = headLink(state).height - state.config.confirmationDepth;',
    replace: 'const confirmedHeight = headLink(state).height - state.config.confirmationDepth + 1;',
    story: 'Blocks count as final one block too early.',
    seed: 2,
  },
  {
    name: 'clique-confirmed-at-once',
    file: 'src/consensus/clique/confirm.ts',
    find: 'const confirmedHeight = headLink(state).height - state.config.confirmationDepth;',
    replace: 'const confirmedHeight = headLink(state).height;',
    story: 'The head counts as final.',
    seed: 2,
  },
  {
    name: 'clique-restore-forgets-seal',
    file: 'src/consensus/clique/restore.ts',
    find: 'own: vote, past:',
    replace: 'own: null, past:',
    story: 'A restart forgets its newest seal, and seals again below it.',
    seed: 11,
  },
  {
    name: 'clique-persist-dropped',
    file: 'src/consensus/clique/cast.ts',
    find: "turn.effects.push({ type: 'persist', height, signingState: encodeCliqueSigning({ vote, trail }) });",
    replace: '',
    story: 'A seal is signed before it is durable.',
    seed: 11,
  },
  {
    name: 'clique-acks-left-out',
    file: 'src/consensus/clique/confirm.ts',
    find: 'signatures: [signatureOf(seal), ...acks],',
    replace: 'signatures: [signatureOf(seal)],',
    story:
      'The last block of a set is stored without the acknowledgements that confirm it: who syncs it cannot confirm it.',
    seed: 2,
  },
];

export const CLIQUE_BUGS: readonly PlantedBug[] = BUGS.map((bug) => ({ ...bug, engine: 'clique' }));
