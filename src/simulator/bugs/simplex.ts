import type { PlantedBug } from './bug.ts';

type Bug = Omit<PlantedBug, 'engine'>;

const BUGS: readonly Bug[] = [
  {
    name: 'simplex-quorum-short',
    file: 'src/consensus/simplex/certificates.ts',
    find: 'const quorum = quorumOf(set.length);',
    replace: 'const quorum = quorumOf(set.length) - 1;',
    story: 'One vote fewer than a quorum makes a certificate.',
    seed: 1,
  },
  {
    name: 'simplex-finalise-after-nullify',
    file: 'src/consensus/simplex/own-votes.ts',
    find: 'if (isNullified(own, view))',
    replace: 'if (view < 0)',
    story: 'A view is finalised after a vote to nullify it.',
    seed: 4,
  },
  {
    name: 'simplex-restore-forgets-votes',
    file: 'src/consensus/simplex/start.ts',
    find: 'turn.state = { ...turn.state, own };',
    replace: 'turn.state = { ...turn.state, own: NO_OWN_VOTES };',
    story: 'A restart forgets its votes.',
    seed: 5,
  },
  {
    name: 'simplex-old-set',
    file: 'src/consensus/simplex/start.ts',
    find: "const continues = state.phase === 'running' && start.epoch === state.epoch;",
    replace: "const continues = state.phase === 'running';",
    story: 'After a change of validators those that run go on with the old set.',
    seed: 3,
  },
  {
    name: 'simplex-never-repeated',
    file: 'src/consensus/simplex/repeat.ts',
    find: 'if (state.progress === turn.state.progress && maySign(state) && !isOver(state))',
    replace: 'if (state === null)',
    story: 'Votes and certificates are sent once: what the network lost never comes.',
    seed: 2,
  },
  {
    name: 'simplex-signer-counted-twice',
    file: 'src/consensus/simplex/certificates.ts',
    find: 'equal(vote.blockHash, blockHash) ? [vote] : [];',
    replace: 'equal(vote.blockHash, blockHash) ? [vote, vote] : [];',
    story: 'Each signer counts twice towards a certificate.',
    seed: 1,
  },
  {
    name: 'simplex-view-untimed',
    file: 'src/consensus/simplex/certificates.ts',
    find: 'timed: false, answers',
    replace: 'timed: true, answers',
    story: 'A view that a certificate opened has no timer: where its leader is gone, it never ends.',
    seed: 2,
  },
  {
    name: 'simplex-persist-dropped',
    file: 'src/consensus/simplex/turn.ts',
    find: "turn.effects.push({ type: 'persist', height: payload.height, signingState: signingStateOf(turn.state) });",
    replace: '',
    story: 'A vote is signed before it is durable.',
    seed: 1,
  },
  {
    name: 'simplex-certificate-cut-short',
    file: 'src/consensus/simplex/finalise.ts',
    find: 'final.signatures.slice(0, quorumOf(set.length))',
    replace: 'final.signatures.slice(1, quorumOf(set.length))',
    story: 'What is handed on as the certificate lacks a signature that made the block final.',
    seed: 1,
  },
];

export const SIMPLEX_BUGS: readonly PlantedBug[] = BUGS.map((bug) => ({ ...bug, engine: 'simplex' }));
