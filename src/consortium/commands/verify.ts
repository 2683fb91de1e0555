import { readFile, stat } from 'node:fs/promises';
import { LIMITS } from '../../base/limits.ts';
import { nativePrimitives } from '../../node/primitives.ts';
import { CONSORTIUM_CODES } from '../codes.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { CommandError, type Output } from '../output.ts';
import { type VerifyReport, verifyFile } from '../verify-file.ts';

const EXIT_OF_VERDICT = { holds: EXIT.holds, violated: EXIT.violated, unknown: EXIT.unknown } as const;

/** `carechain verify`: 0 holds, 1 violated, 2 unknown. Nothing is read but the two files. */
export async function verify(
  { file, genesis }: { readonly file: string; readonly genesis: string },
  output: Output,
): Promise<ExitCode> {
  await mustExist(file);
  const { size } = await mustExist(genesis);
  // A longer file is no genesis of ours; the parser refuses its beginning.
  const genesisText = size > LIMITS.genesisBytesMax ? '' : await readFile(genesis, 'utf8');
  const report = await verifyFile(nativePrimitives(), { path: file, genesisText, progress: output.say });
  output.result({ file, ...report }, textOf(file, report));
  return EXIT_OF_VERDICT[report.verdict];
}

function textOf(file: string, report: VerifyReport): string {
  if (report.verdict === 'holds') return [`${file} holds: ${report.summary}`, ...report.statements].join('\n');
  const where = report.height === null ? '' : ` at height ${report.height}`;
  return `${file} ${report.verdict}${where}, field ${report.field}: ${report.code}`;
}

async function mustExist(path: string): Promise<{ readonly size: number }> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return found;
  const code = 'consortium-command.file-missing';
  throw new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${path}`, { exitCode: EXIT.usage });
}
