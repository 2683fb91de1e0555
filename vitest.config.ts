import { defineConfig } from 'vitest/config';

/**
 * `unit`: pure and fast, files in parallel. `system`: real processes, ports and disks, one file at a time,
 * because on two cores they would starve each other; they wait on conditions and never sleep. `.ci/run` runs them.
 * `judge`: the rule engine beside the official one, and the FHIR face beside a validator, which are slow to load and to ask; `.ci/run` runs them.
 * `fault`: the slow ones, which break disks and run whole campaigns; `.ci/run` runs them, `npm test` does not.
 */
const JUDGED = [
  'test/vm/{syntax,schema,validate,differential,browser}/**',
  'test/policies/**',
  'test/bench/policies.test.ts',
  'test/fhir/**',
];

export default defineConfig({
  test: {
    // By default vitest leaves one core to its watcher: of two, that is half.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,mjs}'],
          exclude: ['test/**/*.system.test.{ts,mjs}', ...JUDGED],
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'judge',
          include: JUDGED.map((place) => place.replace('/**', '/**/*.test.ts')),
          testTimeout: 120_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/**/*.system.test.{ts,mjs}'],
          exclude: ['test/**/*.fault.system.test.{ts,mjs}'],
          fileParallelism: false,
          testTimeout: 90_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'fault',
          include: ['test/**/*.fault.system.test.{ts,mjs}'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
