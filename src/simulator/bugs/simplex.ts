import type { Bug } from './bug.ts';

const BUGS: readonly Omit<Bug, 'engine'>[] = [
  {
    name: 'simplex-quorum-short',
    file: 'src/consensus/simplex/certificates.ts',
    find: 'const quorum = quorumOf(set.length);',
    replace: 'const quorum = quorumOf(set.length) - 1;',
    story: 'One vote fewer than a quorum makes a certificate.',
  },
  {
    name: 'simplex-finalise-after-nullify',
    file: 'src/consensus/simplex/own-votes.ts',
    find: 'if (isNullified(own, view))',
    replace: 'if (view < 0)',
    story: 'A view is finalised after a vote to nullify it.',
  },
  {
    name: 'simplex-restore-forgets-votes',
    file: 'src/consensus/simplex/start.ts',
    find: 'turn.state = { ...turn.state, own };',
    replace: 'turn.state = { ...turn.state, own: NO_OWN_VOTES };',
    story: 'A restart forgets its votes.',
  },
  {
    name: 'simplex-old-set',
    file: 'src/consensus/simplex/start.ts',
    find: "const continues = state.phase === 'running' && start.epoch === state.epoch;",
    replace: "const continues = state.phase === 'running';",
    story: 'After a change of validators those that run go on with the old set.',
  },
  {
    name: 'simplex-never-repeated',
    file: 'src/consensus/simplex/repeat.ts',
    find: 'if (state.progress === turn.state.progress && maySign(state) && !isOver(state))',
    replace: 'if (state === null)',
    story: 'Votes and certificates are sent once: what the network lost never comes.',
  },
  {
    name: 'simplex-signer-counted-twice',
    file: 'src/consensus/simplex/certificates.ts',
    find: 'equal(vote.blockHash, blockHash) ? [vote] : [];',
    replace: 'equal(vote.blockHash, blockHash) ? [vote, vote] : [];',
    story: 'Each signer counts twice towards a certificate.',
  },
  {
    name: 'simplex-view-untimed',
    file: 'src/consensus/simplex/certificates.ts',
    find: 'timed: false, answers',
    replace: 'timed: true, answers',
    story: 'A view that a certificate opened has no timer: where its leader is gone, it never ends.',
  },
  {
    name: 'simplex-persist-dropped',
    file: 'src/consensus/simplex/turn.ts',
    find: "turn.effects.push({ type: 'persist', height: payload.height, signingState: signingStateOf(turn.state) });",
    replace: '',
    story: 'A vote is signed before it is durable.',
  },
  {
    name: 'simplex-certificate-cut-short',
    file: 'src/consensus/simplex/finalise.ts',
    find: 'final.signatures.slice(0, quorumOf(set.length))',
    replace: 'final.signatures.slice(1, quorumOf(set.length))',
    story: 'What is handed on as the certificate lacks a signature that made the block final.',
  },
  {
    name: 'simplex-nullify-after-finalise',
    file: 'src/consensus/simplex/own-votes.ts',
    find: 'return view > newestFinalised(own);',
    replace: 'return view >= 0;',
    also: [
      {
        file: 'src/consensus/simplex/clock.ts',
        find: 'if (view !== state.view || !maySign(state) || isOver(state))',
        replace:
          "if (view < state.view && maySign(state)) castVote(turn, { type: 'nullify', view }); if (view !== state.view || !maySign(state) || isOver(state))",
      },
    ],
    story: 'The timer of a view that is over nullifies it all the same, though it was finalised here.',
  },
  {
    name: 'simplex-parent-unchecked',
    file: 'src/consensus/simplex/accept.ts',
    find: 'const parent = rungOf(ladderOf(state), parentHash);',
    replace:
      'const parent = rungOf(ladderOf(state), parentHash) ?? { ...state.root, height: vote.height - 1, hash: parentHash };',
    story: 'A proposal may stand on any block that is held: nobody asks whether a ladder leads there.',
  },
  {
    name: 'simplex-views-skipped',
    file: 'src/consensus/simplex/ladder.ts',
    find: 'if (record?.nullification != null)',
    replace: 'if (record !== null)',
    story: 'A ladder leads past views that nobody nullified: one of them may have been finalised.',
  },
  {
    name: 'simplex-certificate-of-one',
    file: 'src/consensus/simplex/examine.ts',
    find: 'if (certificate.signatures.length < quorumOf(set.length))',
    replace: 'if (certificate.signatures.length < 1)',
    story: 'A certificate with one signature is one.',
  },
  {
    name: 'simplex-certificate-unsigned',
    file: 'src/consensus/simplex/examine.ts',
    find: 'if (!fresh.every((vote) => isSignature(turn.state, digest, vote)))',
    replace: 'if (fresh.length === 0)',
    story: 'Nobody looks at the signatures of a certificate.',
  },
  {
    name: 'simplex-lock-not-restored',
    file: 'src/consensus/simplex/start.ts',
    find: 'if (lock !== null)',
    replace: 'if (lock === undefined)',
    story: 'A restart forgets the block that it voted to finalise: after a power cut of all, nobody has it.',
  },
];

export const SIMPLEX_BUGS: readonly Bug[] = BUGS.map((bug) => ({ ...bug, engine: 'simplex' }));
