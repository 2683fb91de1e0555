import { expect, it } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import { ok, type Result } from '../../src/base/result.ts';
import type { EffectRunner, HostInput } from '../../src/node/effect-runner.ts';
import { Submissions } from '../../src/node/submissions.ts';

/** A runner that answers each step at once, with the bytes as ids. */
function submissionsOver(steps: string[]): Submissions {
  const input = (given: HostInput) => {
    if (given.type !== 'submit') return;
    steps.push(`step of ${given.transactions.length}`);
    submissions.answered(given.ticket, given.transactions.map((bytes) => ok(bytes as Hash)) as Result<Hash>[]);
  };
  const runner = { overloaded: false, input } as unknown as EffectRunner;
  const submissions: Submissions = new Submissions(() => runner);
  return submissions;
}

it('hands a large batch to the replica by slices, hears others between them, and answers in order', async () => {
  const steps: string[] = [];
  const batch = Array.from({ length: 150 }, (_, i) => Uint8Array.of(i));
  const answers = submissionsOver(steps).submit(batch);
  setImmediate(() => steps.push('a vote'));
  expect((await answers).map((answer) => answer.ok && answer.value[0])).toEqual(batch.map(([first]) => first));
  expect(steps.filter((step) => step !== 'a vote')).toEqual(['step of 64', 'step of 64', 'step of 22']);
  expect(steps.indexOf('a vote')).toBeLessThan(steps.length - 1);
});
