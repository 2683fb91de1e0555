import { setTimeout as pause } from 'node:timers/promises';
import type { Consortium } from '../consortium.ts';
import type { Episode, Strike } from './schedule.ts';

/** Starts of one hospital in a row before the run gives it up: another process may hold a port for a moment. */
const STARTS_MAX = 3;
const START_AGAIN_MS = 1_000;

export interface FaultCounts {
  kills: number;
  pauses: number;
  stops: number;
  restarts: number;
  /** Episodes that struck every hospital at once. */
  crashesOfAll: number;
}

/** A process that ended although nobody had asked it to: a node that halted itself, or crashed. */
export interface Halt {
  readonly hospital: number;
  readonly how: string;
  readonly atMs: number;
}

/** Does to the processes of a consortium what a schedule says. */
export class Injector {
  readonly counts: FaultCounts = { kills: 0, pauses: 0, stops: 0, restarts: 0, crashesOfAll: 0 };
  readonly halts: Halt[] = [];
  readonly #consortium: Consortium;
  readonly #say: (line: string) => void;
  readonly #startedMs = performance.now();

  constructor(consortium: Consortium, say: (line: string) => void) {
    this.#consortium = consortium;
    this.#say = say;
    consortium.onExit((hospital, { expected, code, signal }) => {
      if (expected) return;
      this.halts.push({ hospital, how: signal ?? `exit code ${code}`, atMs: this.#nowMs() });
      say(`hospital ${hospital} ended by itself: ${signal ?? `exit code ${code}`}`);
    });
  }

  /** Episode after episode until `deadlineMs` (of `performance.now`). At the end every hospital was started again. */
  async run(schedule: Iterable<Episode>, deadlineMs: number): Promise<void> {
    for (const { quietMs, strikes } of schedule) {
      await pause(Math.min(quietMs, Math.max(0, deadlineMs - performance.now())));
      if (performance.now() >= deadlineMs) return;
      if (strikes.length === this.#consortium.hospitals.length) this.counts.crashesOfAll++;
      this.#say(`${(this.#nowMs() / 1_000).toFixed(1)} s: ${strikes.map(wordsOf).join(', ')}`);
      await Promise.all(strikes.map((strike) => this.#strike(strike)));
    }
  }

  async #strike({ hospital, fault, lastsMs, startCutMs }: Strike): Promise<void> {
    if (fault === 'pause') {
      this.counts.pauses++;
      this.#consortium.pause(hospital);
      await pause(lastsMs);
      this.#consortium.resume(hospital);
      return;
    }
    if (fault === 'stop') {
      this.counts.stops++;
      await this.#consortium.stop(hospital);
    } else await this.#kill(hospital);
    await pause(lastsMs);
    if (fault === 'flap') {
      const starting = this.#consortium.start(hospital).catch(() => {});
      await pause(startCutMs);
      await this.#kill(hospital);
      await starting;
    }
    await this.restart(hospital);
  }

  /** Nothing where it runs already. */
  async restart(hospital: number): Promise<void> {
    for (let attempt = 1; !this.#consortium.isRunning(hospital); attempt++) {
      try {
        await this.#consortium.start(hospital);
        this.counts.restarts++;
      } catch (error) {
        if (attempt === STARTS_MAX) throw error;
        await pause(START_AGAIN_MS);
      }
    }
  }

  async #kill(hospital: number): Promise<void> {
    if (!this.#consortium.isRunning(hospital)) return;
    this.counts.kills++;
    await this.#consortium.kill(hospital);
  }

  #nowMs(): number {
    return Math.round(performance.now() - this.#startedMs);
  }
}

const wordsOf = ({ hospital, fault, lastsMs }: Strike): string => `${fault} ${hospital} for ${lastsMs} ms`;
