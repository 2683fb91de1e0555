import { readFile } from 'node:fs/promises';
import { equal, toHex } from '../../base/bytes.ts';
import { addressOf } from '../../base/digest.ts';
import { createApiClient } from '../../client/api-client.ts';
import { ApiError, ClientError } from '../../client/errors.ts';
import { createRegistrar, type KnownHospital } from '../../client/registrar.ts';
import { CRYPTO_LIMITS } from '../../crypto/limits.ts';
import { CONSORTIUM_CODES } from '../codes.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { atDesk, type DeskOptions, type HospitalDesk } from '../governance/hospital-desk.ts';
import { CommandError, type Output, refusalText, usageError } from '../output.ts';

export interface HospitalHandleOptions extends DeskOptions {
  /** The naming system. */
  readonly type: string;
  /** Its first line is the identifier: what stands on a command line, others on the machine can read. */
  readonly valueFile: string;
  /** APIs of the hospitals to ask; a threshold of them must answer. */
  readonly ask: readonly string[];
}

/**
 * `carechain hospital handle`: a registrar asks where a person is enrolled, by an identifier that no hospital gets to see. Exit code 0 says that
 * all were asked and none knows the person; 1 that one does; 2 that not all answered.
 */
export async function hospitalHandle(options: HospitalHandleOptions, output: Output): Promise<ExitCode> {
  const identifier = { type: options.type, value: await firstLine(options.valueFile) };
  for (const part of Object.values(identifier))
    if (part.length === 0 || part.length > CRYPTO_LIMITS.identifierCharactersMax)
      throw usageError(`type and value have 1 to ${CRYPTO_LIMITS.identifierCharactersMax} characters`);
  return atDesk(options, async (desk) => {
    const { handleKey, hospitals } = desk.genesis;
    if (handleKey === undefined) throw failure('consortium-handle.no-key');
    const { known, silent } = await reached(desk, options.ask);
    const registrar = createRegistrar(desk.session, handleKey);
    const identified = await registrar.identify(identifier, known);
    if (!identified.ok) throw new CommandError(identified.rejection.code, refusalText(identified.rejection));
    const { handle, enrolledAt, unanswered } = identified.value;
    const own = known.find(({ id }) => equal(id, desk.session.account.id));
    const participant = own === undefined ? undefined : await registrar.resolve(handle, own);
    const result = {
      enrolledAt: enrolledAt.map(toHex),
      ...(participant === undefined ? {} : { participant: toHex(participant) }),
      unanswered: [...silent, ...unanswered.map(({ hospital, code }) => ({ hospital: toHex(hospital), code }))],
      asked: known.length,
      hospitals: hospitals.length,
    };
    const places = result.enrolledAt.length === 0 ? 'nowhere' : result.enrolledAt.join('\n            ');
    output.result(
      result,
      `enrolled    ${places}\nunanswered  ${result.unanswered.length} of ${options.ask.length} asked`,
    );
    if (enrolledAt.length > 0) return EXIT.violated;
    return result.unanswered.length > 0 || known.length < hospitals.length ? EXIT.unknown : EXIT.holds;
  });
}

/** Which hospital answers at each address: its number as a holder is its place in the genesis file. */
async function reached({ genesis, device, session }: HospitalDesk, urls: readonly string[]) {
  const ids = genesis.hospitals.map(({ accountKey }) => addressOf(device.primitives, accountKey));
  const known: KnownHospital[] = [];
  const silent: { readonly api: string; readonly code: string }[] = [];
  for (const baseUrl of urls)
    try {
      const { chainId } = session.trust;
      const { hospital } = await createApiClient({ baseUrl, chainId, device, account: null }).status();
      known.push({ id: hospital, holder: ids.findIndex((id) => equal(id, hospital)) + 1, baseUrl });
    } catch (error) {
      if (!(error instanceof ApiError) && !(error instanceof ClientError)) throw error;
      silent.push({ api: baseUrl, code: error.code });
    }
  return { known, silent };
}

async function firstLine(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw failure('consortium-command.file-missing', cause);
  });
  return (text.split(/\r?\n/, 1)[0] ?? '').trim();
}

const failure = (code: 'consortium-handle.no-key' | 'consortium-command.file-missing', cause?: unknown) =>
  new CommandError(code, CONSORTIUM_CODES[code].meaning, { exitCode: EXIT.usage, cause });
