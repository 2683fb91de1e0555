import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, createApi } from '../../src/api/server.ts';
import { toHex } from '../../src/base/bytes.ts';
import { nextEpoch, openCategory } from '../../src/client/categories.ts';
import { grantAccess } from '../../src/client/grant.ts';
import { recordNews } from '../../src/consortium/commands/record/news.ts';
import { TownService } from '../api/town-service.ts';
import { FakeConsortium, unwrapped } from '../client/fake-consortium.ts';
import { member, type Person } from '../client/people.ts';
import { genesisOf } from '../ledger/town.ts';

const PASSWORD = 'correct horse';
const HOUR_MS = 3_600_000;
/** Key files and genesis files take seconds where the machine does other work too. */
const BUSY_TIMEOUT_MS = 60_000;

let folder: string;
let api: Api;
let patient: Person;
let doctor: Person;
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carechain-news-'));
  // The command's clock is the machine's: the chain begins a moment ago.
  const consortium = new FakeConsortium({ ...genesisOf(4), timestampMs: (Date.now() - 60_000) as never });
  patient = await member(consortium, 'patient', 'patient');
  doctor = await member(consortium, 'doctor', 'practitioner');
  unwrapped(await openCategory(patient.session, patient.wallet, 'general'));
  const grantee = { type: 'person' as const, id: toHex(doctor.wallet.id) };
  const terms = { purposes: ['TREAT' as const], access: 'read' as const, expires: Date.now() + HOUR_MS, uses: null };
  unwrapped(await grantAccess(patient.session, patient.wallet, { grantee, labels: ['general'], ...terms }));
  unwrapped(await nextEpoch(patient.session, patient.wallet, 'general'));
  writeFileSync(file('genesis.json'), consortium.genesisText);
  writeFileSync(file('password'), `${PASSWORD}\n`);
  for (const [name, { wallet }] of Object.entries({ patient, doctor }))
    writeFileSync(file(`${name}.json`), wallet.seal(consortium.device(`seal of ${name}`), PASSWORD));
  const service = await TownService.over(consortium.town);
  api = await createApi(service, { host: '127.0.0.1', port: 0, docs: false, logger: null, rateLimits: null });
}, BUSY_TIMEOUT_MS);
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

interface News {
  readonly height: number;
  readonly notifications: readonly { readonly name: string; readonly sentence: string }[];
  readonly grants: readonly { readonly reasons: readonly string[]; readonly grantee: string }[];
}
async function news(who: string, after?: number) {
  let told: { value: News; text: string } | undefined;
  const options = { key: file(`${who}.json`), passwordFile: file('password'), genesis: file('genesis.json') };
  const code = await recordNews({ ...options, node: api.address, ...(after === undefined ? {} : { after }) }, {
    say: () => {},
    result: (value: object, text: string) => {
      told = { value: value as News, text };
    },
  } as never);
  if (told === undefined) throw new Error('nothing was told');
  return { code, ...told };
}

describe('carechain record news', () => {
  it(
    'tells what happened, and goes on where it ended; a grant whose epoch ended is to be made again',
    async () => {
      const first = await news('patient');
      expect(first.code).toBe(1);
      expect(first.value.notifications.map(({ name }) => name)).toEqual([
        'Enrolled',
        'Admitted',
        'DelegatingKeyPublished',
        'Granted',
        'DelegatingKeyPublished',
      ]);
      expect(first.value.grants).toMatchObject([{ reasons: ['epoch-ended'], grantee: toHex(doctor.wallet.id) }]);
      expect(first.text).toContain('ends with epoch 0 of its category, which is in epoch 1');
      const then = await news('patient', first.value.height);
      expect(then.value).toMatchObject({ notifications: [], height: first.value.height });
    },
    BUSY_TIMEOUT_MS,
  );

  it(
    'tells each what is addressed to him, and warns nobody of grants that are not his own',
    async () => {
      const { code, value } = await news('doctor');
      expect(value.notifications.map(({ name }) => name)).toEqual(['Enrolled', 'Admitted', 'GrantChanged']);
      expect([code, value.grants]).toEqual([0, []]);
    },
    BUSY_TIMEOUT_MS,
  );
});
