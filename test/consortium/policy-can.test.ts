import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { type CanOptions, policyCan } from '../../src/consortium/commands/policy/can.ts';
import { renderGenesis } from '../../src/ledger/genesis.ts';
import { writeChainCar } from '../../src/storage/export-car.ts';
import { env, genesisOf, genesisText, heightOf, idOf, record, smallChain } from '../protocol/offline/chain.ts';

let folder: string;
let genesis: string;
const granted = (): string => join(folder, 'granted.car');
const revoked = (): string => join(folder, 'revoked.car');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carechain-can-'));
  genesis = join(folder, 'genesis.json');
  writeFileSync(genesis, genesisText);
  const { steps } = smallChain();
  const at = (height: number) => steps[height - 1]?.entry;
  const source = {
    block: async (height: number) => at(height)?.block,
    certificate: async (height: number) => at(height)?.certificate,
    receipts: async (height: number) => at(height)?.receipts,
  };
  const range = { chainId: env.chainId, from: heightOf(1) };
  await writeChainCar(granted(), source, { ...range, to: heightOf(4) });
  await writeChainCar(revoked(), source, { ...range, to: heightOf(7) });
});
afterAll(() => rmSync(folder, { recursive: true }));

async function can(file: string | undefined, options: Omit<CanOptions, 'genesis'>, by = genesis) {
  const results: unknown[] = [];
  const output = { json: true, say: () => undefined, result: (value: object) => void results.push(value) };
  return { exit: await policyCan(file, { genesis: by, ...options }, output), result: results[0] };
}

const doctor = toHex(idOf('doctor'));
const patient = toHex(idOf('patient'));
const about = toHex(record);
const byGrant = [{ purpose: 'TREAT', policies: ['practitioner-reads-under-grant'] }];

describe('carechain policy can', () => {
  it('lists who could read a record at the end of an exported chain, before and after a grant is revoked', async () => {
    const before = await can(granted(), { record: about });
    expect(before.exit).toBe(0);
    expect(before.result).toMatchObject({ height: 4 });
    const { readers } = before.result as { readers: { id: string }[] };
    expect(readers.map(({ id }) => id)).toEqual([doctor, patient].sort());
    const after = await can(revoked(), { record: about });
    expect((after.result as typeof before.result & { readers: { id: string }[] }).readers.map(({ id }) => id)).toEqual([
      patient,
    ]);
  });

  it('lists what somebody could read, with purposes and policies, and ends with 1 where it is nothing', async () => {
    expect(await can(granted(), { principal: doctor })).toMatchObject({
      exit: 0,
      result: { height: 4, records: [{ id: about, purposes: byGrant }] },
    });
    expect(await can(revoked(), { principal: doctor })).toMatchObject({ exit: 1, result: { height: 7, records: [] } });
  });

  it('answers nothing from a chain of another genesis', async () => {
    const foreign = join(folder, 'foreign.json');
    writeFileSync(foreign, renderGenesis(genesisOf('another consortium')));
    await expect(can(granted(), { principal: doctor }, foreign)).rejects.toMatchObject({
      exitCode: 2,
      code: 'offline.foreign-genesis',
    });
  });

  it('says of a file that is no chain that it is the wrong file, which is no answer to the question', async () => {
    for (const [bytes, code] of [
      [Buffer.from('Once upon a time there was a chain.'), 'car.truncated'],
      [readFileSync(granted()).subarray(0, 40), 'car.truncated'],
    ] as const) {
      writeFileSync(join(folder, 'wrong.car'), bytes);
      await expect(can(join(folder, 'wrong.car'), { principal: doctor })).rejects.toMatchObject({ exitCode: 64, code });
    }
  });

  it('takes one question, about an id of its length', async () => {
    for (const wrong of [{}, { principal: doctor, record: about }, { principal: about }, { record: 'zz' }])
      await expect(can(granted(), wrong)).rejects.toThrow(/either|bytes in hexadecimal/);
    await expect(can(join(folder, 'none.car'), { principal: doctor })).rejects.toMatchObject({
      code: 'consortium-command.file-missing',
    });
  });
});
