import type { Primitives } from '../base/primitives.ts';
import type { Genesis } from '../ledger/genesis.ts';
import type { Plan } from './plan.ts';
import { simulatedPrimitives } from './primitives.ts';
import { shippedPolicies, type Town, townOf } from './town.ts';
import { verifiedOnce } from './verified-once.ts';

/** Towns worked out in this process, for the primitives that made them. A run changes none of them. */
const TOWNS = new WeakMap<Primitives, Map<string, Town>>();
const KEYED_HASH = new WeakMap<Primitives, Primitives>();
const CURVE = new WeakMap<Primitives, Primitives>();
let policies: Genesis['policies'] | null = null;

/** The town that a plan plays in: for the keyed-hash signer with primitives of its own over `base`. */
export function townFor(plan: Plan, base: Primitives): Town {
  const primitives =
    plan.signer === 'keyed-hash'
      ? once(KEYED_HASH, base, () => verifiedOnce(simulatedPrimitives(base)))
      : once(CURVE, base, () => verifiedOnce(base));
  const towns = TOWNS.get(primitives) ?? new Map<string, Town>();
  TOWNS.set(primitives, towns);
  const name = `${plan.engine} ${plan.validators} ${plan.followers}`;
  const known = towns.get(name);
  if (known !== undefined) return known;
  policies ??= shippedPolicies();
  const town = townOf(primitives, plan, policies);
  towns.set(name, town);
  return town;
}

function once(made: WeakMap<Primitives, Primitives>, base: Primitives, make: () => Primitives): Primitives {
  const known = made.get(base) ?? make();
  made.set(base, known);
  return known;
}
