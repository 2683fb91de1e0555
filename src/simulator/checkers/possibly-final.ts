import { toHex } from '../../base/bytes.ts';
import { quorumSize } from './arithmetic.ts';
import type { CheckerOf } from './checker.ts';

/** Honest votes of one kind for one block in one round. */
interface Ballot {
  readonly height: number;
  readonly round: number;
  readonly block: string;
  readonly keys: Set<string>;
}

/** The vote that binds a block to a round, and the one that may make it final. */
const KINDS: Readonly<Record<string, { readonly first: string; readonly last: string }>> = {
  qbft: { first: 'prepare', last: 'commit' },
  simplex: { first: 'notarise', last: 'finalise' },
};

/** Heights behind the newest whose votes are remembered. */
const HEIGHTS_KEPT = 48;

/**
 * qbft and simplex: once so many honest members gave a block their last vote that dishonest ones could make it final, no honest member gives another
 * block at or below its height a first vote in a later round or view. Two quorums share an honest member, who stands in the way. So
 * what is lost is seen before anybody decides otherwise.
 */
export const possiblyFinal: CheckerOf = ({ engine, validators }, report) => {
  const kinds = KINDS[engine];
  const [first, last] = [new Map<string, Ballot>(), new Map<string, Ballot>()];
  /** Members of the set of each height. */
  const sizes = new Map([[1, validators.length]]);
  let newest = 0;

  /** qbft counts its rounds anew at each height. */
  const comparable = (one: Ballot, other: Ballot): boolean => engine === 'simplex' || one.height === other.height;

  const isPossiblyFinal = ({ height, keys }: Ballot): boolean => {
    const size = sizes.get(height);
    return size !== undefined && keys.size >= quorumSize(size) - Math.floor((size - 1) / 3);
  };

  const compare = (final: Ballot, later: Ballot): void => {
    const clashes = later.round > final.round && later.height <= final.height && later.block !== final.block;
    if (clashes && comparable(final, later) && isPossiblyFinal(final))
      report(
        `block ${final.height} ${final.block} may be final since round ${final.round}, and ${later.block} gets a vote in round ${later.round}`,
      );
  };

  const forget = (ballots: Map<string, Ballot>): void => {
    for (const [place, { height }] of ballots) if (height < newest - HEIGHTS_KEPT) ballots.delete(place);
  };

  return {
    sign({ key, vote }) {
      const { type, height, round } = vote;
      if (kinds === undefined || (type !== kinds.first && type !== kinds.last)) return;
      const ballots = type === kinds.first ? first : last;
      const block = toHex(vote.blockHash);
      const place = `${height} ${round} ${block}`;
      const known = ballots.get(place);
      const ballot = known ?? { height, round, block, keys: new Set<string>() };
      if (known === undefined) ballots.set(place, ballot);
      ballot.keys.add(key);
      if (type === kinds.last) for (const each of first.values()) compare(ballot, each);
      else if (known === undefined) for (const each of last.values()) compare(each, ballot);
    },
    commit({ height, effect }) {
      sizes.set(height + 1, effect.execution.nextValidators.length);
      if (height <= newest) return;
      newest = height;
      forget(first);
      forget(last);
    },
  };
};
