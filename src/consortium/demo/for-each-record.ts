import type { CheckName, Facts } from './checklist.ts';
import type { RecordStory, Story } from './story.ts';

/** Records that go through a chapter side by side: enough to share blocks, few enough to be gentle with two cores. */
const SIDE_BY_SIDE = 4;

/** Lets every record live through one step, and enters what came of it. */
export async function forEachRecord(
  story: Story,
  name: CheckName,
  step: (record: RecordStory) => Promise<{ readonly ok: boolean; readonly facts: Facts }>,
): Promise<void> {
  const found: { record: string; ok: boolean; facts: Facts }[] = [];
  for (let first = 0; first < story.records.length; first += SIDE_BY_SIDE) {
    const some = story.records.slice(first, first + SIDE_BY_SIDE);
    found.push(...(await Promise.all(some.map(async (one) => ({ record: one.text.name, ...(await step(one)) })))));
    if (story.records.length > SIDE_BY_SIDE)
      story.output.say(`  ${name}: ${found.length} of ${story.records.length} records`);
  }
  story.checks.addForEach(name, found);
}
