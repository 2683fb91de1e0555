import { describe, expect, it } from 'vitest';
import { withResolvers } from '../../src/network/polyfill.ts';

type WithResolvers = { withResolvers(): ReturnType<typeof withResolvers> };

describe('Promise.withResolvers', () => {
  it('is there on every supported Node once the polyfill is imported', async () => {
    const { promise, resolve } = (Promise as unknown as WithResolvers).withResolvers();
    resolve('value');
    expect(await promise).toBe('value');
  });

  it('resolves, rejects, and makes instances of the class it is called on', async () => {
    class Special<T> extends Promise<T> {}
    const first = withResolvers.call(Special);
    expect(first.promise).toBeInstanceOf(Special);
    first.resolve(1);
    expect(await first.promise).toBe(1);
    const second = withResolvers.call(Promise);
    second.reject(new Error('no'));
    await expect(second.promise).rejects.toThrow('no');
  });

  it('is not enumerable, like the built-in', () => {
    expect(Object.keys(Promise)).not.toContain('withResolvers');
  });
});
