import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiTap } from '../api/tap.ts';
import { toHex } from '../base/bytes.ts';
import type { Tap } from '../network/tap.ts';

/** Streams that one recording may have: routes and peers are few. */
const STREAMS_MAX = 4_096;

/**
 * Writes all application traffic of one node, above encryption, into a folder: `api/` and `peers/`, a file for each direction of each
 * route, and of each peer and protocol, the bytes one after another with nothing between them. For searches, never for production.
 */
export class Recording {
  readonly #folder: string;
  readonly #files = new Map<string, number>();

  constructor(folder: string) {
    this.#folder = folder;
    for (const name of ['api', 'peers']) mkdirSync(join(folder, name), { recursive: true });
  }

  readonly api: ApiTap = ({ direction, route, bytes }) => this.#write('api', `${route}.${direction}`, bytes);

  readonly network: Tap = ({ direction, peer, protocol, bytes }) => {
    const name = protocol
      .split('/')
      .filter((part) => part !== '')
      .slice(2)
      .join('-');
    this.#write('peers', `${peer === null ? 'all' : toHex(peer)}.${name}.${direction}`, bytes);
  };

  close(): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
  }

  /** Synchronous: what was on the wire is in the file, even if the process is killed next. */
  #write(kind: 'api' | 'peers', stream: string, bytes: Uint8Array): void {
    const path = join(this.#folder, kind, fileNameOf(stream));
    let file = this.#files.get(path);
    if (file === undefined) {
      if (this.#files.size >= STREAMS_MAX) throw new RangeError('a recording has too many streams');
      file = openSync(path, 'a', 0o600);
      this.#files.set(path, file);
    }
    writeSync(file, bytes);
  }
}

/** Letters, digits, dots and dashes; the rest of a route or protocol becomes an underscore. */
const fileNameOf = (stream: string): string => stream.replace(/[^\w.-]+/g, '_').slice(0, 200);
