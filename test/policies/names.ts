import { toHex } from '../../src/base/bytes.ts';
import { categoryOf } from '../../src/ledger/category.ts';
import type { Payload } from '../../src/ledger/families/payloads.ts';
import type { Purpose, Role } from '../../src/ledger/vocabulary.ts';
import { GENESIS_MS, HOUR_MS, hash, hospitalName, idOf, primitives, publicOf } from '../ledger/town.ts';

/** The block time from which no grant of the world covers anything. */
export const EXPIRES_MS = GENESIS_MS + 10 * HOUR_MS;

export const PATIENT = 'the patient';
/** The patient's categories, by their labels. The normal one is in its third epoch, the others in their first. */
export type Category = 'normal' | 'restricted' | 'very restricted';
export const LABELS = { normal: 'N', restricted: 'R', 'very restricted': 'V' } as const;
export const LAST_EPOCH = 2;

/** One epoch and category of somebody's delegating keys. */
export const delegatingKey = (owner: string, category: Category, epoch: number) =>
  publicOf(`${owner} ${category} ${epoch}`);
export const categoryId = (owner: string, category: Category): Uint8Array =>
  categoryOf(primitives, delegatingKey(owner, category, 0));
export const recordId = (name: string): Uint8Array => hash(`record ${name}`) as Uint8Array;

export interface RecordPlan {
  readonly name: string;
  readonly owner?: string;
  readonly author?: string;
  readonly category?: Category;
  readonly epoch?: number;
}

export interface GrantPlan {
  readonly to: Payload<'grant'>['grantee'];
  readonly purposes: readonly Purpose[];
  readonly access?: Payload<'grant'>['access'];
  readonly uses?: number;
  /** Of the normal category: the others have one. */
  readonly epochs?: readonly [from: number, to: number];
  readonly categories?: readonly Category[];
  readonly from?: string;
}

export const person = (name: string) => ({ type: 'person' as const, id: toHex(idOf(name)) });
export const hospital = (n: number) => ({ type: 'hospital' as const, id: toHex(idOf(hospitalName(n))) });
export const desk = (n: number) => ({ type: 'desk' as const, id: toHex(idOf(hospitalName(n))) });
export const role = (id: Role) => ({ type: 'role' as const, id });
