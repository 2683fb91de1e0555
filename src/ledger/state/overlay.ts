import type { StateReader, StateWriter } from './table.ts';

/**
 * Writes laid over a state that they do not touch: a block over its parent, a transaction over its block. What is dropped
 * leaves no trace; what is kept is merged down.
 */
export class StateOverlay implements StateWriter {
  readonly changes = new Map<string, Uint8Array | null>();
  readonly #below: StateReader;

  constructor(below: StateReader) {
    this.#below = below;
  }

  get(key: string): Uint8Array | undefined {
    const change = this.changes.get(key);
    if (change !== undefined) return change ?? undefined;
    return this.#below.get(key);
  }

  set(key: string, value: Uint8Array | null): void {
    this.changes.set(key, value);
  }

  mergeInto(writer: StateWriter): void {
    for (const [key, value] of this.changes) writer.set(key, value);
  }
}
