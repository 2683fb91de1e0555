import type { SeedReport } from '../../../simulator/campaign/run-seed.ts';
import type { SimOptions } from './flags.ts';

type Setting = Pick<SimOptions, 'engine' | 'validators' | 'heights'>;

/** The one line that shows a seed again, from any folder of a clone. */
export const replayLine = ({ engine, validators, heights }: Setting, seed: number): string =>
  [
    `npm run --silent carechain -- sim --engine ${engine} --seed ${seed}`,
    ...(validators === undefined ? [] : [`--validators ${validators}`]),
    ...(heights === undefined ? [] : [`--heights ${heights}`]),
  ].join(' ');

/** Why a run failed, one line a violation: the first ones tell, the rest follows from them. */
export const failureLines = ({ violations }: Pick<SeedReport, 'violations'>): readonly string[] => [
  ...violations
    .slice(0, LINES_MAX)
    .map(({ checker, node, atMs, what }) => `  ${checker}, node ${node}, at ${atMs}: ${what}`),
  ...(violations.length > LINES_MAX ? [`  … and ${violations.length - LINES_MAX} more`] : []),
];
const LINES_MAX = 5;

/** Each checker once, in the order of its first violation: "agreement, prepared-round × 16". */
export function countedCheckers({ violations }: Pick<SeedReport, 'violations'>): string {
  const counts = new Map<string, number>();
  for (const { checker } of violations) counts.set(checker, (counts.get(checker) ?? 0) + 1);
  return [...counts].map(([checker, count]) => (count === 1 ? checker : `${checker} × ${count}`)).join(', ');
}
