import type { Spread } from '../percentiles.ts';
import type { Phase } from './chain-costs.ts';

/** What the devices' process is told. Hospitals are numbered from 1. */
export interface DevicesPlan {
  readonly genesisText: string;
  readonly apis: readonly string[];
  readonly folders: readonly string[];
  /** Doctors that read at the same time, each from a device of its own, spread over the hospitals. */
  readonly readers: number;
  /** Records that each patient has. */
  readonly records: number;
  /** Of each record's plaintext. */
  readonly plaintextBytes: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** One device's read, from the wish to the opened record: where the time went. The parts add up. */
export interface ReadStages {
  /** Signed and in a hospital's pool. */
  readonly submit: number;
  /** Until the hospital answers with the receipt: the wait for the block, and for the next question. */
  readonly block: number;
  /** The read and the record proven, the envelope fetched and verified. */
  readonly proof: number;
  /** Shares of all holders gathered, the grant and keys proven, shares verified and combined. */
  readonly shares: number;
  /** The ciphertext streamed, its content id computed, the record opened. */
  readonly content: number;
}
export const STAGES = ['submit', 'block', 'proof', 'shares', 'content'] as const satisfies (keyof ReadStages)[];

export interface ReadsMeasured {
  readonly reads: number;
  readonly seconds: number;
  readonly latencyMs: Spread;
  /** Means over all reads, ms. */
  readonly stagesMs: ReadStages;
  readonly httpRequests: number;
  /** Heads as the device writes them, and bodies; fetch adds some 150 bytes to each head. Of each read. */
  readonly httpSentBytes: number;
  readonly httpReceivedBytes: number;
  readonly httpRequestsByCall: Readonly<Record<string, number>>;
  /** Of the process of all devices, user and system. */
  readonly deviceCpuMicroseconds: number;
  readonly refusals: Readonly<Record<string, number>>;
}

/** What it tells. */
export type DevicesMessage =
  /** The window of the reads opens, closes: time to note what else is measured. */
  | { readonly type: 'opened' | 'closed' }
  | {
      readonly type: 'done';
      readonly phases: Readonly<Record<'record' | 'grant' | 'read', Phase>>;
      readonly measured: ReadsMeasured;
    }
  | { readonly type: 'failed'; readonly message: string };
