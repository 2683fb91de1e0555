import process from 'node:process';
import { type Spread, spreadOf } from '../percentiles.ts';

/** How long each way of deciding is repeated: first all requests in turn, until the compiler is done, then each alone. */
export interface Pace {
  readonly warmUpMs: number;
  /** For each request. */
  readonly measureMs: number;
}

/** User CPU time of this process, in microseconds: on a machine that does other work too it stays what it is. */
const userMicroseconds = (): number => process.cpuUsage().user;

/** Microseconds of user CPU for one decision, over the requests. Each request counts once, however often it was repeated. */
export function measureDeciding<Request>(
  requests: readonly Request[],
  decide: (request: Request) => unknown,
  { warmUpMs, measureMs }: Pace,
): Spread {
  repeatFor(warmUpMs, () => {
    for (const request of requests) decide(request);
  });
  const spread = spreadOf(requests.map((request) => repeatFor(measureMs, () => decide(request))));
  if (spread === null) throw new RangeError('there is nothing to decide');
  return spread;
}

/** Twice as many calls each time, so that reading the clock is next to nothing of it. */
function repeatFor(ms: number, call: () => void): number {
  const begin = userMicroseconds();
  let calls = 0;
  for (let next = 1; ; next *= 2) {
    for (let i = 0; i < next; i++) call();
    calls += next;
    const spent = userMicroseconds() - begin;
    if (spent >= ms * 1_000) return spent / calls;
  }
}
