import type { Hash } from '../../base/brand.ts';
import { equal, utf8 } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import * as shape from '../../base/shape.ts';
import type { StateView } from '../../ledger/chain.ts';
import type { StateReader } from '../../ledger/state/table.ts';
import type { TreeCode } from '../../ledger/tree/codes.ts';
import { proveKey, stateProofShape, verifyStateProof } from '../../ledger/tree/prove.ts';
import type { StateProof } from '../../ledger/tree/types.ts';
import type { OfflineCode } from './codes.ts';
import { PROOF_LIMITS } from './limits.ts';

/** One row of the state with its proof, or the proof that there is none. */
export interface WitnessRow {
  readonly key: string;
  readonly value: Uint8Array | null;
  readonly proof: StateProof;
}

export const witnessRowShape: shape.Shape<WitnessRow> = shape.struct({
  key: shape.text(PROOF_LIMITS.keyUnitsMax),
  value: shape.nullable(shape.bytes(0, PROOF_LIMITS.valueBytesMax)),
  proof: stateProofShape,
});

/** A state that remembers what was asked of it: a check run over it tells which rows its proof needs. */
export class RecordingState implements StateReader {
  readonly keys = new Set<string>();
  readonly #below: StateReader;

  constructor(below: StateReader) {
    this.#below = below;
  }

  get(key: string): Uint8Array | undefined {
    this.keys.add(key);
    return this.#below.get(key);
  }
}

export function proveRows(
  primitives: Primitives,
  view: StateView,
  keys: Iterable<string>,
): Result<readonly WitnessRow[], TreeCode> {
  const rows: WitnessRow[] = [];
  for (const key of keys) {
    const proof = proveKey(view.tree, view.root, primitives.hash(utf8(key)));
    if (!proof.ok) return proof;
    rows.push({ key, value: view.get(key) ?? null, proof: proof.value });
  }
  return ok(rows);
}

/** A state of which only the proven rows are known. What else is asked of it is noted: an answer that needed it is none. */
export class Witness implements StateReader {
  readonly missing = new Set<string>();
  readonly #shown: readonly WitnessRow[];
  readonly #asked = new Set<string>();
  readonly #rows: ReadonlyMap<string, Uint8Array | null>;

  constructor(rows: readonly WitnessRow[]) {
    this.#shown = rows;
    this.#rows = new Map(rows.map(({ key, value }) => [key, value] as const));
  }

  get(key: string): Uint8Array | undefined {
    const value = this.#rows.get(key);
    this.#asked.add(key);
    if (value === undefined) this.missing.add(key);
    return value ?? undefined;
  }

  /** The first row that no answer needed, or that is shown twice; −1 where there is none. A proof tells no more than it says. */
  superfluous(): number {
    const keys = this.#shown.map(({ key }) => key);
    return keys.findIndex((key, index) => !this.#asked.has(key) || keys.indexOf(key) < index);
  }
}

/** That this row, or its absence, is what the state with this root holds. */
export function checkRow(
  primitives: Primitives,
  stateRoot: Hash,
  { key, value, proof }: WitnessRow,
): Result<null, OfflineCode | TreeCode> {
  const proven = verifyStateProof(primitives, stateRoot, primitives.hash(utf8(key)), proof);
  if (!proven.ok) return proven;
  const shown =
    'absent' in proven.value ? value === null : value !== null && equal(primitives.hash(value), proven.value.present);
  return shown ? ok(null) : refuse('offline.value-differs', { key });
}
