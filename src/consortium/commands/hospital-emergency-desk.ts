import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '../../base/bytes.ts';
import { createDesk, publishDeskKey } from '../../client/desk.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { atDesk, type DeskOptions } from '../governance/hospital-desk.ts';
import { writeNewPrivateFile } from '../new-file.ts';
import { CommandError, type Output, refusalText } from '../output.ts';
import { readPassword } from '../password.ts';

export interface EmergencyDeskOptions extends DeskOptions {
  /** One file for each of the staff: its first line is that one's password. */
  readonly staff: readonly string[];
}

const OWNER_ONLY = 0o700;

/**
 * `carechain hospital emergency-desk`: makes the key of the hospital's emergency desk, splits its secret among the staff and publishes it. The secret
 * itself is written nowhere. A key that stood is replaced: what patients granted to it opens nothing more.
 */
export const emergencyDesk = (folder: string, options: EmergencyDeskOptions, output: Output): Promise<ExitCode> =>
  atDesk(options, async ({ device, session }) => {
    const { account, trust } = session;
    const staff = [];
    for (const [i, file] of options.staff.entries())
      staff.push({ name: `staff-${i + 1}`, password: await readPassword(file) });
    const made = await createDesk(device, { chainId: trust.chainId, hospital: account.id, staff });
    if (!made.ok) throw new CommandError(made.rejection.code, refusalText(made.rejection), { exitCode: EXIT.usage });
    await mkdir(folder, { recursive: true, mode: OWNER_ONLY });
    const files: string[] = [];
    for (const { name, text } of made.value.shares) {
      const file = join(folder, `${name}.json`);
      await writeNewPrivateFile(file, `${text}\n`);
      files.push(file);
    }
    const sent = await publishDeskKey(session, made.value);
    if (!sent.ok) throw new CommandError(sent.rejection.code, refusalText(sent.rejection), { exitCode: EXIT.violated });
    const receivingKey = toHex(made.value.receivingKey);
    output.result(
      { receivingKey, shares: files, height: sent.value.height },
      [`key     ${receivingKey}`, ...files.map((file) => `share   ${file}`)].join('\n'),
    );
    output.say('each of the staff takes one file home; any two of them open the desk');
    return EXIT.holds;
  });
