import { assert } from '../base/assert.ts';
import type { Address, Hash, Height, PublicKey } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import type { ValidatorSet } from '../base/validators.ts';
import type { Certificate, EngineName } from '../consensus/engine.ts';
import { encodeSigningRecord, type Recovery, SIGNING_RECORD_VERSION } from './recovery.ts';

export interface SigningGuardOptions {
  readonly chainId: Hash;
  readonly engine: EngineName;
  /** Null where this node is no hospital that votes. */
  readonly self: Address | null;
  readonly validatorKey: PublicKey | null;
  /** Null where the key must not sign. */
  readonly recovery: Recovery | null;
  /** The record's sequence that the block store noted with the tip. */
  readonly sequenceAtTip: number;
}

/**
 * The key that this node votes with: whether it may, and the numbered records of what it signed. Each record is durable before a vote
 * leaves, and each block notes the newest number, so an old copy gives itself away (recovery.ts).
 */
export class SigningGuard {
  readonly #options: SigningGuardOptions;
  #sequence: number;
  #state: Uint8Array | null;
  /** The highest height that this key is known to have voted at. */
  #height: number;
  #silenced = false;

  constructor(options: SigningGuardOptions) {
    const { recovery, sequenceAtTip } = options;
    this.#options = options;
    // Whoever only follows goes on noting what was reached: a record put back later must not pass for the newest.
    this.#sequence = recovery?.sequence ?? sequenceAtTip;
    this.#state = recovery?.restored ?? null;
    this.#height = recovery?.height ?? 0;
  }

  /** What the next block notes. */
  get sequence(): number {
    return this.#sequence;
  }

  /** The engine's newest signing state: what an engine begun anew must not contradict. Null before the first vote. */
  get state(): Uint8Array | null {
    return this.#state;
  }

  /** Whether it may sign, and this set knows the hospital by it. */
  maySignIn(set: ValidatorSet): boolean {
    return this.#options.recovery !== null && !this.#silenced && this.#isNamedIn(set);
  }

  /** The next record, with the engine's new signing state. It must be durable before anything is signed. */
  record(height: Height, state: Uint8Array): Uint8Array {
    const { chainId, engine, self, validatorKey } = this.#options;
    assert(self !== null && validatorKey !== null, 'only a validator has a signing state');
    this.#state = state;
    this.#height = Math.max(this.#height, height);
    const sequence = ++this.#sequence;
    const [version, voted] = [SIGNING_RECORD_VERSION, this.#height as Height];
    return encodeSigningRecord({
      version,
      chainId,
      engine,
      validator: self,
      validatorKey,
      sequence,
      height: voted,
      state,
    });
  }

  /**
   * Whether a certificate that was not made here holds this node's vote for a height above all it remembers voting at: its record is
   * an old copy, restored with the whole folder. `set` decides the height after the tip.
   */
  isOutdatedBy({ height, signatures }: Certificate, set: ValidatorSet): boolean {
    const { self } = this.#options;
    if (self === null || !this.maySignIn(set) || height <= this.#height) return false;
    return signatures.some(({ validator }) => equal(validator, self));
  }

  /** From now on it signs nothing. The next block notes a number above the record's, so no later start of the process forgets it. */
  silence(): void {
    this.#silenced = true;
    this.#sequence++;
  }

  #isNamedIn(set: ValidatorSet): boolean {
    const { self, validatorKey } = this.#options;
    if (self === null || validatorKey === null) return false;
    return set.some(({ id, publicKey }) => equal(id, self) && equal(publicKey, validatorKey));
  }
}
