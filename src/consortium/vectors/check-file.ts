import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result } from '../../base/result.ts';
import type { ConsortiumCode } from '../codes.ts';
import { checkSuite, type Finding } from './check-suite.ts';
import { readVectors } from './read-vectors.ts';

export interface VectorsReport {
  readonly suites: number;
  readonly passed: number;
  readonly failed: number;
  /** One for each failed suite. */
  readonly failures: readonly VectorsFailure[];
}
export interface VectorsFailure extends Finding {
  /** Its place in the file, from 0. */
  readonly suite: number;
}

/** Every suite of a file is checked, whatever became of those before it. */
export function checkVectors(primitives: Primitives, text: string): Result<VectorsReport, ConsortiumCode> {
  const suites = readVectors(text);
  if (!suites.ok) return suites;
  const failures = suites.value.flatMap((read, suite): readonly VectorsFailure[] => {
    const finding = read.ok ? checkSuite(primitives, read.value) : findingOf(read.rejection);
    return finding === undefined ? [] : [{ suite, ...finding }];
  });
  const count = suites.value.length;
  return ok({ suites: count, passed: count - failures.length, failed: failures.length, failures });
}

const findingOf = ({
  code,
  detail,
}: {
  readonly code: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}) => ({
  check: String(detail?.field ?? 'suite'),
  code,
});
