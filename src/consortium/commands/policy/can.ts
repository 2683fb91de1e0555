import { readFile, stat } from 'node:fs/promises';
import type { Address } from '../../../base/brand.ts';
import { fromHex } from '../../../base/bytes.ts';
import { LIMITS } from '../../../base/limits.ts';
import type { OpenPurpose } from '../../../ledger/can/who-reads-what.ts';
import { nativePrimitives } from '../../../node/primitives.ts';
import { CONSORTIUM_CODES } from '../../codes.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { CommandError, type Output, usageError } from '../../output.ts';
import { type Found, replayChainFile } from '../../verify-file.ts';
import { type AtNode, linesAtNode } from './can-at-node.ts';
import { linesInChain } from './can-in-chain.ts';
import type { CanLine, CanQuestion } from './can-line.ts';

export interface CanOptions extends AtNode {
  readonly genesis: string;
  readonly principal?: string;
  readonly record?: string;
}

/**
 * `carechain policy can`: which records a principal could read, or who could read a record. Of an exported chain, after its last block:
 * whoever holds the whole chain may know, and no node is asked. Or now, as a node tells it: there policies say who may know.
 * 0 where somebody could, 1 where nobody could or the node refuses, 2 where the chain does not hold or no node answers, 64 where a file
 * is not what it should be, or a password does not open it.
 */
export async function policyCan(file: string | undefined, options: CanOptions, output: Output): Promise<ExitCode> {
  const { node } = options;
  const principal = idOf('--principal', options.principal, 20) as Address | undefined;
  const record = idOf('--record', options.record, 32);
  if ((file === undefined) === (node === undefined)) throw usageError('give either an exported chain or --node');
  if (principal !== undefined && record !== undefined) throw usageError('give either --principal or --record');
  const genesisText = await readGenesis(options.genesis);
  const question = { principal, record };
  if (file !== undefined) return canInChain(file, genesisText, question, output);
  const lines = await linesAtNode(genesisText, options, question);
  return show({ node }, `now, as ${node} tells it`, question, lines, output);
}

async function canInChain(file: string, genesisText: string, question: CanQuestion, output: Output): Promise<ExitCode> {
  if (question.principal === undefined && question.record === undefined)
    throw usageError('give either --principal or --record');
  await mustExist(file);
  const chain = await replayChainFile(nativePrimitives(), { path: file, genesisText, progress: output.say });
  if ('verdict' in chain) throw noAnswerFrom(file, chain);
  const { height, timestampMs } = chain.tipHeader();
  const heading = `at height ${height}, block time ${timestampMs} ms`;
  return show({ height, timestampMs }, heading, question, linesInChain(chain, question), output);
}

/** A chain that does not hold answers nothing; a file that is no chain is the wrong file. */
function noAnswerFrom(file: string, { height, field, code }: Found): CommandError {
  const detail = { file, field, ...(height !== null && { height }) };
  if (code.startsWith('car.'))
    return new CommandError(code, `${file} cannot be read as an exported chain.`, { exitCode: EXIT.usage, detail });
  const message = `${file} does not hold at height ${height}, field ${field}: nothing is known from it.`;
  return new CommandError(code, message, { exitCode: EXIT.unknown, detail });
}

function show(
  about: object,
  heading: string,
  { record }: CanQuestion,
  lines: readonly CanLine[],
  output: Output,
): ExitCode {
  const text = lines.map(({ id, purposes }) => `${id}  ${purposes.map(purposeText).join(', ')}`);
  output.result(
    { ...about, [record === undefined ? 'records' : 'readers']: lines },
    [`${heading}: ${lines.length}`, ...text].join('\n'),
  );
  return lines.length > 0 ? EXIT.holds : EXIT.violated;
}

const purposeText = ({ purpose, policies }: OpenPurpose): string => `${purpose} (${policies.join(', ')})`;

function idOf(flag: string, text: string | undefined, bytes: number): Uint8Array | undefined {
  if (text === undefined) return undefined;
  const id = fromHex(text);
  if (id?.length !== bytes) throw usageError(`${flag} takes ${bytes} bytes in hexadecimal`);
  return id;
}

async function readGenesis(path: string): Promise<string> {
  const isLong = (await mustExist(path)) > LIMITS.genesisBytesMax;
  return isLong ? '' : readFile(path, 'utf8');
}

async function mustExist(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return found.size;
  const code = 'consortium-command.file-missing';
  throw new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${path}`, { exitCode: EXIT.usage });
}
