import { readFile, stat } from 'node:fs/promises';
import type { Address } from '../../../base/brand.ts';
import { fromHex, toHex } from '../../../base/bytes.ts';
import { LIMITS } from '../../../base/limits.ts';
import type { Result } from '../../../base/result.ts';
import { CAN_LIMITS } from '../../../ledger/can/limits.ts';
import {
  type CanPage,
  type CanPlace,
  type OpenPurpose,
  readableRecords,
  recordReaders,
} from '../../../ledger/can/who-reads-what.ts';
import { nativePrimitives } from '../../../node/primitives.ts';
import type { ChainVerifier } from '../../../protocol/offline/verify-chain.ts';
import { CONSORTIUM_CODES } from '../../codes.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { CommandError, type Output, usageError } from '../../output.ts';
import { replayChainFile } from '../../verify-file.ts';

export interface CanOptions {
  readonly genesis: string;
  readonly principal?: string;
  readonly record?: string;
}

/** One line of the answer: a record, or a principal, in hexadecimal. */
interface Line {
  readonly id: string;
  readonly purposes: readonly OpenPurpose[];
}

/**
 * `carechain policy can`: which records a principal could read after the last block of an exported chain, or who could read a record.
 * Whoever holds the whole chain may know; no node is asked. 0 where somebody could, 1 where nobody could, 2 where the chain does not hold.
 */
export async function policyCan(file: string, options: CanOptions, output: Output): Promise<ExitCode> {
  const principal = idOf('--principal', options.principal, 20) as Address | undefined;
  const record = idOf('--record', options.record, 32);
  if ((principal === undefined) === (record === undefined)) throw usageError('give either --principal or --record');
  await mustExist(file);
  const isLong = (await mustExist(options.genesis)) > LIMITS.genesisBytesMax;
  const genesisText = isLong ? '' : await readFile(options.genesis, 'utf8');
  const chain = await replayChainFile(nativePrimitives(), { path: file, genesisText, progress: output.say });
  if ('verdict' in chain) {
    output.result(chain, `${file} ${chain.verdict}, field ${chain.field}: ${chain.code}`);
    return EXIT.unknown;
  }
  const lines = linesOf(chain, principal, record);
  const { height, timestampMs } = chain.tipHeader();
  const text = lines.map(({ id, purposes }) => `${id}  ${purposes.map(purposeText).join(', ')}`);
  const heading = `at height ${height}, block time ${timestampMs} ms: ${lines.length}`;
  output.result(
    { height, timestampMs, [record === undefined ? 'records' : 'readers']: lines },
    [heading, ...text].join('\n'),
  );
  return lines.length > 0 ? EXIT.holds : EXIT.violated;
}

function linesOf(chain: ChainVerifier, principal: Address | undefined, asked: Uint8Array | undefined): readonly Line[] {
  const { env, state } = chain;
  const moment = chain.tipHeader();
  if (asked !== undefined)
    return everyPage((place) => recordReaders(env, state, moment, asked, place)).map((one) => ({
      id: toHex(one.principal),
      purposes: one.purposes,
    }));
  return everyPage((place) => readableRecords(env, state, moment, principal as Address, place)).map((one) => ({
    id: toHex(one.record),
    purposes: one.purposes,
  }));
}

function everyPage<T>(page: (place: CanPlace) => Result<CanPage<T>>): readonly T[] {
  const items: T[] = [];
  let after: string | null = null;
  do {
    const answer = page({ after, limit: CAN_LIMITS.scannedRowsMax });
    if (!answer.ok) throw new RangeError(answer.rejection.code);
    items.push(...answer.value.items);
    after = answer.value.next;
  } while (after !== null);
  return items;
}

const purposeText = ({ purpose, policies }: OpenPurpose): string => `${purpose} (${policies.join(', ')})`;

function idOf(flag: string, text: string | undefined, bytes: number): Uint8Array | undefined {
  if (text === undefined) return undefined;
  const id = fromHex(text);
  if (id?.length !== bytes) throw usageError(`${flag} takes ${bytes} bytes in hexadecimal`);
  return id;
}

async function mustExist(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return found.size;
  const code = 'consortium-command.file-missing';
  throw new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${path}`, { exitCode: EXIT.usage });
}
