import { VM_CODES, type VmCode } from '../../../vm/index.ts';

/** One thing wrong with a text, as a person needs it: where, what, and what to write instead. */
export interface TextProblem {
  readonly code: VmCode;
  readonly line: number;
  readonly column: number;
  /** What is wrong, in place of the code's general meaning. */
  readonly message?: string | undefined;
  readonly suggestion?: string | undefined;
}

/** Of a very long line only so much is shown, around the column. */
const SHOWN_MAX = 110;

/**
 *     rules.cedar:3:14: vm-parse.unexpected-token: The grammar has no such token here.
 *       |   when { true = false };
 *       |               ^ write == to compare
 */
export function problemText(file: string, text: string, problem: TextProblem): string {
  const { code, line, column, message, suggestion } = problem;
  const written = text.split('\n')[line - 1]?.replace(/\r$/, '') ?? '';
  const start = Math.max(0, Math.min(column - 1 - SHOWN_MAX / 2, written.length - SHOWN_MAX));
  const shown = written.slice(start, start + SHOWN_MAX);
  // Tabs stay tabs, and what is wide or has no width is one cell wide in neither line: the caret stands where an editor's would.
  const indent = shown.slice(0, column - 1 - start).replace(/[^\t]/g, ' ');
  const advice = suggestion === undefined ? '' : ` ${suggestion}`;
  return [
    `${file}:${line}:${column}: ${code}: ${message ?? VM_CODES[code].meaning}`,
    `  | ${printable(shown)}`,
    `  | ${indent}^${advice}`,
  ].join('\n');
}

/** Control characters would move the caret, or the terminal. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, (c) => (c === '\t' ? c : '\ufffd'));
