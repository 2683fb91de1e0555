import { ApiError } from './errors.ts';
import { CLIENT_LIMITS } from './limits.ts';

/** Lists that cost a hospital much are rationed: what is refused as too early is asked for again, a bounded number of times. */
export async function patiently<T>(ask: () => Promise<T>, wait = sleep): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      const early = error instanceof ApiError && error.code === 'api-limit.rate';
      if (!early || tries >= CLIENT_LIMITS.pageTriesMax) throw error;
    }
    await wait(CLIENT_LIMITS.pageWaitMs);
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
