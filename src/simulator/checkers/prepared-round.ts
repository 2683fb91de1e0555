import type { CheckerOf } from './checker.ts';

interface Said {
  /** Rounds it committed in. */
  readonly commits: Set<number>;
  /** By round left for: the prepared round reported, −1 where none. */
  readonly reports: Map<number, number>;
}

/**
 * qbft: who left round c with a commit never reports less than c as prepared to a later round. This is what carries a block that may
 * be final somewhere into every later round. Looked at from both sides: the commit may be signed after the round change.
 */
export const preparedRound: CheckerOf = ({ engine }, report) => {
  const saidAt = new Map<string, Said>();
  return {
    sign({ node, key, vote }) {
      const { height, round, type } = vote;
      if (engine !== 'qbft' || (type !== 'commit' && type !== 'round-change')) return;
      const place = `${key} ${height}`;
      const said = saidAt.get(place) ?? { commits: new Set(), reports: new Map() };
      saidAt.set(place, said);
      const complain = (committed: number, to: number, prepared: number) => {
        if (committed < to && prepared < committed)
          report(
            `node ${node} committed in round ${committed} of height ${height}; its round change to ${to} reports ${prepared}`,
          );
      };
      if (type === 'commit') {
        said.commits.add(round);
        for (const [to, prepared] of said.reports) complain(round, to, prepared);
      } else {
        const prepared = vote.preparedRound ?? -1;
        said.reports.set(round, prepared);
        for (const committed of said.commits) complain(committed, round, prepared);
      }
    },
  };
};
