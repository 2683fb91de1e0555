import { expect, it } from 'vitest';
import { measureUmbral } from '../../src/bench/costs/umbral-costs.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';

const ROUND_MICROSECONDS = 5_000;

it('every step of delivery is priced, and what holds another step costs more than it', () => {
  const costs = measureUmbral(nativePrimitives(), ROUND_MICROSECONDS);
  for (const [name, microseconds] of Object.entries(costs)) expect(microseconds, name).toBeGreaterThan(0);
  // Far apart, so that a busy machine does not turn them round: each verifies or makes several times what the other does once.
  expect(costs.shareVerification).toBeGreaterThan(costs.opening);
  expect(costs.combination).toBeGreaterThan(costs.opening);
  expect(costs.share).toBeGreaterThan(costs.opening);
});
