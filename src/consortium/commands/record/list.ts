import { toHex } from '../../../base/bytes.ts';
import { contentIdText } from '../../../client/content-id.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import type { Output } from '../../output.ts';
import { onDevice, type PersonOptions } from '../../person-device.ts';

/** `carechain record list`: the own records, with the names that only this device gives their categories. */
export async function recordList(options: PersonOptions, output: Output): Promise<ExitCode> {
  await onDevice(options, async ({ session, wallet }) => {
    const records = (await session.api.records(wallet.id)).map(({ record, row }) => ({
      record: toHex(record),
      version: row.version,
      status: row.status,
      category: toHex(row.category),
      name: wallet.labelOf(row.category) ?? null,
      author: toHex(row.author),
      cid: contentIdText(row.cid),
      ciphertextBytes: row.ciphertextBytes,
      height: row.registeredHeight,
    }));
    const lines = records.map(
      ({ record, version, status, name, ciphertextBytes }) =>
        `${record}  version ${version}, ${status}, ${name ?? 'a category without a name here'}, ${ciphertextBytes} bytes`,
    );
    output.result({ records }, [`records: ${records.length}`, ...lines].join('\n'));
  });
  return EXIT.holds;
}
