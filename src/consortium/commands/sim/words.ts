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
