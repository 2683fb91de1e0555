import type { NodeStatus } from '../status.ts';
import type { ChainAudit } from './audit.ts';
import type { FaultCounts, Halt } from './injector.ts';
import type { JournalCounts } from './journal.ts';
import type { ChaosOptions } from './run-chaos.ts';
import type { Verified } from './verify-chains.ts';

/** All that a run came to. */
export interface Findings {
  readonly faults: FaultCounts;
  readonly halts: readonly Halt[];
  /** What each hospital said at the end; empty where they did not come into step. */
  readonly inStep: readonly NodeStatus[];
  readonly counts: JournalCounts;
  readonly audit: ChainAudit;
  readonly verified: readonly Verified[];
}

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Ids shown of a list that should be empty. */
const SHOWN_MAX = 5;

/** What must hold after any chaos. A run that did nothing shows nothing, so it does not hold either. */
function checksOf(
  { faults, halts, inStep, counts, audit, verified }: Findings,
  { engine }: ChaosOptions,
): readonly Check[] {
  const list = (items: readonly unknown[]) => ({ count: items.length, shown: items.slice(0, SHOWN_MAX) });
  // Of clique's blocks the proof is the run of seals above them: `verify` calls the newest ones unknown (CHAIN.md).
  const engineName: string = engine;
  const verdicts = engineName === 'clique' ? ['holds', 'unknown'] : ['holds'];
  return [
    {
      name: 'faults-made',
      ok: faults.kills > 0 && faults.restarts > 0 && faults.crashesOfAll > 0,
      detail: { ...faults },
    },
    { name: 'load-carried', ok: counts.acknowledged > 0 && counts.notApplied === 0, detail: { ...counts } },
    { name: 'none-halted', ok: halts.length === 0, detail: list(halts) },
    {
      name: 'all-in-step-and-signing',
      ok: inStep.length > 0 && inStep.every(({ ready, reason }) => ready && reason === null),
      detail: { hospitals: inStep.map(({ height, ready, reason }) => ({ height, ready, reason })) },
    },
    { name: 'no-acknowledged-lost', ok: audit.lost.length === 0, detail: list(audit.lost) },
    { name: 'none-forgotten-for-good', ok: audit.unresolved.length === 0, detail: list(audit.unresolved) },
    { name: 'none-twice', ok: audit.doubled.length === 0, detail: list(audit.doubled) },
    {
      name: 'same-blocks-and-roots',
      ok: audit.differsAt === null,
      detail: { heights: audit.heights, differsAt: audit.differsAt },
    },
    { name: 'no-double-signing', ok: audit.evidence === 0, detail: { evidence: audit.evidence } },
    {
      name: 'chains-verify',
      ok: verified.length > 0 && verified.every(({ verdict }) => verdicts.includes(verdict as string)),
      detail: { verified },
    },
  ];
}

/** The run's result: counts at the top, then each check with its facts. */
export function reportOf(findings: Findings, options: ChaosOptions) {
  const { faults, counts, audit, halts } = findings;
  const checks = checksOf(findings, options);
  const ok = checks.every((check) => check.ok);
  const { engine, seed, seconds } = options;
  const result = {
    ok,
    engine,
    seed,
    seconds,
    ...faults,
    halts: halts.length,
    ...counts,
    final: counts.acknowledged,
    lost: audit.lost.length,
    heights: audit.heights,
    rootsEqual: audit.differsAt === null,
    evidence: audit.evidence,
    checks,
  };
  const lines = checks.map(
    (check) => `  ${check.ok ? 'holds ' : 'FAILED'}  ${check.name} ${JSON.stringify(check.detail)}`,
  );
  return { ok, result, text: [...lines, '', ok ? 'Everything holds.' : 'Not everything holds.'].join('\n') };
}
