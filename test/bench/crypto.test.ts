import { expect, it } from 'vitest';
import { benchCrypto, type CryptoBenchReport } from '../../src/bench/crypto/command.ts';

it('says how fast records are sealed and opened, and how fast node:crypto is with the same bytes', async () => {
  let report: CryptoBenchReport | undefined;
  const result = (value: object) => {
    report = value as CryptoBenchReport;
  };
  expect(await benchCrypto({ json: true, result, say: () => {} }, { mib: 2, rounds: 3 })).toBe(0);
  expect(report).toMatchObject({ mib: 2, rounds: 3 });
  for (const name of ['sealMibPerSecond', 'openMibPerSecond', 'nodeGcmMibPerSecond', 'ratio'] as const)
    expect(report?.[name]).toBeGreaterThan(0);
});
