import { BASE_CODES } from '../base/codes.ts';
import type { CodeEntry } from '../base/result.ts';
import { CONSENSUS_CODES } from '../consensus/codes.ts';
import { CRYPTO_CODES } from '../crypto/codes.ts';
import { CONSENT_CODES, FHIR_CODES } from '../fhir/codes.ts';
import { LEDGER_CODES } from '../ledger/codes.ts';
import { TREE_CODES } from '../ledger/tree/codes.ts';
import { NETWORK_CODES } from '../network/codes.ts';
import { PROTOCOL_CODES } from '../protocol/codes.ts';
import { STORAGE_CODES } from '../storage/codes.ts';
import { VM_CODES } from '../vm/codes.ts';
import { API_CODES } from './codes.ts';

/** The lists of all folders that the API may import. A test holds it against the `codes.ts` files that exist. */
const LISTS: readonly Readonly<Record<string, CodeEntry>>[] = [
  BASE_CODES,
  CRYPTO_CODES,
  VM_CODES,
  CONSENSUS_CODES,
  LEDGER_CODES,
  TREE_CODES,
  PROTOCOL_CODES,
  STORAGE_CODES,
  NETWORK_CODES,
  FHIR_CODES,
  CONSENT_CODES,
  API_CODES,
];

export type Catalogue = ReadonlyMap<string, CodeEntry>;

/** code → status and meaning. `more`: the lists of folders above the API, which the node brings along. */
export const catalogueOf = (more: Readonly<Record<string, CodeEntry>> = {}): Catalogue =>
  new Map([...LISTS, more].flatMap((list) => Object.entries(list)));
