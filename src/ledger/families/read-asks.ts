import { toHex } from '../../base/bytes.ts';
import { recordUid } from '../principal.ts';
import type { StateReader } from '../state/table.ts';
import { records } from '../state/tables.ts';
import { deskAsk } from './break-glass.ts';
import { grantAsks } from './grant-asks.ts';
import { guardianAsks } from './guardians/guardian-ask.ts';
import type { Ask, Setting } from './kind.ts';
import type { Payload } from './payloads.ts';

/**
 * The questions of a read, in order. Each says by which path of keys it would be opened; the first that is permitted decides. Break-glass is a
 * path of its own: no ordinary grant is asked for it, whatever purposes it names, so none opens a record past the review.
 */
export function readAsks(
  setting: Setting,
  state: StateReader,
  { record, purpose }: Pick<Payload<'readRecord'>, 'record' | 'purpose'>,
): readonly Ask[] {
  const category = records.get(state, toHex(record))?.category ?? null;
  const about = { resource: recordUid(record), category, purpose };
  if (purpose === 'BTG') return [deskAsk(setting, state, about)];
  const underGrants = grantAsks(setting, state, about.resource, category, { purpose });
  return [
    ...guardianAsks(setting, state, { record, ...about }),
    ...underGrants.map((ask): Ask => ({ ...ask, path: 'grant' })),
  ];
}
