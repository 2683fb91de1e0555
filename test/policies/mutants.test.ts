import { describe, expect, it, vi } from 'vitest';
import { readPolicies } from '../../src/vm/syntax/parse.ts';
import { printPolicy } from '../../src/vm/syntax/print-policy.ts';
import { policyFiles } from '../ledger/town.ts';
import { capture } from './capture.ts';
import type { Expected } from './case.ts';
import { CASES } from './matrix/index.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { impossibleAmong } from './official.ts';
import { alone, answerOf, idOf, type Question, type Said, verdictOf } from './verdicts.ts';
import { World } from './world.ts';

vi.mock(import('../../src/vm/index.ts'), async (original) =>
  (await import('./capture.ts')).capturing(await original()),
);

/** Mutants that no case can notice, though not by the schema alone, with the reason. */
const EQUIVALENT: ReadonlyMap<string, string> = new Map([
  [
    'hospital-proposes-own-new-key: context.hospital == principal dropped',
    "another's key is forbidden by keys-come-from-their-hospital: the clause says in the permit what that forbid holds for all",
  ],
  [
    'guardian-approves: principal is Patient taken out',
    'the members of a list are patients: who is none is on no list',
  ],
]);

interface AskedCase {
  readonly name: string;
  readonly expected: Expected;
  readonly questions: readonly Question[];
  readonly said: readonly Said[];
}

const policies = policyFiles().flatMap(({ text }) => readPolicies(text).policies);
const sets = policies.map((policy) => ({ policy, set: alone(policy) }));
const world = new World();
const stage = { world, state: world.beyondTransactions() };

const cases: readonly AskedCase[] = CASES.map(([name, asking, expected]) => {
  const questions = capture(world.policies, true, () => asking(stage)).captured;
  const said = sets.map(({ policy, set }) => ({ policy, verdicts: questions.map((one) => verdictOf(set, one)) }));
  return { name, expected, questions, said };
});

/** A few seconds of work, on a machine that may be busy. */
const MUTANTS_TIMEOUT_MS = 120_000;

/** By what a case notices a mutant: another decision, other policies that decide, or an error where there was none. */
type Noticed = 'decision' | 'policies' | 'error';

function noticedBy(
  { questions, said, expected }: AskedCase,
  at: number,
  set: ReturnType<typeof alone>,
  mutant: Mutant,
) {
  const before = said[at] as Said;
  const policy = mutant.policy ?? before.policy;
  const verdicts = questions.map((one) => (mutant.policy === undefined ? 'not' : verdictOf(set, one)));
  if (policy.effect === before.policy.effect && verdicts.every((verdict, i) => verdict === before.verdicts[i]))
    return undefined;
  const after = answerOf(said.with(at, { policy, verdicts }), questions.length);
  if (after.permitted !== expected.permitted) return 'decision';
  if (after.by.join() !== expected.by.join()) return 'policies';
  return after.erring.join() === expected.erring.join() ? undefined : 'error';
}

/** The strongest way in which a case of the matrix notices it. */
function notice(at: number, mutant: Mutant): Noticed | undefined {
  const set = alone(mutant.policy ?? (policies[at] as (typeof policies)[number]));
  let best: Noticed | undefined;
  for (const one of cases) {
    const noticed = noticedBy(one, at, set, mutant);
    if (noticed === 'decision') return noticed;
    best = best === 'policies' ? best : (noticed ?? best);
  }
  return best;
}

describe('the matrix holds every clause of the constitution', () => {
  it('answers each case by what each policy says alone as the ledger does by all of them', () => {
    for (const { name, questions, said, expected } of cases)
      expect([name, answerOf(said, questions.length)]).toEqual([name, expected]);
  });

  it(
    'notices every mutant, but for those that can differ in nothing',
    () => {
      const seen = policies.flatMap((policy, at) =>
        mutantsOf(policy).map((mutant) => ({
          name: `${idOf(policy)}: ${mutant.what}`,
          mutant,
          noticed: notice(at, mutant),
        })),
      );
      const unnoticed = seen.filter(({ name, noticed }) => noticed === undefined && !EQUIVALENT.has(name));
      const equal = addingNothing(unnoticed);
      const survivors = unnoticed.filter(({ name }) => !equal.has(name)).map(({ name }) => name);
      const count = (by: Noticed): number => seen.filter(({ noticed }) => noticed === by).length;
      console.log(
        `${seen.length} mutants: ${count('decision')} change a decision, ${count('policies')} who decides, ${count('error')} err; ` +
          `${equal.size} are equal by the schema, ${EQUIVALENT.size} is argued, ${survivors.length} survive`,
      );
      expect(survivors).toEqual([]);
      expect(seen.filter(({ name, noticed }) => EQUIVALENT.has(name) && noticed === undefined)).toHaveLength(
        EQUIVALENT.size,
      );
      expect(count('decision')).toBeGreaterThan(9 * (count('policies') + count('error') + equal.size));
    },
    MUTANTS_TIMEOUT_MS,
  );
});

/** Which of them no request that the schema allows satisfies where it did not satisfy the original: so the official validator says. */
function addingNothing(mutants: readonly { name: string; mutant: Mutant }[]): ReadonlySet<string> {
  const added = mutants.flatMap(({ name, mutant: { adds } }) =>
    adds === undefined ? [] : [[name, printPolicy(adds)]],
  );
  return impossibleAmong(Object.fromEntries(added));
}
