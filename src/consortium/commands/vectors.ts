import { readFile, stat } from 'node:fs/promises';
import { nativePrimitives } from '../../node/primitives.ts';
import { CONSORTIUM_CODES, type ConsortiumCode } from '../codes.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { CommandError, type Output } from '../output.ts';
import { checkVectors, type VectorsReport } from '../vectors/check-file.ts';
import { VECTORS_LIMITS } from '../vectors/limits.ts';

/** `carechain vectors`: 0 where every suite holds, 1 where one does not or the file is none of vectors. */
export async function vectors({ file }: { readonly file: string }, output: Output): Promise<ExitCode> {
  const report = checkVectors(nativePrimitives(), await textOf(file));
  if (!report.ok) {
    const { code, detail = {} } = report.rejection;
    throw refusal(code, file, { exitCode: EXIT.violated, detail });
  }
  output.result(report.value, wordsOf(file, report.value));
  return report.value.failed === 0 ? EXIT.holds : EXIT.violated;
}

async function textOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) throw refusal('consortium-command.file-missing', file, { exitCode: EXIT.usage });
  if (found.size > VECTORS_LIMITS.fileBytesMax)
    throw refusal('consortium-vectors.too-large', file, {
      exitCode: EXIT.violated,
      detail: { bytesMax: VECTORS_LIMITS.fileBytesMax },
    });
  return readFile(file, 'utf8');
}

const refusal = (
  code: ConsortiumCode,
  file: string,
  options: { readonly exitCode: ExitCode; readonly detail?: Readonly<Record<string, string | number>> },
): CommandError => new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${file}`, options);

const wordsOf = (file: string, { suites, passed, failures }: VectorsReport): string =>
  [
    `${file}: ${passed} of ${suites} suites hold`,
    ...failures.map(({ suite, check, code }) => `  suite ${suite}: ${check}: ${code}`),
  ].join('\n');
