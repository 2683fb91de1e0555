/**
 * js-libp2p 3 calls `Promise.withResolvers` (ECMAScript 2024), which Node 20 lacks: without this, the first muxer ping crashes
 * with "Promise.withResolvers is not a function". Every file that imports a libp2p module imports this one first.
 */
interface Resolvers {
  readonly promise: Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** The specification's own definition (ECMA-262, 27.2.4.9), for the intrinsic `Promise` and its subclasses. */
export function withResolvers(this: PromiseConstructor): Resolvers {
  let resolve: Resolvers['resolve'] = () => {};
  let reject: Resolvers['reject'] = () => {};
  const promise = new this<unknown>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

if (!('withResolvers' in Promise))
  Object.defineProperty(Promise, 'withResolvers', { value: withResolvers, writable: true, configurable: true });
