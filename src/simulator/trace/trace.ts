import { sha256 } from '@noble/hashes/sha2.js';
import { assert } from '../../base/assert.ts';
import { toHex } from '../../base/bytes.ts';
import type { Observation, Observer, World } from '../observation.ts';
import { headLine, lineOf } from './lines.ts';
import type { Plain } from './plain.ts';

export interface Trace {
  readonly observe: Observer;
  /** Writes the last line. */
  finish(end: { readonly [field: string]: Plain }): void;
  /** SHA-256 over every line with the newline after it, in hex. The same run gives the same hash everywhere. */
  hash(): string;
  readonly lines: number;
}

/**
 * A run as JSON lines (docs/specification/trace.md), given to `write` one at a time, each with its newline. `run` says which run it is;
 * it stands in the head line.
 */
export function createTrace(run: { readonly [field: string]: Plain }, write: (line: string) => void = () => {}): Trace {
  const digest = sha256.create();
  const encoder = new TextEncoder();
  const keys = new Map<number, string | null>();
  /** What struck before the world was there (a hospital that starts late): it is told after the head. */
  const early: Observation[] = [];
  let world: World | null = null;
  let lines = 0;

  const put = (line: object): void => {
    const text = `${JSON.stringify(line)}\n`;
    digest.update(encoder.encode(text));
    lines++;
    write(text);
  };

  const observe = (observation: Observation): void => {
    const { atMs, node } = observation;
    if (observation.type === 'genesis') {
      assert(world === null, 'a run has one genesis');
      world = observation;
      put(headLine(observation, run));
      for (const each of early.splice(0)) observe(each);
      return;
    }
    if (world === null) {
      early.push(observation);
      return;
    }
    if (observation.type === 'started')
      keys.set(node, observation.publicKey === null ? null : toHex(observation.publicKey));
    const { event, ...fields } = lineOf(observation, world, keys.get(node) ?? null);
    put({ event, atMs: atMs - world.header.timestampMs, node, ...fields });
  };

  return {
    observe,
    finish: (end) => put({ event: 'end', ...end }),
    hash: () => toHex(digest.clone().digest()),
    get lines() {
      return lines;
    },
  };
}
