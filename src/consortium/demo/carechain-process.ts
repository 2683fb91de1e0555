import { spawn } from 'node:child_process';
import process from 'node:process';
import { type Program, program } from '../program.ts';

const TIMEOUT_MS = 60_000;
const OUTPUT_BYTES_MAX = 4 * 1_048_576;

export interface ProcessAnswer {
  readonly exitCode: number | null;
  /** The one JSON object on stdout. */
  readonly result: Readonly<Record<string, unknown>>;
}

/** Runs the command line as a process of its own, as a person would, and reads its JSON answer. */
export function carechain(
  args: readonly string[],
  from: Program = program(),
  timeoutMs = TIMEOUT_MS,
): Promise<ProcessAnswer> {
  const { modulePath, execArgv } = from;
  const child = spawn(process.execPath, [...execArgv, modulePath, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: timeoutMs,
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (stdout.length < OUTPUT_BYTES_MAX) stdout += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => {
      try {
        resolve({ exitCode, result: JSON.parse(stdout) as Record<string, unknown> });
      } catch {
        resolve({ exitCode, result: {} });
      }
    });
  });
}
