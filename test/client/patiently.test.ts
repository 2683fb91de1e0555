import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/client/errors.ts';
import { CLIENT_LIMITS } from '../../src/client/limits.ts';
import { patiently } from '../../src/client/patiently.ts';

const early = () => new ApiError(429, 'api-limit.rate', 'Too many.');

describe('a page that is rationed', () => {
  it('is asked for again a while later (pageWaitMs)', async () => {
    const waits: number[] = [];
    let asked = 0;
    const answer = patiently(
      async () => {
        if (++asked < 3) throw early();
        return 'a page';
      },
      async (ms) => void waits.push(ms),
    );
    expect(await answer).toBe('a page');
    expect(waits).toEqual([CLIENT_LIMITS.pageWaitMs, CLIENT_LIMITS.pageWaitMs]);
  });

  it('is given up in the end (pageTriesMax), and at once where it is refused for another reason', async () => {
    const counted = async (error: Error) => {
      let asked = 0;
      const ask = async () => {
        asked++;
        throw error;
      };
      await expect(patiently(ask, async () => {})).rejects.toBe(error);
      return asked;
    };
    expect(await counted(early())).toBe(CLIENT_LIMITS.pageTriesMax);
    expect(await counted(new ApiError(404, 'api-view.nothing-here', 'Nothing.'))).toBe(1);
    expect(await counted(new Error('broken'))).toBe(1);
  });
});
