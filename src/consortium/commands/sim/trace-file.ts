import { closeSync, openSync, writeSync } from 'node:fs';

const BUFFER_CHARACTERS = 1_000_000;

export interface TraceFile {
  write(line: string): void;
  close(): void;
}

/** Lines to a file, in large pieces. A run leaves no time between its events, so it is written at once. */
export function openTraceFile(path: string): TraceFile {
  const file = openSync(path, 'w');
  let waiting = '';
  const flush = (): void => {
    for (let bytes = Buffer.from(waiting); bytes.length > 0; ) bytes = bytes.subarray(writeSync(file, bytes));
    waiting = '';
  };
  return {
    write(line) {
      waiting += line;
      if (waiting.length >= BUFFER_CHARACTERS) flush();
    },
    close() {
      flush();
      closeSync(file);
    },
  };
}
