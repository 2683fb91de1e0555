import { ApiError, ClientError } from '../client/errors.ts';
import { EXIT } from './exit-codes.ts';
import { CommandError } from './output.ts';

/** What a hospital's API refuses is *violated*; where nothing answers, or no block came in time, is *unknown*. */
export function asCommandError(error: unknown): unknown {
  if (error instanceof ApiError)
    return new CommandError(error.code, error.message, { exitCode: EXIT.violated, detail: error.detail, cause: error });
  if (error instanceof ClientError)
    return new CommandError(error.code, error.message, { exitCode: EXIT.unknown, cause: error });
  return error;
}
