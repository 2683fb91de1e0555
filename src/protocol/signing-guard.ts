import { assert } from '../base/assert.ts';
import type { Address, Hash, Height, PublicKey } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import type { Result } from '../base/result.ts';
import type { ValidatorSet } from '../base/validators.ts';
import type { Certificate, Engine } from '../consensus/engine.ts';
import { type SignedVote, voteDigest, voteOf } from '../consensus/vote.ts';
import type { ProtocolCode } from './codes.ts';
import type { ReplicaEffect } from './io.ts';
import {
  encodeSigningRecord,
  OUTDATED_RECORD,
  type Recovery,
  recoverSigning,
  SIGNING_RECORD_VERSION,
} from './recovery.ts';

export interface SigningGuardOptions {
  readonly chainId: Hash;
  readonly primitives: Primitives;
  readonly engine: Pick<Engine<never, never>, 'name' | 'forgets'>;
  /** Null where this node is no hospital that votes. */
  readonly self: Address | null;
  readonly validatorKey: PublicKey | null;
  /** The stored signing record, or null where there is none. */
  readonly stored: Uint8Array | null;
  /** The record's sequence that the block store noted with the tip. */
  readonly sequenceAtTip: number;
}

/**
 * The key that this node votes with: whether it may, and the numbered records of what it signed. Each record is durable before a vote
 * leaves, and each block notes the newest number, so an old copy gives itself away (recovery.ts).
 */
export class SigningGuard {
  readonly #options: SigningGuardOptions;
  /** Why the key must not sign; null where it may, or where there is none. */
  readonly refusal: ProtocolCode | null;
  readonly #recovery: Recovery | null;
  #sequence: number;
  #state: Uint8Array | null;
  /** The highest height that this key is known to have voted at. */
  #height: number;
  #silenced = false;

  constructor(options: SigningGuardOptions) {
    const { sequenceAtTip } = options;
    const recovery = recoveryOf(options);
    this.#options = options;
    this.refusal = recovery === null || recovery.ok ? null : recovery.rejection.code;
    this.#recovery = recovery?.ok ? recovery.value : null;
    // Whoever only follows goes on noting what was reached: a record put back later must not pass for the newest.
    this.#sequence = this.#recovery?.sequence ?? sequenceAtTip;
    this.#state = this.#recovery?.restored ?? null;
    this.#height = this.#recovery?.height ?? 0;
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
    return this.#recovery !== null && !this.#silenced && this.#isNamedIn(set);
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
      engine: engine.name,
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

  /** The same of votes that a peer still holds: one that this key signed, and its record does not know. */
  hasForgotten(votes: readonly SignedVote[], set: ValidatorSet): boolean {
    return this.maySignIn(set) && votes.some((vote) => this.#isOwn(vote) && this.#forgets(vote));
  }

  /** From now on it signs nothing. The next block notes a number above the record's, so no later start of the process forgets it. */
  silence(): void {
    this.#silenced = true;
    this.#sequence++;
  }

  #isOwn(vote: SignedVote): boolean {
    const { chainId, primitives, engine, self, validatorKey } = this.#options;
    if (self === null || validatorKey === null || !equal(vote.validator, self)) return false;
    const digest = voteDigest(primitives, voteOf({ chainId, engine: engine.name }, vote.height, vote));
    return primitives.verify(digest, vote.signature, validatorKey);
  }

  #forgets(vote: SignedVote): boolean {
    const { chainId, engine } = this.#options;
    return engine.forgets(this.#state, voteOf({ chainId, engine: engine.name }, vote.height, vote));
  }

  #isNamedIn(set: ValidatorSet): boolean {
    const { self, validatorKey } = this.#options;
    if (self === null || validatorKey === null) return false;
    return set.some(({ id, publicKey }) => equal(id, self) && equal(publicKey, validatorKey));
  }
}

/** An old copy of the record is given up on the disk too. Lost, damaged and foreign ones give themselves away whatever the chain says. */
export function refusalEffects(code: ProtocolCode): readonly ReplicaEffect[] {
  const refused: ReplicaEffect = { type: 'signingRefused', code };
  if (code !== 'signing-record.outdated') return [refused];
  return [{ type: 'persistSigningState', bytes: OUTDATED_RECORD }, refused];
}

function recoveryOf(options: SigningGuardOptions): Result<Recovery, ProtocolCode> | null {
  const { chainId, engine, self: validator, validatorKey, stored, sequenceAtTip } = options;
  if (validator === null || validatorKey === null) return null;
  return recoverSigning({ chainId, engine: engine.name, validator, validatorKey }, stored, sequenceAtTip);
}
