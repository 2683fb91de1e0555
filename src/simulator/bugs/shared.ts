import type { Bug } from './bug.ts';

/** Around the engines: protocol, ledger, storage. */
export const SHARED_BUGS: readonly Bug[] = [
  {
    name: 'quorum-rounded-down',
    engine: 'qbft',
    file: 'src/base/validators.ts',
    find: 'Math.ceil((2 * n) / 3)',
    replace: 'Math.floor((2 * n) / 3)',
    story: 'The quorum is rounded down, as one release of a well-known chain had it.',
  },
  {
    name: 'nonce-not-raised',
    engine: 'qbft',
    file: 'src/ledger/execute-transaction.ts',
    find: 'nonces.set(writes, admitted.next + 1, toHex(sender));',
    replace: 'nonces.set(writes, admitted.next, toHex(sender));',
    story: 'A transaction does not use up its nonce: it can stand in the chain again.',
  },
  {
    name: 'grant-expires-late',
    engine: 'qbft',
    file: 'src/ledger/entities.ts',
    find: 'expires: BigInt(grant.expires),',
    replace: 'expires: BigInt(grant.expires) + 3_600_000n,',
    story: 'Policies see each grant as valid for an hour longer.',
  },
  {
    name: 'denied-writes-kept',
    engine: 'qbft',
    file: 'src/ledger/execute-transaction.ts',
    find: 'if (!decision.allowed)',
    replace: 'if (decision === null)',
    story: 'What the policies deny is done all the same.',
  },
  {
    name: 'certificate-without-path',
    engine: 'simplex',
    file: 'src/protocol/consensus-desk.ts',
    find: 'const path = this.#unfinal.headersBetween(blockHash, certificate.blockHash);',
    replace: 'const path = [];',
    story: "A block is stored with its descendant's certificate, and without the headers that lead there.",
  },
  {
    name: 'recovery-forgets-votes',
    engine: 'qbft',
    file: 'src/protocol/recovery.ts',
    find: 'return ok({ height, sequence, restored: state });',
    replace: 'return ok({ height, sequence, restored: null });',
    story: 'The signing record is found in order after a restart, and what stands in it is not read.',
  },
  {
    name: 'clock-unchecked',
    engine: 'qbft',
    file: 'src/protocol/judge.ts',
    find: 'if (fresh) {',
    replace: 'if (fresh === null) {',
    story: "A leader's time is believed: grants last as long as it likes.",
  },
];
