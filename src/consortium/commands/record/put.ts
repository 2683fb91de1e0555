import { openAsBlob } from 'node:fs';
import type { Address } from '../../../base/brand.ts';
import { fromHex, toHex } from '../../../base/bytes.ts';
import { contentOfBlob } from '../../../client/content.ts';
import { ensureCategory } from '../../../client/ensure-category.ts';
import { writeRecord } from '../../../client/write-record.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { type Output, usageError } from '../../output.ts';
import { held, mustBeFile, onDevice, type PersonDevice, type PersonOptions } from '../../person-device.ts';
import { bytesOf } from './ids.ts';

export interface PutOptions extends PersonOptions {
  /** Whose record it is; the own where nobody is named. */
  readonly patient?: string;
}

/** `carechain record put`: a file becomes a record, byte for byte, of any size. It is encrypted here and streamed. */
export async function recordPut(file: string, options: PutOptions, output: Output): Promise<ExitCode> {
  const plaintextBytes = await mustBeFile(file);
  await onDevice(options, async (device) => {
    const { session, wallet } = device;
    const owner = options.patient === undefined ? wallet.id : bytesOf<Address>('--patient', options.patient, 20);
    const category = await categoryOf(device, owner, options.category ?? 'general');
    const plaintext = contentOfBlob(await openAsBlob(file));
    const written = held(await writeRecord(session, wallet, { owner, category, plaintext }));
    const { record, version, cid, ciphertextBytes, sent } = written;
    const facts = {
      record: toHex(record),
      version,
      patient: toHex(owner),
      category: toHex(category),
      cid,
      plaintextBytes,
      ciphertextBytes,
      transaction: toHex(sent.id),
      height: sent.height,
    };
    output.result(facts, `record ${facts.record}\n${plaintextBytes} bytes, registered at height ${sent.height}`);
  });
  return EXIT.holds;
}

/** One's own by its name; another's by its id on chain, since its name is on the patient's device alone. */
async function categoryOf({ session, wallet }: PersonDevice, owner: Address, given: string): Promise<Uint8Array> {
  if (toHex(owner) === toHex(wallet.id)) return held(await ensureCategory(session, wallet, given));
  const category = fromHex(given);
  if (category?.length === 16) return category;
  throw usageError(
    "--category takes 16 bytes in hexadecimal where the record is another's: the patient's device tells them",
  );
}
