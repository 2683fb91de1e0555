import { toHex } from '../../base/bytes.ts';
import type { EntityUid, Value } from '../../vm/index.ts';
import { grantKeyOf } from '../grant-key.ts';
import type { StateReader } from '../state/table.ts';
import { participants } from '../state/tables.ts';
import type { Ask, Setting } from './kind.ts';
import type { Grantee } from './payloads.ts';

/** Stands where there is no category to name: no patient holds a grant under it. */
const NO_CATEGORY = new Uint8Array(16);

export const askUnder = (
  grantee: Grantee,
  setting: Setting,
  resource: EntityUid,
  category: Uint8Array | null,
  context: Readonly<Record<string, Value>>,
): Ask => {
  const grantKey = grantKeyOf(grantee, category ?? NO_CATEGORY);
  return { resource, grantKey, context: { ...context, grantKey, nowMs: BigInt(setting.timestampMs) } };
};

/** The one question about the sender's own grant: writing is never granted to a hospital or a role. */
export const personGrantAsk = (
  setting: Setting,
  resource: EntityUid,
  category: Uint8Array | null,
  context: Readonly<Record<string, Value>>,
): Ask => askUnder({ type: 'person', id: toHex(setting.sender) }, setting, resource, category, context);

/** The same question for each grant that could cover the sender, in this order: the person's, the hospital's, the role's. */
export function grantAsks(
  setting: Setting,
  state: StateReader,
  resource: EntityUid,
  category: Uint8Array | null,
  context: Readonly<Record<string, Value>>,
): readonly Ask[] {
  const person = personGrantAsk(setting, resource, category, context);
  const row = participants.get(state, toHex(setting.sender));
  if (row === undefined) return [person];
  return [
    person,
    askUnder({ type: 'hospital', id: toHex(row.home) }, setting, resource, category, context),
    askUnder({ type: 'role', id: row.role }, setting, resource, category, context),
  ];
}
