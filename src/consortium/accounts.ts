import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addressText } from '../base/digest.ts';
import * as shape from '../base/shape.ts';
import type { Device } from '../client/device.ts';
import { createWallet, openWallet, type Wallet } from '../client/wallet.ts';
import { roleShape } from '../ledger/vocabulary.ts';
import { replaceFile } from '../storage/durable-file.ts';
import { accountsFolder } from './layout.ts';
import { CommandError, refusalText } from './output.ts';
import { deskOf, joinConsortium, personAt, type Surroundings } from './people.ts';

/** Of the demo accounts' key files. It protects nothing, and the banner says it. */
export const DEMO_PASSWORD = 'carechain-demo';
const INDEX_FILE = 'accounts.json';
const FOLDER_MODE = 0o700;

const accountShape = shape.struct({
  title: shape.text(64),
  role: roleShape,
  /** Number of the hospital that enrols it. */
  hospital: shape.uint(1_024),
  id: shape.text(40, /^[0-9a-f]{40}$/),
  /** Below the folder of accounts. */
  file: shape.text(64, /^[a-z0-9-]+\.json$/),
  /** Whether the chain has it as an active participant: said by an earlier start. */
  admitted: shape.boolean,
});
export type DemoAccount = shape.Shaped<typeof accountShape>;
const indexShape = shape.list(accountShape, 16);

const CAST = [
  { title: 'patient', role: 'patient', hospital: 1 },
  { title: 'doctor-a', role: 'practitioner', hospital: 1 },
  { title: 'doctor-b', role: 'practitioner', hospital: 2 },
] as const;

/** The demo accounts of this data folder; their keys are made at the first call. */
export async function demoAccounts(device: Device, data: string, hospitals: number): Promise<readonly DemoAccount[]> {
  const folder = accountsFolder(data);
  const index = await readFile(join(folder, INDEX_FILE), 'utf8').catch(() => undefined);
  if (index !== undefined) {
    const read = indexShape(JSON.parse(index), '');
    if (!read.ok) throw new CommandError(read.rejection.code, `${INDEX_FILE}: ${refusalText(read.rejection)}`);
    return read.value;
  }
  await mkdir(folder, { recursive: true });
  await chmod(folder, FOLDER_MODE);
  const accounts: DemoAccount[] = [];
  for (const { title, role, hospital } of CAST) {
    const wallet = createWallet(device);
    const file = `${title}.json`;
    await writePrivate(join(folder, file), wallet.seal(device, DEMO_PASSWORD));
    accounts.push({
      title,
      role,
      hospital: Math.min(hospital, hospitals),
      id: addressText(wallet.id),
      file,
      admitted: false,
    });
  }
  // The index comes last: with it, every key file is there.
  await writeIndex(data, accounts);
  return accounts;
}

/** Enrols and admits those that are not yet, through the APIs. */
export async function enrolDemoAccounts(around: Surroundings, accounts: readonly DemoAccount[]): Promise<void> {
  if (accounts.every(({ admitted }) => admitted)) return;
  for (const account of accounts) {
    const wallet = await openDemoWallet(around, account);
    const person = personAt(around, { ...account, wallet });
    await joinConsortium(around, await deskOf(around, account.hospital), person, `demo|${account.title}`);
  }
  await writeIndex(
    around.consortium.data,
    accounts.map((account) => ({ ...account, admitted: true })),
  );
}

const writeIndex = (data: string, accounts: readonly DemoAccount[]): Promise<void> =>
  writePrivate(join(accountsFolder(data), INDEX_FILE), `${JSON.stringify(accounts, null, 2)}\n`);

async function openDemoWallet({ consortium, device }: Surroundings, { file }: DemoAccount): Promise<Wallet> {
  const text = await readFile(join(accountsFolder(consortium.data), file), 'utf8');
  const wallet = openWallet(device.primitives, DEMO_PASSWORD, text);
  if (!wallet.ok) throw new CommandError(wallet.rejection.code, `${file}: ${refusalText(wallet.rejection)}`);
  return wallet.value;
}

async function writePrivate(path: string, text: string): Promise<void> {
  await replaceFile(path, async (file) => {
    await file.chmod(0o600);
    await file.writeFile(text);
  });
}
