import process from 'node:process';
import type { Rejection } from '../base/result.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** Where a command speaks: results to stdout, all else to stderr. */
export interface Output {
  readonly json: boolean;
  /** The command's result: one JSON object with `--json`, else its text. */
  result(value: object, text: string): void;
  /** A line of the story: progress, hints, warnings. */
  say(line: string): void;
}

export const createOutput = (json: boolean): Output => ({
  json,
  result: (value, text) => void process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text}\n`),
  say: (line) => void process.stderr.write(`${line}\n`),
});

/** A command could not do what it was asked. `code` is of the one catalogue, or of the system. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly detail: Readonly<Record<string, string | number>>;

  constructor(
    code: string,
    message: string,
    options: {
      readonly exitCode?: ExitCode;
      readonly detail?: Readonly<Record<string, string | number>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.exitCode = options.exitCode ?? EXIT.internal;
    this.detail = options.detail ?? {};
  }
}

export const usageError = (message: string): CommandError =>
  new CommandError('consortium-command.usage', message, { exitCode: EXIT.usage });

/** An error as a line with its code first, once: refusals and broken stores begin with theirs already. */
export const errorLine = (code: string, message: string): string =>
  message.startsWith(code) ? message : `${code}: ${message}`;

/** A refusal as a sentence with its code first, so that it can be looked up. */
export const refusalText = ({ code, detail }: Rejection): string =>
  [code, ...Object.entries(detail ?? {}).map(([name, value]) => `${name}=${value}`)].join(' ');
