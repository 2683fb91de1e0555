import { createHash } from 'node:crypto';
import process from 'node:process';
import { openCategory } from '../../client/categories.ts';
import { hostDevice } from '../../client/device.ts';
import { readRecordInto } from '../../client/read-record.ts';
import { trustGenesis } from '../../client/trust.ts';
import { createWallet } from '../../client/wallet.ts';
import { writeRecord } from '../../client/write-record.ts';
import type { Consortium } from '../../consortium/consortium.ts';
import { exitWithParent } from '../../consortium/exit-with-parent.ts';
import { deskOf, joinConsortium, must, personAt, type Surroundings } from '../../consortium/people.ts';
import { contentOfFile, sinkToFile } from '../../node/file-content.ts';
import { nativePrimitives } from '../../node/primitives.ts';
import type { DeviceMessage, DevicePlan } from './device-plan.ts';

/*
 * A person's device as a process of its own, so that its memory is its own: it joins, seals a file into a record at one hospital,
 * and opens the record at another into a file.
 */
const CATEGORY = 'imaging';

const tell = (message: DeviceMessage): void => void process.send?.(message);

exitWithParent();
process.once('message', (plan) => {
  run(plan as DevicePlan).catch((error: unknown) =>
    tell({ type: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});

async function run(plan: DevicePlan): Promise<void> {
  const device = hostDevice(nativePrimitives(), () => createHash('sha256'));
  const trust = must(trustGenesis(device.primitives, plan.genesisText), 'the genesis file is read');
  const around: Surroundings = { consortium: elsewhere(plan), device, trust };
  const wallet = createWallet(device);
  const [writer, reader] = [plan.writesAt, plan.readsAt].map((hospital) =>
    personAt(around, { title: 'the patient', role: 'patient', hospital, wallet }),
  ) as [ReturnType<typeof personAt>, ReturnType<typeof personAt>];
  await joinConsortium(around, await deskOf(around, plan.writesAt), writer, 'stream|patient');
  must(await openCategory(writer.session, wallet, CATEGORY), 'the patient publishes a delegating key');
  tell({ type: 'ready' });

  await told('write');
  const category = wallet.categoryOf(CATEGORY);
  const plaintext = await contentOfFile(plan.fileIn);
  const written = must(
    await writeRecord(writer.session, wallet, { owner: wallet.id, category, plaintext }),
    'the study is registered',
  );
  tell({ type: 'written', cid: written.cid, ciphertextBytes: written.ciphertextBytes });

  await told('read');
  const wish = { record: written.record, purpose: 'PATRQT' } as const;
  const read = must(await readRecordInto(reader.session, wallet, wish, sinkToFile(plan.fileOut)), 'the study is read');
  tell({ type: 'read', bytes: read.bytes });
}

const told = (what: string): Promise<void> =>
  new Promise((resolve) => {
    const listener = (message: unknown): void => {
      if (message !== what) return;
      process.off('message', listener);
      resolve();
    };
    process.on('message', listener);
  });

/** What a person needs of a consortium that another process runs. */
const elsewhere = ({ apis, folders }: DevicePlan): Consortium =>
  ({
    api: (number: number) => apis[number - 1],
    hospital: (number: number) => ({ folder: folders[number - 1] }),
  }) as unknown as Consortium;
