import { expect, it } from 'vitest';
import { runStream } from '../../src/bench/stream/run-stream.ts';

const STUDY_MIB = 160;
/** Whoever holds the study, or its ciphertext, needs all of it and more; streams need about a quarter of this. */
const GROWTH_MIB_MAX = 110;

it('a study goes from file to file through two hospitals, byte for byte, and no process holds it', {
  timeout: 240_000,
}, async () => {
  const report = await runStream({ mib: STUDY_MIB, hospitals: 2 });
  expect(report.isSame).toBe(true);
  for (const { process, baseMib, peakMib } of report.memory)
    expect(peakMib - baseMib, `${process}: ${baseMib} → ${peakMib} MiB`).toBeLessThan(GROWTH_MIB_MAX);
});
