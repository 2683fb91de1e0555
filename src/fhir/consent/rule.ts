import type { Payload } from '../../ledger/families/payloads.ts';
import type { Purpose } from '../../ledger/vocabulary.ts';
import type { Span } from '../times.ts';
import type { ConsentFinding, ConsentParty, Label } from './types.ts';

export type GrantedCategory = Payload<'grant'>['categories'][number];
export type Action = 'access' | 'collect' | 'correct';

/**
 * Alternatives, some of which may not be understood. With fewer of them a permit permits less, which is safe; a denial would deny less,
 * which is not: it must be whole.
 */
export interface Listed<T> {
  readonly known: readonly T[];
  readonly isWhole: boolean;
}

/** A provision as it was read. Null: not limited in that respect. Everything that is set must hold. */
export interface Rule {
  readonly path: string;
  readonly type: 'permit' | 'deny' | null;
  readonly parties: Listed<ConsentParty> | null;
  readonly actions: Listed<Action> | null;
  readonly purposes: Listed<Purpose> | null;
  /** R4: a confidentiality label is a high-water mark. */
  readonly labels: readonly Label[];
  readonly sensitivities: readonly string[];
  readonly categories: Listed<GrantedCategory> | null;
  readonly start: Span | null;
  readonly end: Span | null;
  readonly uses: number | null;
  /** Limits that the chain cannot keep: a rule with one permits nothing, and denies nothing that could be written down. */
  readonly obstacles: readonly ConsentFinding[];
  /** Alternatives that were not understood. */
  readonly gaps: readonly ConsentFinding[];
  readonly nested: readonly Rule[];
}
