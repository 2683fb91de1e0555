import type { Address } from '../base/brand.ts';
import { addressText } from '../base/digest.ts';
import type { NetworkLogger } from '../network/logger.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFields = Readonly<Record<string, string | number | boolean | null | Uint8Array>>;

/** Structured lines. Fields hold codes, ids, heights and counts. */
export interface NodeLogger extends NetworkLogger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Takes one line without its end; stderr by default, since stdout is for results. */
  readonly write?: (line: string) => void;
  readonly clock?: () => number;
}

/** A second fence: nobody should log a secret, and under these names nobody can. */
const SECRET_NAME = /secret|seed|private|password|passphrase|token|authorization|cookie|plaintext|datakey/i;
const ID_BYTES = 20;
const TEXT_MAX = 200;

/** One JSON object a line: time, level, event, fields. */
export function createLogger(options: LoggerOptions): NodeLogger {
  const { level, clock = Date.now, write = (line) => void process.stderr.write(`${line}\n`) } = options;
  const least = LOG_LEVELS.indexOf(level);
  const at =
    (name: LogLevel) =>
    (event: string, fields: LogFields = {}): void => {
      if (LOG_LEVELS.indexOf(name) < least) return;
      const shown = Object.entries(fields).map(([key, value]) => [key, redacted(key, value)] as const);
      write(
        JSON.stringify({ time: new Date(clock()).toISOString(), level: name, event, ...Object.fromEntries(shown) }),
      );
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Bytes are shown only where they can be an address: any other length may be a key, a share or a piece of a record. */
function redacted(key: string, value: LogFields[string]): string | number | boolean | null {
  if (SECRET_NAME.test(key)) return '[redacted]';
  if (value instanceof Uint8Array)
    return value.length === ID_BYTES ? addressText(value as Address) : `[${value.length} bytes]`;
  return typeof value === 'string' && value.length > TEXT_MAX ? `${value.slice(0, TEXT_MAX)}…` : value;
}

const nothing = (): void => {};
export const SILENT_LOGGER: NodeLogger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
