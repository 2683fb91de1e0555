import type { Hash } from '../../src/base/brand.ts';
import { equal, toHex } from '../../src/base/bytes.ts';
import type { ApiClient } from '../../src/client/api.ts';
import { type GuardianContext, releaseGuardianShare, storeGuardianShare } from '../../src/node/guardian-duty.ts';
import { GuardianKeeper } from '../../src/node/guardian-keeper.ts';
import { createLogger } from '../../src/node/logger.ts';
import { GuardianShareStore } from '../../src/storage/guardian-share-store.ts';
import { openMemoryStore } from '../../src/storage/memory-store.ts';
import { WriteGuard } from '../../src/storage/write-guard.ts';
import { hospitalName, idOf, secretOf, type Town } from '../ledger/town.ts';

/** What four hospitals keep of sealed roots, by the nodes' own duties over stores in memory. */
export class FakeGuardians {
  readonly contexts: readonly GuardianContext[];

  constructor(town: Town) {
    const state = { get: (key: string) => town.tip.view.get(key) };
    this.contexts = [1, 2, 3, 4].map((n) => ({
      env: town.env,
      hospital: idOf(hospitalName(n)),
      dutySecret: secretOf(`${hospitalName(n)} duty`),
      guardians: new GuardianKeeper(new GuardianShareStore(new WriteGuard(openMemoryStore())), state),
      tip: () => town.tip,
      state,
      logger: createLogger({ level: 'error' }),
    }));
  }

  /** As a hospital's API would answer; `down`: ids in hexadecimal of those that do not. */
  api(down: ReadonlySet<string>): Pick<ApiClient, 'keepGuardianShares' | 'releasedShares'> {
    const up = () => this.contexts.filter(({ hospital }) => !down.has(toHex(hospital)));
    return {
      keepGuardianShares: async ({ shares, ...common }) => {
        const receipts = up().map(async (context) => {
          const share = shares.find(({ holder }) => equal(holder, context.hospital))?.share;
          const kept = share && (await storeGuardianShare(context, { ...common, share }, null));
          return kept?.ok ? [{ hospital: context.hospital, signature: kept.value }] : [];
        });
        return (await Promise.all(receipts)).flat();
      },
      releasedShares: async (request: Hash) => {
        const released = up().map(async (context) => {
          const share = await releaseGuardianShare(context, request);
          return share.ok ? [{ holder: context.hospital, ...share.value }] : [];
        });
        return (await Promise.all(released)).flat();
      },
    };
  }
}
