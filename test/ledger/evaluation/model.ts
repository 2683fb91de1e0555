/*
 * Alg. 3 and `evaluateOracles` once more, straight from the rules (T-60 to T-66) with big integers and whole histories in place of rows,
 * queues and counters: an independent judge of the ledger's own.
 */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface Step {
  readonly hospital: string;
  readonly atMs: number;
  readonly what: 'answer' | 'undelivered' | 'published';
  /** Its place among all steps of the chain. */
  readonly order: number;
}
export interface ModelRead {
  readonly name: string;
  readonly readMs: number;
  readonly grant: number;
  readonly order: number;
  readonly steps: Step[];
  state: 'open' | 'evaluated' | 'failed';
  ratings: Readonly<Record<string, number>>;
  winner: string | null;
  closedHeight: number | null;
  closedMs: number | null;
}
export interface Terms {
  readonly holders: readonly string[];
  readonly min: number;
  readonly max: number;
  readonly expiresMs: number;
}

export class Model {
  readonly windowMs: number;
  readonly reads: ModelRead[] = [];
  readonly ratings = new Map<string, bigint[]>();
  readonly #grants: Terms[] = [];
  /** The one that stands, and its uses. */
  standing: number | null = null;
  usesLeft: number | null = null;
  #order = 0;
  #lastMs = 0;
  #pair = { sinceMs: Number.NEGATIVE_INFINITY, count: 0 };

  constructor(windowMs: number) {
    this.windowMs = windowMs;
  }

  grant(terms: Terms, uses: number): void {
    this.standing = this.#grants.push(terms) - 1;
    this.usesLeft = uses;
  }

  revoke(): void {
    this.standing = null;
    this.usesLeft = null;
  }

