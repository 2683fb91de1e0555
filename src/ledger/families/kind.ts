import type { Address, Hash, Height, PublicKey, TimestampMs } from '../../base/brand.ts';
import type { Primitives } from '../../base/primitives.ts';
import type { Result } from '../../base/result.ts';
import type { EntityUid, Value } from '../../vm/index.ts';
import type { Schema } from '../../vm/schema/schema.ts';
import type { LedgerCode } from '../codes.ts';
import type { ShareJudge } from '../evaluation/share-judge.ts';
import type { Genesis } from '../genesis.ts';
import type { Parameters } from '../parameters.ts';
import type { LedgerEvent } from '../receipt.ts';
import type { StateReader, StateWriter } from '../state/table.ts';
import type { ReadPath } from '../vocabulary.ts';
import type { KindName, Payload } from './payloads.ts';

/** What a kind may look at while it decides and applies: the transaction, its block's place and time, nothing of the node. */
export interface Setting {
  readonly primitives: Primitives;
  readonly chainId: Hash;
  readonly height: Height;
  readonly timestampMs: TimestampMs;
  readonly transactionId: Hash;
  /** The key that signed. */
  readonly publicKey: PublicKey;
  readonly keyAddress: Address;
  /** The id it is bound to; for `enrol`, the id it will have. */
  readonly sender: Address;
}

/** What applying may look at beside that. */
export interface ApplySetting extends Setting {
  readonly engine: Genesis['engine'];
  /** As they stand before the transaction. */
  readonly parameters: Parameters;
  /** What new policies are held to; null on a chain without one. */
  readonly schema: () => Schema | null;
  /** Tells wrong shares from right ones. */
  readonly judgeShare: ShareJudge;
}

/**
 * One question to the policies. A kind may ask several in a fixed order (by each grant that could cover it): the first that
 * is permitted is the one applied, and says which grant was used.
 */
export interface Ask {
  readonly resource: EntityUid;
  readonly context: Readonly<Record<string, Value>>;
  /** The grant that this question is about, where it is about one. */
  readonly grantKey?: string;
  /** By which keys it would be opened, where it is about a read. */
  readonly path?: ReadPath;
}

/** Whom and what the trail should name, whatever the answer. */
export interface Concern {
  readonly owner: Address | null;
  readonly record: Uint8Array | null;
  readonly purpose: string | null;
}

/** TypeScript says what a transaction changes; who may send it is decided by policies, and by nothing else (DESIGN.md, idea 2). */
export interface Kind<K extends KindName> {
  /** Signatures inside the payload that applying verifies, for gas. */
  signatures(payload: Payload<K>): number;
  /** Gas of what applying works on beside signatures and rows. */
  work?(state: StateReader, payload: Payload<K>): number;
  asks(setting: Setting, state: StateReader, payload: Payload<K>): readonly Ask[];
  concern(setting: Setting, state: StateReader, payload: Payload<K>): Concern;
  /** Preconditions, then changes. A refusal undoes whatever was written. */
  apply(
    setting: ApplySetting,
    state: StateWriter,
    payload: Payload<K>,
    permitted: Ask,
  ): Result<readonly LedgerEvent[], LedgerCode>;
}

export const NO_CONCERN: Concern = { owner: null, record: null, purpose: null };
export const NO_SIGNATURES = (): number => 0;

export const event = (name: string, to: Address, about: Uint8Array): LedgerEvent => ({ name, to, about });
