import type { PlantedBug } from './bug.ts';

type Bug = Omit<PlantedBug, 'engine'>;

const BUGS: readonly Bug[] = [
  {
    name: 'clique-no-recent-limit',
    file: 'src/consensus/clique/chain.ts',
    find: 'if (link.sealer === sealer)',
    replace: 'if (link.sealer === null)',
    story: 'A validator may seal again at once: a single one can write a chain of its own.',
    seed: 1,
  },
  {
    name: 'clique-first-seen-wins',
    file: 'src/consensus/clique/fork-choice.ts',
    find: 'if (a.round !== b.round)',
    replace: 'if (a.key !== b.key)',
    story:
      'The tie-break is gone, as on Görli: chains of equal difficulty stand side by side, and who may seal next waits on the other one.',
    seed: 1,
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
    name: 'clique-lightest-chain',
    file: 'src/consensus/clique/fork-choice.ts',
    find: 'if (a.round !== b.round)',
    replace: 'if (a.height !== b.height) return b.height - a.height; if (a.round !== b.round)',
    story: 'The longer chain wins, whatever its difficulty.',
    seed: 1,
  },
  {
    name: 'clique-seals-lower',
    file: 'src/consensus/clique/seal.ts',
    find: 'if (round <= lastRoundOf(state) || sealedRecently(state, head.key, self))',
    replace: 'if (sealedRecently(state, head.key, self))',
    story: 'A validator seals at a difficulty that it sealed before, on another branch: a double seal.',
    seed: 1,
  },
  {
    name: 'clique-confirmed-early',
    file: 'src/consensus/clique/confirm.ts',
    find: 'const confirmedHeight = headLink(state).height - state.config.confirmationDepth;',
    replace: 'const confirmedHeight = headLink(state).height - state.config.confirmationDepth + 1;',
    story: 'Blocks count as final one block too early.',
    seed: 1,
  },
  {
    name: 'clique-confirmed-at-once',
    file: 'src/consensus/clique/confirm.ts',
    find: 'const confirmedHeight = headLink(state).height - state.config.confirmationDepth;',
    replace: 'const confirmedHeight = headLink(state).height;',
    story: 'The head counts as final.',
    seed: 1,
  },
  {
    name: 'clique-restore-forgets-seal',
    file: 'src/consensus/clique/restore.ts',
    find: 'own: vote, past:',
    replace: 'own: null, past:',
    story: 'A restart forgets its newest seal, and seals again below it.',
    seed: 1,
  },
  {
    name: 'clique-old-set',
    file: 'src/consensus/clique/start.ts',
    find: "phase: 'running', set: validators, past: [tip] });",
    replace: "phase: 'running', past: [tip] });",
    story: 'After a change of validators the old set goes on sealing.',
    seed: 1,
  },
  {
    name: 'clique-branch-not-durable',
    file: 'src/consensus/clique/cast.ts',
    find: 'const branch = fittingBranch(branchTo(turn.state, head), block);',
    replace: 'const branch = [];',
    story:
      'A seal is durable, the blocks below it are not: after a power cut all are bound by seals on blocks that nobody has.',
    seed: 1,
  },
  {
    name: 'clique-signature-unchecked',
    file: 'src/consensus/clique/examine.ts',
    find: 'if (!isSigned(turn, seal))',
    replace: 'if (seal === null)',
    story: 'A seal counts whoever signed it.',
    seed: 1,
  },
];

export const CLIQUE_BUGS: readonly PlantedBug[] = BUGS.map((bug) => ({ ...bug, engine: 'clique' }));
