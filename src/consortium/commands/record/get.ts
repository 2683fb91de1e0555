import { createWriteStream } from 'node:fs';
import { access, link, rm } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { toHex } from '../../../base/bytes.ts';
import { readRecordInto } from '../../../client/read-record.ts';
import type { Purpose } from '../../../ledger/vocabulary.ts';
import { CONSORTIUM_CODES } from '../../codes.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { CommandError, type Output } from '../../output.ts';
import { held, onDevice, type PersonOptions } from '../../person-device.ts';
import { bytesOf } from './ids.ts';

export interface GetOptions extends PersonOptions {
  readonly out: string;
  readonly purpose: Purpose;
}

/**
 * `carechain record get`: reads through the chain and opens here. Until the whole record has held, what came of it stands in a file
 * beside the one that is named.
 */
export async function recordGet(id: string, options: GetOptions, output: Output): Promise<ExitCode> {
  const { out, purpose } = options;
  const record = bytesOf('a record', id, 32);
  await mustBeNew(out);
  const part = `${out}.part`;
  await onDevice(options, async ({ session, wallet }) => {
    try {
      const sink = Writable.toWeb(createWriteStream(part, { flags: 'wx', mode: 0o600 })) as WritableStream<Uint8Array>;
      const opened = held(await readRecordInto(session, wallet, { record, purpose }, sink));
      // Unlike a renaming, a link never replaces a file that came meanwhile.
      await link(part, out);
      const { bytes, owner, author, version, path, sent } = opened;
      const facts = {
        record: id,
        version,
        out,
        bytes,
        owner: toHex(owner),
        author: toHex(author),
        path,
        transaction: toHex(sent.id),
        height: sent.height,
      };
      output.result(facts, `${out}: ${bytes} bytes, version ${version}, read at height ${sent.height}`);
    } finally {
      await rm(part, { force: true });
    }
  });
  return EXIT.holds;
}

async function mustBeNew(path: string): Promise<void> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  const code = 'consortium-command.file-exists';
  throw new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${path}`, { exitCode: EXIT.usage });
}
