import { equal, toHex } from '../../base/bytes.ts';
import type { ValidatorSet } from '../../base/validators.ts';
import { hashOfSet, rootOfList } from './arithmetic.ts';
import type { CheckerOf, Commit } from './checker.ts';
import type { HeaderSeen } from './read-block.ts';

const VERSION = 1;

interface Known {
  readonly height: number;
  readonly timestampMs: number;
  readonly nextValidatorsHash: Uint8Array;
  readonly next: ValidatorSet;
}

/** What is final is a block of this chain: it extends another one, its header fits its body, and somebody asked for its transactions. */
export const validity: CheckerOf = ({ primitives, chainId, header: genesis, hash, validators, clocks }, report) => {
  const known = new Map<string, Known>([
    [
      toHex(hash),
      {
        height: 0,
        timestampMs: genesis.timestampMs,
        nextValidatorsHash: genesis.nextValidatorsHash,
        next: validators,
      },
    ],
  ]);
  /** SHA-256 of every transaction that was handed to any node's door. */
  const submitted = new Set<string>();

  const problemsOf = (header: HeaderSeen, parent: Known, { atMs, height, block, effect }: Commit): string[] => {
    const { nextValidators } = effect.execution;
    const leaves = block.transactions.map((bytes) => primitives.hash(bytes));
    const evidence = block.evidence.map((bytes) => primitives.hash(bytes));
    const strangers = leaves.filter((leaf) => !submitted.has(toHex(leaf)));
    const rules: readonly (readonly [boolean, string])[] = [
      [header.version === VERSION, `version ${header.version}`],
      [equal(header.chainId, chainId), 'another chain'],
      [header.height === height && parent.height === height - 1, `a header of height ${header.height}`],
      [toHex(effect.hash) === block.hash, 'a hash that is not its header’s'],
      [header.timestampMs > parent.timestampMs, 'a time that does not rise'],
      [header.timestampMs <= atMs + clocks.aheadMaxMs + clocks.skewMaxMs, 'a time to come'],
      [parent.next.some(({ id }) => equal(id, header.proposer)), 'a proposer from outside the set'],
      [equal(header.validatorsHash, parent.nextValidatorsHash), 'another validator set than its parent announced'],
      [equal(header.nextValidatorsHash, hashOfSet(primitives, nextValidators)), 'a next set that is not executed'],
      [equal(header.transactionsRoot, rootOfList(primitives, leaves)), 'transactions that its root does not name'],
      [equal(header.evidenceRoot, rootOfList(primitives, evidence)), 'evidence that its root does not name'],
      [Number.isSafeInteger(header.gasUsed) && header.gasUsed >= 0, 'no sum of gas'],
      [strangers.length === 0, `${strangers.length} transactions that nobody submitted`],
    ];
    return rules.filter(([holds]) => !holds).map(([, what]) => what);
  };

  return {
    observe(observation) {
      if (observation.type !== 'input' || observation.input.type !== 'submit') return;
      for (const each of observation.input.transactions)
        submitted.add(toHex(each instanceof Uint8Array ? primitives.hash(each) : each.leaf));
    },
    commit(commit) {
      const { height, block, first, effect } = commit;
      if (!first) return;
      const { header } = block;
      const { timestampMs, nextValidatorsHash } = header;
      const parent = known.get(block.parent);
      known.set(block.hash, { height, timestampMs, nextValidatorsHash, next: effect.execution.nextValidators });
      if (parent === undefined) report(`block ${height} extends no block that is final`);
      else for (const what of problemsOf(header, parent, commit)) report(`block ${height} has ${what}`);
    },
  };
};
