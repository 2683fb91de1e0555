import { toHex } from '../../base/bytes.ts';
import type { CheckerOf, Signing, Vote } from './checker.ts';

const payloadOf = ({ height, blockHash, preparedRound, preparedHash }: Vote): string =>
  `${height} ${toHex(blockHash)} ${preparedRound} ${preparedHash === null ? null : toHex(preparedHash)}`;

/**
 * No honest key ever signs two payloads for one place, whatever its node forgot. The place is (height, round, type); in simplex, whose
 * views are numbered once in the life of a chain, (view, type), and nobody nullifies and finalises one view; in clique
 * the difficulties of a key's votes rise.
 */
export const oneVote: CheckerOf = ({ engine }, report) => {
  const cast = new Map<string, string>();
  const newest = new Map<string, number>();

  const placeOf = (key: string, { height, round, type }: Vote): string =>
    engine === 'simplex' ? `${key} ${round} ${type}` : `${key} ${height} ${round} ${type}`;

  const nullifiesAndFinalises = ({ key, vote }: Signing): boolean => {
    const other = { nullify: 'finalise', finalise: 'nullify' }[vote.type];
    return engine === 'simplex' && other !== undefined && cast.has(placeOf(key, { ...vote, type: other }));
  };

  return {
    sign(signing) {
      const { node, key, vote } = signing;
      const place = placeOf(key, vote);
      const payload = payloadOf(vote);
      const before = cast.get(place);
      if (before === payload) return;
      const where = `height ${vote.height}, round ${vote.round}`;
      if (before !== undefined) report(`the key of node ${node} signs a second ${vote.type} at ${where}`);
      if (nullifiesAndFinalises(signing)) report(`the key of node ${node} nullifies and finalises view ${vote.round}`);
      if (engine === 'clique') {
        const last = newest.get(key) ?? -1;
        if (vote.round <= last) report(`the key of node ${node} seals at ${vote.round} after ${last}`);
        newest.set(key, Math.max(last, vote.round));
      }
      cast.set(place, payload);
    },
  };
};
