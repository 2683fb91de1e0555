import type { Address } from '../base/brand.ts';
import { fromHex, toHex } from '../base/bytes.ts';
import { grantKeyOf } from '../ledger/grant-key.ts';
import { reviews } from '../ledger/state/desk-tables.ts';
import { guardianships } from '../ledger/state/guardian-tables.ts';
import type { StateReader } from '../ledger/state/table.ts';
import {
  evaluations,
  grants,
  keyBindings,
  participants,
  readCounts,
  reads,
  records,
  requests,
} from '../ledger/state/tables.ts';
import type { Question } from './route.ts';

/** Tables about the consortium and nobody in it. */
const PUBLIC_TABLES = new Set(['hospital', 'hospitals', 'consortium', 'proposal', 'evidence', 'reputation', 'desk']);
/** Tables whose keys begin with the id of the person concerned. */
const PERSONAL_TABLES = new Set(['participant', 'nonce', 'bundle', 'bundle-item', 'handle', 'guardians', 'acting']);
/** Public keys and standing: what one member must be able to verify before writing or granting to another. */
const DIRECTORY_TABLES = new Set(['participant', 'key']);

/**
 * What to ask the policies before a state key is proved: whether the row is public, or whose it is. Permission for one of the
 * questions is enough. A row that is there for nobody has no questions: its absence is not told either.
 */
export function questionsAbout(state: StateReader, key: string, caller: Address | null): readonly Question[] {
  const [table = '', first = '', second = ''] = key.split('/');
  const context = {
    public: PUBLIC_TABLES.has(table),
    directory: DIRECTORY_TABLES.has(table),
    delegatingKey: table === 'delegating' || table === 'delegating-epoch',
  };
  if (context.public) return [{ resource: { type: 'Consortium' }, context }];
  return concerned(state, table, first, second, caller)
    .filter((id) => id?.length === 20)
    .map((id) => ({ resource: { type: 'Participant', id: id as Address }, context }));
}

/** The persons whose row it is: owner, author, grantee, and of a record whoever was allowed to read it. */
function concerned(
  state: StateReader,
  table: string,
  first: string,
  second: string,
  caller: Address | null,
): readonly (Uint8Array | undefined)[] {
  if (PERSONAL_TABLES.has(table)) return [fromHex(first)];
  switch (table) {
    case 'key':
      return [keyBindings.get(state, first)?.id ?? fromHex(first)];
    case 'record':
    case 'record-version': {
      const row = records.get(state, first);
      const hasRead = caller !== null && readCounts.get(state, first, toHex(caller)) !== undefined;
      return [row?.owner, row?.author, hasRead ? caller : undefined];
    }
    case 'delegating':
    case 'delegating-epoch':
      return [fromHex(first), isGrantee(state, first, second, caller) ? (caller ?? undefined) : undefined];
    case 'grant':
      return [fromHex(first), granteeOf(second), isAtDesk(state, second, caller) ? caller : undefined].map(
        (id) => id ?? undefined,
      );
    case 'reads':
      return [records.get(state, first)?.owner, fromHex(second)];
    case 'request': {
      const row = requests.get(state, first);
      return [row?.owner, row?.requester];
    }
    case 'read': {
      const row = reads.get(state, first);
      return [row?.owner, row?.reader];
    }
    case 'guardianship': {
      const row = guardianships.get(state, first);
      return [row?.owner, ...(row?.members ?? [])];
    }
    case 'review': {
      const row = reviews.get(state, first);
      return [row?.owner, row?.reader];
    }
    case 'evaluation': {
      const row = evaluations.get(state, first);
      return [row?.owner, row?.reader];
    }
    default:
      return [];
  }
}

/** Who was granted a category checks shares under its keys: insurers, family and friends too, who author nothing. */
function isGrantee(state: StateReader, patient: string, category: string, caller: Address | null): boolean {
  const id = fromHex(category);
  if (caller === null || id?.length !== 16) return false;
  return grants.get(state, patient, grantKeyOf({ type: 'person', id: toHex(caller) }, id)) !== undefined;
}

/** Whoever works at the hospital whose desk was granted something (`desk:<hospital>:<category>`). */
function isAtDesk(state: StateReader, grantKey: string, caller: Address | null): boolean {
  const [type, id] = grantKey.split(':');
  const home = caller === null ? undefined : participants.get(state, toHex(caller))?.home;
  return type === 'desk' && home !== undefined && toHex(home) === id;
}

/** The person that a grant key names, or nobody (`person:<id>:<category>`). */
function granteeOf(grantKey: string): Uint8Array | undefined {
  const [type, id = ''] = grantKey.split(':');
  return type === 'person' ? fromHex(id) : undefined;
}
