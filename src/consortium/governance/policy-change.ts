import type { Height } from '../../base/brand.ts';
import type { Result } from '../../base/result.ts';
import { provenRow } from '../../client/proven.ts';
import { policyRows, policySchedules } from '../../ledger/state/tables.ts';
import { readText } from '../commands/policy/files.ts';
import { EXIT } from '../exit-codes.ts';
import { CommandError, refusalText, usageError } from '../output.ts';
import { activationHeightOf, type Proposed } from './changes.ts';
import type { HospitalDesk } from './hospital-desk.ts';
import { askGovernance } from './questions.ts';

export interface PolicyChangeOptions {
  /** Ids of policies that go. */
  readonly retire?: readonly string[];
  /** The first height that the changed policies decide. */
  readonly at?: number;
}

/** `changePolicies` (T-50): the policies of these files come or are replaced by their ids, others go. */
export async function policyChange(
  desk: HospitalDesk,
  files: readonly string[],
  { retire = [], at }: PolicyChangeOptions,
): Promise<Proposed> {
  if (files.length === 0 && retire.length === 0) throw usageError('name files of policies, or policies to --retire');
  const texts: string[] = [];
  for (const file of files) texts.push(await readText(file));
  const activationHeight = activationHeightOf(await askGovernance(desk.http), at) as Height;
  const value = { base: await newestVersion(desk), deploy: texts.join('\n'), retire, activationHeight };
  return { change: 'changePolicies', value };
}

/** Of the newest policies that were voted, as the chain proves it: those that wait come before those that decide. */
async function newestVersion({ session }: HospitalDesk): Promise<number> {
  const waiting = proven(await provenRow(session, policySchedules, 'policy-schedule'));
  return (waiting ?? proven(await provenRow(session, policyRows, 'policies')))?.version ?? 0;
}

function proven<T>(row: Result<T>): T {
  if (row.ok) return row.value;
  throw new CommandError(row.rejection.code, refusalText(row.rejection), { exitCode: EXIT.unknown });
}
