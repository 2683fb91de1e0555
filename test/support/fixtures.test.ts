import { afterEach, describe, expect, it, vi } from 'vitest';
import { fixturesFolder } from './fixtures.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the folder of public data', () => {
  it('is the one that CARECHAIN_FIXTURES names', () => {
    vi.stubEnv('CARECHAIN_FIXTURES', 'somewhere');
    expect(fixturesFolder()).toBe('somewhere');
  });

  it('may be missing, so that a test skips', () => {
    vi.stubEnv('CARECHAIN_FIXTURES', '');
    vi.stubEnv('CARECHAIN_REQUIRE_FIXTURES', '');
    expect(fixturesFolder()).toBeUndefined();
  });

  it('must be there where it is required', () => {
    vi.stubEnv('CARECHAIN_FIXTURES', '');
    vi.stubEnv('CARECHAIN_REQUIRE_FIXTURES', '1');
    expect(fixturesFolder).toThrow('CARECHAIN_FIXTURES');
  });
});
