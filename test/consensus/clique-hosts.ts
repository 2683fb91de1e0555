import type { Hash, Height } from '../../src/base/brand.ts';
import { decode } from '../../src/base/canonical.ts';
import type { CliqueState } from '../../src/consensus/clique/index.ts';
import type { Certificate } from '../../src/consensus/engine.ts';
import { type Member, sha256 } from './fakes.ts';

/** Chances are per message or per effect, times in virtual milliseconds. */
export interface Faults {
  readonly drop: number;
  readonly duplicate: number;
  readonly latencyMaxMs: number;
  readonly crash: number;
}
export const QUIET: Faults = { drop: 0, duplicate: 0, latencyMaxMs: 20, crash: 0 };

export interface ToyBlock {
  readonly height: number;
  readonly parentHash: Uint8Array;
  readonly proposer: Uint8Array;
  readonly timeMs: number;
  readonly random: number;
}
export const readBlock = (bytes: Uint8Array): ToyBlock | undefined => {
  const value = decode(bytes, 1_000);
  return value.ok ? (value.value as ToyBlock) : undefined;
};

export interface Final {
  readonly height: Height;
  readonly blockHash: Hash;
  readonly block: Uint8Array;
  readonly certificate: Certificate;
}
/** `disk` survives a crash, the rest does not. */
export interface Host {
  readonly name: string;
  readonly member: Member;
  readonly disk: { signingState: Uint8Array | null; readonly chain: Final[] };
  state: CliqueState;
  life: number;
  alive: boolean;
  halted: boolean;
  /** Blocks executed since the start of this life, by hash. */
  executed: Map<string, ToyBlock>;
  committing: Final[];
  paced: string;
}
export interface ClusterOptions {
  readonly n: number;
  readonly seed: number;
  readonly faults?: Faults;
  /** The first member runs twice under one key: it seals twice. */
  readonly twins?: boolean;
  readonly depth?: number;
  readonly intervalMs?: number;
  /** Members of the set above these heights, as positions in validator order. At first all are. */
  readonly sets?: ReadonlyMap<number, readonly number[]>;
  readonly genesisMembers?: readonly number[];
}

export const GENESIS = sha256(new Uint8Array([7]));
export const CLOCK_AHEAD_MS = 100;
export const CLOCK_BEHIND_MS = 1_000;
