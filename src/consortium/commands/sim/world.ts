import { nativePrimitives } from '../../../node/primitives.ts';
import type { RunPlan } from '../../../simulator/campaign/run-seed.ts';
import { tuneForCampaigns } from '../../../simulator/campaign/tuning.ts';
import { runPlan } from '../../../simulator/run.ts';

/** The simulated world with this machine's fastest hashes and signatures: they change no run, only its cost. */
export function world(): RunPlan {
  tuneForCampaigns();
  const primitives = nativePrimitives();
  return (plan, { observers }) => runPlan(plan, { observers, primitives });
}
