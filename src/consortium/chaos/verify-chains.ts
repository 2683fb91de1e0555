import { join } from 'node:path';
import type { Primitives } from '../../base/primitives.ts';
import type { Consortium } from '../consortium.ts';
import { carechain } from '../demo/carechain-process.ts';
import { openChainOf, writeChainOf } from '../export-chain.ts';
import { genesisPath, memberName } from '../layout.ts';
import { program } from '../program.ts';
import { auditChains, type ChainAudit } from './audit.ts';
import type { Journal } from './journal.ts';

/** Verification runs every transaction again: time for one chain, and more of it the longer the chain. */
const VERIFY_BASE_MS = 60_000;
const VERIFY_PER_HEIGHT_MS = 50;

export interface Verified {
  readonly hospital: number;
  readonly verdict: unknown;
  readonly exitCode: number | null;
  readonly heights: unknown;
  readonly code: unknown;
}

/** Everything that stopped hospitals' folders can show: they agree, they keep their word, and strangers can check each alone. */
export async function examineChains(
  primitives: Primitives,
  consortium: Consortium,
  journal: Journal,
): Promise<{ readonly audit: ChainAudit; readonly verified: readonly Verified[] }> {
  const { hospitals, genesisText, data } = consortium;
  const openers = hospitals.map(
    ({ folder }) =>
      () =>
        openChainOf(primitives, folder, genesisText),
  );
  const audit = await auditChains(primitives, openers, journal);
  const verified: Verified[] = [];
  for (const { number, folder } of hospitals) {
    const file = join(data, `${memberName(number)}.car`);
    const { heights } = await writeChainOf(primitives, { folder, genesisText, file });
    const timeoutMs = VERIFY_BASE_MS + VERIFY_PER_HEIGHT_MS * heights;
    const args = ['verify', file, '--genesis', genesisPath(data)];
    const { exitCode, result } = await carechain(args, program(), timeoutMs);
    verified.push({ hospital: number, verdict: result.verdict, exitCode, heights: result.heights, code: result.code });
  }
  return { audit, verified };
}
