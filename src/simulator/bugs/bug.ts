import type { EngineName } from '../../consensus/engine.ts';
import type { BehaviourName } from '../byzantine/names.ts';

/** One place of the source, and what stands there instead. */
export interface Edit {
  /** Below the root of the repository, as the source has it. */
  readonly file: `src/${string}.ts`;
  /** Stands exactly once in the source and in what is compiled from it: a piece of one line, without types. */
  readonly find: string;
  readonly replace: string;
}

/**
 * A mistake that somebody could have made, as data. The shipped code knows nothing of it: `hooks.ts` puts `replace` where `find` stands while
 * a worker loads the compiled file, and the files stay as they are (ADR 0014).
 */
export interface Bug extends Edit {
  readonly name: string;
  /** The engine whose runs show it. */
  readonly engine: EngineName;
  /** Further places, where a second guard would hide the mistake. */
  readonly also?: readonly Edit[];
  /** What it stands for, and what goes wrong. */
  readonly story: string;
  readonly plan?: BugPlan;
}

/** What its runs are other than usual in. */
export interface BugPlan {
  readonly validators?: number;
  readonly heights?: number;
  /** Every seed is an ambush by members who break their word in this way: what takes many rounds and a certain lie. */
  readonly ambush?: BehaviourName;
}

export interface PlantedBug extends Bug {
  /** The first seed whose run shows it; seeds are searched from 1, so it also counts the seeds needed. Null before the first search. */
  readonly seed: number | null;
}

/** Everything that a patch changes. */
export interface Patch {
  readonly name: string;
  readonly edits: readonly Edit[];
}

export const patchOf = ({ name, file, find, replace, also = [] }: Bug): Patch => ({
  name,
  edits: [{ file, find, replace }, ...also],
});
