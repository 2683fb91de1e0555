import type { AnyEngine } from '../consensus/engines.ts';

/**
 * The same engine, which decodes the bytes of one broadcast once and not once for each that hears it. Decoding is a function of the bytes,
 * and nobody changes a message: a run is the same with it and without it.
 */
export function memoised(engine: AnyEngine): AnyEngine {
  const decoded = new WeakMap<Uint8Array, ReturnType<AnyEngine['decodeMessage']>>();
  return {
    ...engine,
    decodeMessage(bytes) {
      const known = decoded.get(bytes);
      if (known !== undefined) return known;
      const message = engine.decodeMessage(bytes);
      decoded.set(bytes, message);
      return message;
    },
  };
}
