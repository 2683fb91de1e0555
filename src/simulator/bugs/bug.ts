import type { EngineName } from '../../consensus/engine.ts';

/**
 * A mistake that somebody could have made, as data. The shipped code knows nothing of it: `hooks.ts` puts `replace` where `find` stands while
 * a worker loads the compiled file, and the files stay as they are (ADR 0014).
 */
export interface PlantedBug {
  readonly name: string;
  /** The engine whose runs show it. */
  readonly engine: EngineName;
  /** Below the root of the repository, as the source has it. */
  readonly file: `src/${string}.ts`;
  /** Stands exactly once in the source and in what is compiled from it: a piece of one line, without types. */
  readonly find: string;
  readonly replace: string;
  /** What it stands for, and what goes wrong. */
  readonly story: string;
  /** The first seed whose run shows it: kept, and replayed by CI. Seeds are searched from 1, so it also counts the seeds needed. */
  readonly seed: number;
  readonly plan?: { readonly validators?: number; readonly heights?: number };
}

/** The text that a patch changes. */
export type Patch = Pick<PlantedBug, 'name' | 'file' | 'find' | 'replace'>;
