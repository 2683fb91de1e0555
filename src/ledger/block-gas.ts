import type { Address } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import type { Parameters } from './parameters.ts';
import type { Receipt } from './receipt.ts';

/** The gas of a block so far, in all, by sender and by sponsoring hospital: a validity rule (CHAIN.md, "Transaction"). */
export class BlockGas {
  total = 0;
  readonly #parameters: Parameters;
  readonly #bySender = new Map<string, number>();
  readonly #bySponsor = new Map<string, number>();
  readonly #deniedBySender = new Map<string, number>();

  constructor(parameters: Parameters) {
    this.#parameters = parameters;
  }

  /** Counts a transaction, or says false and counts nothing where an allowance would be exceeded. */
  spend(sender: Address, sponsor: Address, { gasUsed, outcome }: Receipt): boolean {
    const { blockGasMax, senderBlockGasMax, sponsorBlockGasMax, deniedBlockGasMax } = this.#parameters;
    const denied = outcome === 'denied' ? gasUsed : 0;
    const sums = [
      [this.#bySender, toHex(sender), gasUsed, senderBlockGasMax],
      [this.#bySponsor, toHex(sponsor), gasUsed, sponsorBlockGasMax],
      [this.#deniedBySender, toHex(sender), denied, deniedBlockGasMax],
    ] as const;
    if (this.total + gasUsed > blockGasMax) return false;
    if (sums.some(([sum, key, gas, most]) => (sum.get(key) ?? 0) + gas > most)) return false;
    this.total += gasUsed;
    for (const [sum, key, gas] of sums) sum.set(key, (sum.get(key) ?? 0) + gas);
    return true;
  }
}
