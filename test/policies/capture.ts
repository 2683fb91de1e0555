import type { AuthorizationRequest, Decision, EntityReader, PolicySet } from '../../src/vm/index.ts';

/** One question that reached the engine, and what it said. */
export interface Captured {
  readonly request: AuthorizationRequest;
  readonly entities: EntityReader;
  readonly decision: Decision;
}

type Vm = typeof import('../../src/vm/index.ts');

interface Tape {
  readonly policies: PolicySet;
  readonly askAll: boolean;
  readonly captured: Captured[];
}
let tape: Tape | null = null;

/** The engine with a tape beside it: what a test gives `vi.mock` in its place, so that the ledger's own code asks. */
export const capturing = (vm: Vm): Vm => ({
  ...vm,
  authorize: (policies, request, entities, gasLimit) => {
    const decision = vm.authorize(policies, request, entities, gasLimit);
    if (tape?.policies !== policies) return decision;
    tape.captured.push({ request, entities, decision });
    return tape.askAll ? { ...decision, allowed: false } : decision;
  },
});

/**
 * What `run` puts to this set of policies. With `askAll` no question is told that it was permitted, so that a kind asks all that it
 * could ever ask.
 */
export function capture<T>(
  policies: PolicySet,
  askAll: boolean,
  run: () => T,
): { answer: T; captured: readonly Captured[] } {
  assertFree();
  tape = { policies, askAll, captured: [] };
  try {
    const { captured } = tape;
    return { answer: run(), captured };
  } finally {
    tape = null;
  }
}

function assertFree(): void {
  if (tape !== null) throw new Error('one tape at a time');
}
