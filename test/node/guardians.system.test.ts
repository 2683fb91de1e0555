import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { openCategory } from '../../src/client/categories.ts';
import { grantAccess } from '../../src/client/grant.ts';
import { setGuardians } from '../../src/client/guardian-plan.ts';
import {
  approveGuardianship,
  giveShare,
  provenGuardianship,
  readLetter,
  requestGuardianship,
} from '../../src/client/guardianship.ts';
import { readRecord } from '../../src/client/read-record.ts';
import { keysToAct, replaceAccountKey } from '../../src/client/recover.ts';
import { refusedAtDoor } from '../../src/client/session.ts';
import { writeRecord } from '../../src/client/write-record.ts';
import { SCALAR_ENTROPY_BYTES, scalarFromUniform } from '../../src/crypto/keys.ts';
import { makeConsortium, primitives, RunningConsortium, seeded } from '../support/consortium.ts';
import { Devices } from '../support/device.ts';
import { accepted } from '../support/person.ts';
import { until } from '../support/until.ts';

const PACE = { heartbeatMs: 200, guardianMaturingMinMs: 1_000 };
const TEXT = utf8('{"resourceType":"Bundle","note":"for family, and for whoever acts"}');
const codeOf = (result: { ok: boolean; rejection?: { code: string } }) => result.rejection?.code;

async function everyFile(folder: string): Promise<Buffer> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((one) => one.isFile()).map((one) => readFile(join(one.parentPath, one.name)));
  return Buffer.concat(await Promise.all(files));
}

it('family reads under a grant, a guardian acts after maturing, and hospitals erase their halves with the plan (F42, F56)', async () => {
  const running = await RunningConsortium.make(makeConsortium(4, { parameters: PACE }));
  await running.startAll();
  const devices = await Devices.at(running, [1, 2]);
  try {
    const patient = await devices.member('patient', 1);
    const family = [await devices.member('patient', 2), await devices.member('patient', 2)] as const;
    const { session, wallet } = patient;
    accepted(await openCategory(session, wallet, 'general'));
    const input = { owner: wallet.id, category: wallet.categoryOf('general'), plaintext: TEXT };
    const { record } = accepted(await writeRecord(session, wallet, input));

    // F42: a relative who is a participant, named, at the request of the family.
    const [relative, second] = family;
    const asFamily = { record, purpose: 'FAMRQT' } as const;
    expect(codeOf(await readRecord(relative.session, relative.wallet, asFamily))).toBe('policy.denied');
    accepted(
      await grantAccess(session, wallet, {
        grantee: { type: 'person', id: toHex(relative.wallet.id) },
        labels: ['general'],
        purposes: ['FAMRQT'],
        access: 'read',
        expires: Date.now() + 3_600_000,
        uses: null,
      }),
    );
    const opened = accepted(await readRecord(relative.session, relative.wallet, asFamily));
    expect(opened).toMatchObject({ path: 'grant', plaintext: TEXT });
    expect(codeOf(await readRecord(second.session, second.wallet, asFamily))).toBe('policy.denied');

    const list = { threshold: 2, members: family.map((one) => one.wallet.id) };
    const plan = accepted(
      await setGuardians(session, wallet, [{ purpose: 'acting', guardians: list, maturingMs: 1_000 }]),
    );
    const letters = family.map((one, i) =>
      accepted(readLetter(one.session, one.wallet, plan.letters[i]?.letter ?? new Uint8Array(0))),
    );
    const secretKey = scalarFromUniform(seeded('a key to act', SCALAR_ENTROPY_BYTES));
    const [first] = letters as [(typeof letters)[number]];
    const asked = accepted(await requestGuardianship(relative.session, first, primitives.publicKeyOf(secretKey)));
    expect(codeOf(await refusedAtDoor(relative.session.api.releasedShares(asked.id)))).toBe('api-view.nothing-here');
    accepted(await approveGuardianship(second.session, asked.id));
    await until(
      async () => {
        const proven = accepted(await provenGuardianship(relative.session, asked.id));
        return proven.isMatured ? true : undefined;
      },
      { timeoutMs: 10_000, what: 'an approval to mature' },
    );
    // Who did not ask fetches nothing, and neither does the patient.
    for (const other of [second, patient])
      expect(codeOf(await refusedAtDoor(other.session.api.releasedShares(asked.id)))).toBe('api-view.nothing-here');
    const hospitals = await relative.session.api.releasedShares(asked.id);
    expect(hospitals).toHaveLength(4);
    const guardians = await Promise.all(
      family.map(async (one, i) =>
        accepted(await giveShare(one.session, one.wallet, letters[i] as (typeof letters)[number], asked.id)),
      ),
    );
    const { chainId } = session.trust;
    const released = { chainId, request: asked.id, kit: first.kit, secretKey, guardians, hospitals };
    const asGuardian = accepted(await keysToAct(primitives, released));
    const read = { record, purpose: 'PATRQT', asGuardian } as const;
    expect(accepted(await readRecord(relative.session, relative.wallet, read))).toMatchObject({
      path: 'guardian',
      plaintext: TEXT,
    });
    expect(await relative.session.api.records(wallet.id)).toHaveLength(1);

    const sealed = Buffer.from(hospitals[0]?.sealed ?? []);
    const held = () => Promise.all([1, 2, 3, 4].map((n) => everyFile(running.folderOf(n))));
    expect((await held()).every((bytes) => bytes.includes(sealed))).toBe(true);
    accepted(await setGuardians(session, wallet, []));
    expect(codeOf(await readRecord(relative.session, relative.wallet, read))).toBe('policy.denied');
    await until(async () => ((await held()).some((bytes) => bytes.includes(sealed)) ? undefined : true), {
      timeoutMs: 15_000,
      what: 'every hospital to erase its half',
    });

    // The old key sees nothing of its own end: the new one does.
    const next = accepted(await replaceAccountKey(session, wallet, ({ account }) => devices.session(account, 1)));
    const own = await readRecord(devices.session(next.account, 1), next, { record, purpose: 'PATRQT' });
    expect(accepted(own)).toMatchObject({ path: 'self', plaintext: TEXT });
    expect(codeOf(await refusedAtDoor(readRecord(session, wallet, { record, purpose: 'PATRQT' })))).toBe(
      'transaction.key-retired',
    );
  } finally {
    await devices.close();
  }
});
