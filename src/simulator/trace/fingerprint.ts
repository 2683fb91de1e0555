import type { Observation, Observer } from '../observation.ts';

/** Bytes that are looked at, from the end: there are the signatures, in which every difference shows. */
const LOOKED_AT_BYTES = 8;

/**
 * Tells runs apart for a few operations an event, where a trace would cost a hash over everything: 64 bits that depend on what
 * happened, to whom, when, and on the ends of every message and vote. It proves nothing; `traceHash` does.
 */
export class Fingerprint {
  #low = 0x811c9dc5;
  #high = 0x9e3779b9;

  readonly observe: Observer = (observation) => {
    this.#mix(observation.atMs >>> 0);
    this.#mix(observation.node);
    this.#text(observation.type);
    this.#content(observation);
  };

  /** 16 hex digits. */
  get value(): string {
    return [this.#high, this.#low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }

  #content(observation: Observation): void {
    switch (observation.type) {
      case 'input':
        this.#text(observation.input.type);
        if ('bytes' in observation.input) this.#bytes(observation.input.bytes);
        break;
      case 'effect':
        this.#text(observation.effect.type);
        if ('bytes' in observation.effect) this.#bytes(observation.effect.bytes);
        if (observation.effect.type === 'sign') this.#bytes(observation.effect.payload.blockHash);
        break;
      case 'engine':
        this.#text(observation.input);
        this.#mix(observation.effects.length);
        break;
      case 'fault':
        this.#text(observation.kind);
        break;
      default:
    }
  }

  #text(text: string): void {
    this.#mix(text.length);
    this.#mix(text.charCodeAt(0) | (text.charCodeAt(text.length - 1) << 8));
  }

  #bytes(bytes: Uint8Array): void {
    this.#mix(bytes.length);
    for (let i = Math.max(0, bytes.length - LOOKED_AT_BYTES); i < bytes.length; i++) this.#mix(bytes[i] as number);
  }

  /** Two multiplicative hashes with different odd factors. */
  #mix(value: number): void {
    this.#low = Math.imul(this.#low ^ value, 0x01000193);
    const high = Math.imul(this.#high + value, 0x85ebca6b);
    this.#high = high ^ (high >>> 15);
  }
}
