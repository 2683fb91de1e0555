import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, createApi } from '../../src/api/server.ts';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { openCategory } from '../../src/client/categories.ts';
import { grantAccess } from '../../src/client/grant.ts';
import { writeRecord } from '../../src/client/write-record.ts';
import { type CanOptions, policyCan } from '../../src/consortium/commands/policy/can.ts';
import { TownService } from '../api/town-service.ts';
import { FakeConsortium, unwrapped } from '../client/fake-consortium.ts';
import { member, type Person } from '../client/people.ts';
import { HOUR_MS } from '../ledger/town.ts';

const PASSWORD = 'correct horse';
/** Key files and genesis files take seconds where the machine does other work too. */
const BUSY_TIMEOUT_MS = 60_000;

let folder: string;
let api: Api;
let patient: Person;
let doctor: Person;
let about: string;

const file = (name: string): string => join(folder, name);
const idOf = ({ wallet }: Person): string => toHex(wallet.id);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carechain-can-node-'));
  const consortium = new FakeConsortium();
  patient = await member(consortium, 'patient', 'patient');
  doctor = await member(consortium, 'doctor', 'practitioner');
  const { category } = unwrapped(await openCategory(patient.session, patient.wallet, 'general'));
  const draft = { owner: patient.wallet.id, category, plaintext: utf8('a record') };
  about = toHex(unwrapped(await writeRecord(patient.session, patient.wallet, draft)).record);
  unwrapped(
    await grantAccess(patient.session, patient.wallet, {
      grantee: { type: 'person', id: idOf(doctor) },
      labels: ['general'],
      purposes: ['TREAT'],
      access: 'read',
      expires: consortium.town.tip.header.timestampMs + HOUR_MS,
      uses: null,
    }),
  );
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

async function can(who: string, options: Partial<CanOptions> = {}) {
  const results: { value: object; text: string }[] = [];
  const output = {
    json: true,
    say: () => undefined,
    result: (value: object, text: string) => void results.push({ value, text }),
  };
  const asked = { genesis: file('genesis.json'), node: api.address, key: file(`${who}.json`) };
  const exit = await policyCan(undefined, { ...asked, passwordFile: file('password'), ...options }, output);
  return { exit, ...results[0] };
}

const byGrant = [{ purpose: 'TREAT', policies: ['practitioner-reads-under-grant'] }];

describe('carechain policy can --node', () => {
  it('lists what oneself could read now, and, to the patient, who could read a record', async () => {
    const records = [{ id: about, purposes: byGrant }];
    const mine = await can('doctor');
    expect(mine).toMatchObject({ exit: 0, value: { node: api.address, records } });
    expect(mine.text).toContain(`${about}  TREAT (practitioner-reads-under-grant)`);
    const { exit, value } = await can('patient', { record: about });
    const { readers } = value as { readers: { id: string }[] };
    expect([exit, readers.map(({ id }) => id)]).toEqual([0, [idOf(doctor), idOf(patient)].sort()]);
    expect(readers.find(({ id }) => id === idOf(doctor))).toMatchObject({ purposes: byGrant });
  });

  it('is refused to who may not know, as where there is nothing', async () => {
    for (const [who, options] of [
      ['doctor', { record: about }],
      ['patient', { principal: idOf(doctor) }],
    ] as const)
      await expect(can(who, options)).rejects.toMatchObject({ code: 'api-view.nothing-here', exitCode: 1 });
  });

  it('says what is missing: a node that answers, an address, a key, its password, one question', async () => {
    await expect(can('doctor', { node: 'http://127.0.0.1:1' })).rejects.toMatchObject({ exitCode: 2 });
    for (const wrong of [{ node: 'nowhere' }, { key: undefined }, { principal: idOf(doctor), record: about }])
      await expect(can('doctor', wrong as Partial<CanOptions>)).rejects.toMatchObject({
        code: 'consortium-command.usage',
      });
    await expect(can('nobody')).rejects.toMatchObject({ code: 'consortium-command.file-missing' });
    writeFileSync(file('wrong password'), 'x\n');
    await expect(can('doctor', { passwordFile: file('wrong password') })).rejects.toMatchObject({
      exitCode: 64,
      code: 'crypto-key-file.wrong-password',
      message: expect.stringContaining('The password does not open the key file.'),
    });
    const both = policyCan('chain.car', { genesis: file('genesis.json'), node: api.address }, {} as never);
    await expect(both).rejects.toMatchObject({ code: 'consortium-command.usage' });
  });
});
