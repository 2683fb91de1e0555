import { equal, toHex } from '../../../base/bytes.ts';
import type { EntityUid } from '../../../vm/index.ts';
import { actingGuardians } from '../../state/guardian-tables.ts';
import type { StateReader } from '../../state/table.ts';
import { records } from '../../state/tables.ts';
import type { Ask, Setting } from '../kind.ts';

interface About {
  readonly record: Uint8Array;
  readonly resource: EntityUid;
  readonly purpose: string;
}

/**
 * T-85. The question of a read by who acts for the owner: under a grant key of its own, `guardian:…`, under which no grant can stand. So
 * what a grant permits is never taken for this, nor this for a grant. Nobody else is asked it.
 */
export function guardianAsks(setting: Setting, state: StateReader, about: About): readonly Ask[] {
  const row = records.get(state, toHex(about.record));
  const acting = row === undefined ? undefined : actingGuardians.get(state, toHex(row.owner));
  if (row === undefined || acting === undefined || !equal(acting.guardian, setting.sender)) return [];
  const grantKey = `guardian:${toHex(setting.sender)}:${toHex(row.category)}`;
  const context = { purpose: about.purpose, grantKey, nowMs: BigInt(setting.timestampMs) };
  return [{ resource: about.resource, path: 'guardian', context }];
}
