import { expect, it } from 'vitest';
import { HandIn } from '../../src/bench/hand-in.ts';
import type { LoadPlan } from '../../src/bench/load-plan.ts';
import { RunLedger } from '../../src/bench/run-ledger.ts';
import type { SignedLoad } from '../../src/bench/sign-load.ts';
import type { ApiClient } from '../../src/client/api.ts';

const IN_FLIGHT = 80;
const RAMP_MS = 1_000;
const BATCH = 4;

/** How many have been handed in at each of these moments, where no block ever comes. */
async function handedIn(rampMs: number, momentsMs: readonly number[]): Promise<readonly number[]> {
  const load: SignedLoad = {
    bytes: Array.from({ length: 1_000 }, (_, n) => Uint8Array.of(n % 256)),
    positionOf: new Map(),
    hospitalOf: () => 0,
  };
  const pace = { kind: 'closed', inFlight: IN_FLIGHT } as const;
  const plan = { apis: ['one'], batch: BATCH, rampMs, pace } as unknown as LoadPlan;
  const ledger = new RunLedger(load, 1);
  let nowMs = 0;
  const handIn = new HandIn(plan, load, ledger, () => nowMs);
  const client = {
    submitBatch: async (signed: readonly Uint8Array[]) => signed.map(() => ({ ok: true, value: new Uint8Array(32) })),
  } as unknown as ApiClient;
  const done = handIn.run([client], 0);
  const found: number[] = [];
  for (const momentMs of momentsMs) {
    nowMs = momentMs;
    // Until it asks for room once more, and finds none.
    let before: number;
    do {
      before = ledger.submitted;
      await new Promise((resolve) => setTimeout(resolve, 20));
    } while (ledger.submitted !== before);
    found.push(ledger.submitted);
  }
  handIn.abandon();
  await done;
  return found;
}

it('a closed loop is filled little by little, and holds no more than is told', async () => {
  expect(await handedIn(RAMP_MS, [0, 250, 500, 1_000, 5_000])).toEqual([BATCH, 20, 40, IN_FLIGHT, IN_FLIGHT]);
});

it('… or at once', async () => {
  expect(await handedIn(0, [0])).toEqual([IN_FLIGHT]);
});
