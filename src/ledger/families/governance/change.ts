import type { Hash } from '../../../base/brand.ts';
import { ok, type Result } from '../../../base/result.ts';
import type { Shape } from '../../../base/shape.ts';
import type { Value } from '../../../vm/index.ts';
import type { LedgerCode } from '../../codes.ts';
import type { StateWriter } from '../../state/table.ts';
import type { ApplySetting } from '../kind.ts';

/** One kind of change that can be voted on. Who may propose it, and who votes, is policy. */
export interface Change<T> {
  readonly shape: Shape<T>;
  /** Signatures in the value that proposing verifies, for gas. */
  readonly signatures: number;
  /** Gas of what proposing it works on beside signatures and rows. */
  work(value: T): number;
  /** The same of each vote on it: nobody knows before which one passes. */
  readonly voteWork: number;
  /** What the policies see of it, beside its name. */
  context(value: T): Readonly<Record<string, Value>>;
  /** What must hold already when it is proposed, and what proposing writes beside the proposal. */
  propose(setting: ApplySetting, state: StateWriter, value: T, lastHeight: number): Result<null, LedgerCode>;
  /** It was voted. A refusal makes the passing vote fail: nothing is applied, and the proposal stays as it was. */
  enact(setting: ApplySetting, state: StateWriter, value: T, proposal: Hash): Result<null, LedgerCode>;
  /** It was voted down: takes back what proposing wrote. */
  reject(setting: ApplySetting, state: StateWriter, value: T): void;
}

type Parts<T> = Pick<Change<T>, 'shape' | 'context' | 'enact'> & Partial<Change<T>>;

/** A change whose value is known to fit its shape where it is read: see `readChange`. */
export const change = <T>(parts: Parts<T>): Change<unknown> =>
  ({
    signatures: 0,
    work: () => 0,
    voteWork: 0,
    propose: () => ok(null),
    reject: () => undefined,
    ...parts,
  }) as Change<T> as Change<unknown>;