  /** Whether it is allowed. */
  read(name: string, nowMs: number): boolean {
    if (this.standing === null || this.usesLeft === 0 || nowMs >= this.#terms(this.standing).expiresMs) return false;
    this.usesLeft = (this.usesLeft as number) - 1;
    const order = this.#order++;
    const fresh = { name, readMs: nowMs, grant: this.standing, order, steps: [] };
    this.reads.push({ ...fresh, state: 'open', ratings: {}, winner: null, closedHeight: null, closedMs: null });
    return true;
  }

  /** The code of the refusal, or null. */
  answer(name: string, hospital: string, nowMs: number): string | null {
    const read = this.#find(name);
    if (this.forgotten(read)) return 'evaluation.unknown';
    const { holders, max } = this.#terms(read.grant);
    const answers = read.steps.filter(({ what }) => what === 'answer');
    if (!holders.includes(hospital)) return 'evaluation.not-holder';
    if (answers.some((step) => step.hospital === hospital)) return 'evaluation.answered';
    if (!this.#takes(read, nowMs) || nowMs > read.readMs + DAY) return 'evaluation.closed';
    if (answers.length >= Math.min(max, holders.length)) return 'evaluation.full';
    this.#step(read, hospital, nowMs, 'answer');
    return null;
  }

  claim(name: string, hospital: string, nowMs: number): string | null {
    const read = this.#find(name);
    if (this.forgotten(read)) return 'evaluation.unknown';
    if (!this.#takes(read, nowMs)) return 'evaluation.closed';
    const steps = read.steps.filter((step) => step.hospital === hospital);
    if (steps.length === 0) return 'dispute.not-answered';
    if (steps.length > 1) return 'dispute.repeated';
    this.#step(read, hospital, nowMs, 'undelivered');
    return null;
  }

  publish(name: string, hospital: string, nowMs: number): string | null {
    const read = this.#find(name);
    if (this.forgotten(read)) return 'evaluation.unknown';
    if (!this.#takes(read, nowMs)) return 'evaluation.closed';
    const steps = read.steps.filter((step) => step.hospital === hospital);
    if (steps.length === 0) return 'dispute.not-answered';
    if (steps.length !== 2) return 'dispute.not-claimed';
    this.#step(read, hospital, nowMs, 'published');
    return null;
  }

  /** Whether it closed so long ago that the chain has forgotten how. */
  forgotten({ closedMs }: ModelRead): boolean {
    return closedMs !== null && closedMs + 7 * DAY <= this.#lastMs;
  }

  endOfBlock(height: number, nowMs: number): void {
    const due = this.reads
      .filter((read) => read.state === 'open' && this.#closesMs(read) <= nowMs)
      .map((read) => ({ read, turn: this.#turn(read) }))
      .sort((a, b) => a.turn[0] - b.turn[0] || a.turn[1] - b.turn[1]);
    for (const { read } of due) this.#close(read, height, nowMs);
    this.#lastMs = nowMs;
  }

  #terms(grant: number): Terms {
    return this.#grants[grant] as Terms;
  }

  #find(name: string): ModelRead {
    return this.reads.find((read) => read.name === name) as ModelRead;
  }

  #step(read: ModelRead, hospital: string, atMs: number, what: Step['what']): void {
    read.steps.push({ hospital, atMs, what, order: this.#order++ });
  }

  #takes(read: ModelRead, nowMs: number): boolean {
    return read.state === 'open' && nowMs <= this.#closesMs(read);
  }

  /** Step by step: what was said of a share before keeps the last answer from closing the read sooner. */
  #closesMs(read: ModelRead, steps = read.steps): number {
    const { holders, min, max } = this.#terms(read.grant);
    let [closesMs, answers, disputed] = [read.readMs + DAY, 0, false];
    for (const { what, atMs } of steps) {
      const had = answers >= min;
      if (what === 'answer') answers++;
      const full = answers >= Math.min(max, holders.length);
      const hour = what !== 'answer' || full ? 0 : read.readMs + HOUR;
      const before = had && (disputed || what !== 'answer') ? closesMs : 0;
      if (answers >= min) closesMs = Math.max(hour, before, atMs + this.windowMs);
      if (what !== 'answer') disputed = true;
    }
    return closesMs;
  }

  /**
   * Whose turn comes first in a block: who waits for the end of a window, in the order of the steps that opened it; who waits for the
   * hour; who waits for the day. A window that had ended before the last block was looked at then.
   */
  #turn(read: ModelRead): readonly [queue: number, place: number] {
    const opened = read.steps.filter((step, i) => {
      const ends = step.atMs + this.windowMs;
      const closesMs = this.#closesMs(read, read.steps.slice(0, i + 1));
      return closesMs === ends && ends > this.#lastMs && this.#hasEnough(read, i + 1);
    });
    if (opened[0] !== undefined) return [0, opened[0].order];
    return [read.readMs + HOUR > this.#lastMs ? 1 : 2, read.order];
  }

  #hasEnough(read: ModelRead, steps: number): boolean {
    const answers = read.steps.slice(0, steps).filter(({ what }) => what === 'answer').length;
    return answers >= this.#terms(read.grant).min;
  }

  #close(read: ModelRead, height: number, nowMs: number): void {
    const { holders, min, max, expiresMs } = this.#terms(read.grant);
    const answers = read.steps.filter(({ what }) => what === 'answer');
    const stands = this.standing === read.grant;
    const owing = stands && expiresMs > nowMs;
    const silentRated = answers.length < Math.min(max, holders.length) && owing;
    const rated = holders.flatMap((hospital): [string, bigint][] => {
      const answer = answers.find((step) => step.hospital === hospital);
      if (answer === undefined) return silentRated ? [[hospital, 0n]] : [];
      const said = read.steps.filter((step) => step.hospital === hospital).at(-1)?.what;
      if (said === 'undelivered' && !owing) return [];
      return [[hospital, said === 'undelivered' ? 0n : rating(answer.atMs - read.readMs)]];
    });
    const scores = rated.map(
      ([hospital, rating]) => [hospital, rating * (this.reputation(hospital) + 1n) ** 2n] as const,
    );
    const best = scores.map(([, score]) => score).reduce((a, b) => (a > b ? a : b), 0n);
    const winners = scores.filter(([, score]) => score === best).map(([hospital]) => hospital);
    read.state = answers.length >= min ? 'evaluated' : 'failed';
    read.winner = best > 0n && read.state === 'evaluated' ? (winners.sort()[0] ?? null) : null;
    read.ratings = Object.fromEntries(rated.map(([hospital, rating]) => [hospital, Number(rating)]));
    read.closedHeight = height;
    read.closedMs = nowMs;
    if (read.state === 'failed' && stands && this.usesLeft !== null) this.usesLeft++;
    if (rated.length === 0 || !this.#counted(read)) return;
    for (const [hospital, rating] of rated) this.ratings.set(hospital, [...(this.ratings.get(hospital) ?? []), rating]);
  }

  /** One owner and one reader: eight of their reads in a day, counted from the first that was counted. */
  #counted({ readMs }: ModelRead): boolean {
    if (readMs >= this.#pair.sinceMs + DAY) this.#pair = { sinceMs: readMs, count: 0 };
    return this.#pair.count++ < 8;
  }

  reputation(hospital: string): bigint {
    const all = [32_768n, ...(this.ratings.get(hospital) ?? [])];
    return all.reduce((a, b) => a + b) / BigInt(all.length);
  }
}

function rating(latencyMs: number): bigint {
  const seconds = BigInt(latencyMs) / 1_000n;
  const l = seconds < 1n ? 1n : seconds;
  return l > 3_600n ? 0n : 65_535n - (65_534n * (l - 1n)) / 3_599n;
}
