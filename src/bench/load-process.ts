import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import type { Hash, SecretKey } from '../base/brand.ts';
import { fromHex } from '../base/bytes.ts';
import { createApiClient } from '../client/api-client.ts';
import { hostDevice } from '../client/device.ts';
import { accountOf } from '../client/wallet.ts';
import { exitWithParent } from '../consortium/exit-with-parent.ts';
import { decodeReceipts } from '../ledger/receipt.ts';
import { nativePrimitives } from '../node/primitives.ts';
import { HandIn } from './hand-in.ts';
import { type LoadMessage, type LoadPlan, type LoadRun, readLoadPlan } from './load-plan.ts';
import { RunLedger } from './run-ledger.ts';
import { signLoad } from './sign-load.ts';

/*
 * All clients of one run, as a process of their own: it signs ahead, hands in, listens to every hospital's event stream, and reads each
 * block once to learn what it holds. Started by the bench, over whose channel it talks.
 */

/** Between two looks whether everything that was accepted is final. */
const DRAIN_POLL_MS = 20;
/** A slow machine takes long for the blocks that confirm the last loaded one: as long as they come, so many times as long. */
const DRAIN_STRETCH = 5;

const tell = (message: LoadMessage): void => void process.send?.(message);
const nowMs = (): number => performance.now();

exitWithParent();
process.once('message', (message) => {
  const plan = readLoadPlan(message);
  const work = plan === undefined ? Promise.reject(new Error('no plan')) : runLoad(plan);
  work.catch(failed);
});

function failed(error: unknown): void {
  tell({ type: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

async function runLoad(plan: LoadPlan): Promise<void> {
  const device = hostDevice(nativePrimitives());
  const beforeMs = nowMs();
  const load = signLoad(device.primitives, plan);
  const signMicroseconds = ((nowMs() - beforeMs) * 1_000) / Math.max(1, load.bytes.length);
  const started = new Promise((resolve) => process.once('message', resolve));
  tell({ type: 'signed', transactionBytes: load.bytes[0]?.length ?? 0, signMicroseconds });
  await started;

  const ledger = new RunLedger(load, plan.apis.length);
  const handIn = new HandIn(plan, load, ledger, nowMs);
  const common = { chainId: fromHex(plan.chainId) as Hash, device };
  const observer = accountOf(device.primitives, fromHex(plan.observerSecret) as SecretKey);
  for (const [hospital, baseUrl] of plan.apis.entries())
    watch(hospital, createApiClient({ ...common, baseUrl, account: observer }), { ledger, handIn }).catch(failed);
  const anonymous = plan.apis.map((baseUrl) => createApiClient({ ...common, baseUrl, account: null }));

  const startedAtMs = nowMs();
  const handedIn = handIn.run(anonymous, startedAtMs);
  const openedAtMs = await window(plan, ledger, handedIn);
  const stoppedAtMs = nowMs();
  handIn.stop();
  await Promise.race([handedIn, pause(plan.drainMs)]);
  handIn.abandon();
  await handedIn;
  await drain(plan, ledger);
  const run: LoadRun = {
    startedAtMs,
    stoppedAtMs,
    warmUpMs: openedAtMs - startedAtMs,
    exhausted: handIn.exhausted,
    submitted: ledger.submitted,
    accepted: ledger.accepted,
    refused: Object.fromEntries(handIn.refused),
    blocks: ledger.blocks(),
  };
  tell({ type: 'done', run });
}

/**
 * Resolves at the window's end, with the time when it opened: no sooner than the first loaded block is final, for blocks of before say nothing; and it
 * closes no sooner than it holds enough of them, up to a limit.
 */
async function window(plan: LoadPlan, ledger: RunLedger, handedIn: Promise<void>): Promise<number> {
  let nothingLeft = false;
  void handedIn.then(() => {
    nothingLeft = true;
  });
  const until = async (reached: () => boolean, limitMs: number): Promise<void> => {
    for (const endMs = nowMs() + limitMs; !reached() && !nothingLeft && nowMs() < endMs; ) await pause(DRAIN_POLL_MS);
  };
  await Promise.race([pause(plan.warmUpMs), handedIn]);
  await until(() => ledger.loadedSince(0) > 0, plan.measureMsMax);
  const openedAtMs = nowMs();
  await Promise.race([pause(plan.measureMs), handedIn]);
  // One more than it shall hold: the first of them opens it.
  const enough = (): boolean => ledger.loadedSince(openedAtMs) > plan.windowBlocks;
  await until(enough, plan.measureMsMax - plan.measureMs);
  return openedAtMs;
}

/** Until everything accepted is final; given up where no block comes any more, or at last. */
async function drain({ drainMs }: LoadPlan, ledger: RunLedger): Promise<void> {
  let blocks = ledger.wholeBlocks;
  let movedAtMs = nowMs();
  const lastMs = nowMs() + DRAIN_STRETCH * drainMs;
  while (!ledger.isSettled && nowMs() < Math.min(lastMs, movedAtMs + drainMs)) {
    await pause(DRAIN_POLL_MS);
    if (ledger.wholeBlocks === blocks) continue;
    blocks = ledger.wholeBlocks;
    movedAtMs = nowMs();
  }
}

interface Watched {
  readonly ledger: RunLedger;
  readonly handIn: HandIn;
}

/** Notes when this hospital announces each block; whoever is first to hear of one reads it there. */
async function watch(
  hospital: number,
  client: ReturnType<typeof createApiClient>,
  { ledger, handIn }: Watched,
): Promise<void> {
  const { height: afterHeight } = await client.status();
  const read = async (height: number): Promise<void> => {
    const { block, receipts } = await client.block(height);
    const decoded = decodeReceipts(receipts);
    if (!decoded.ok) throw new Error(`receipts of height ${height}: ${decoded.rejection.code}`);
    handIn.settled(ledger.contains(height, decoded.value, block.length));
  };
  for await (const event of client.events({ afterHeight })) {
    if (event.type !== 'block') continue;
    const { height } = event;
    const isNew = ledger.isNew(height);
    if (ledger.announced(hospital, height, nowMs())) tell({ type: 'block', height });
    // Not waited for here: the next announcement must be noted when it comes.
    if (isNew) read(height).catch(failed);
  }
}
