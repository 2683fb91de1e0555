import type { Address, Height, Round } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { decodeEvidence, type Evidence, evidenceId, offenceTypeOf } from '../consensus/evidence.ts';
import { decodeBlock } from '../ledger/block.ts';
import type { StateReader } from '../ledger/state/table.ts';
import { type EvidenceBook, evidenceBooks, evidenceOrder, evidenceRows } from '../ledger/state/tables.ts';
import { API_LIMITS } from './limits.ts';
import type { NodeService } from './service.ts';

/** A double vote that a final block shows. */
export interface Offence {
  readonly validator: Address;
  /** The type of the two votes, or that it both nullified and finalised one view. */
  readonly type: string;
  /** Of the votes; the newer one where a simplex view has two. */
  readonly height: number;
  readonly round: Round;
  /** Of the block that shows it. */
  readonly includedHeight: number;
}

export interface OffenceList {
  /** As many as the state keeps: they expire. */
  readonly total: number;
  /** The newest first, at most `offencesMax`. */
  readonly newest: readonly Offence[];
}

const NONE: OffenceList = { total: 0, newest: [] };

/** The offences that the state keeps, told with the votes of the blocks that show them: the state holds their ids alone. */
export class OffenceReader {
  readonly #service: NodeService;
  /** They change with the book's row alone, which stays the same for months. */
  #read: { readonly book: EvidenceBook; readonly list: OffenceList } | null = null;

  constructor(service: NodeService) {
    this.#service = service;
  }

  async list(state: StateReader): Promise<OffenceList> {
    const book = evidenceBooks.get(state, 'evidence');
    if (book === undefined || book.first === book.next) return NONE;
    const known = this.#read;
    if (known?.book.first === book.first && known.book.next === book.next) return known.list;
    // Before the first wait: a later block may close this state's snapshot.
    const rows = rowsOf(state, book);
    const found: Offence[] = [];
    for (const row of rows) found.push(...(await this.#inBlock(row)));
    const list = { total: book.next - book.first, newest: found };
    this.#read = { book, list };
    return list;
  }

  /** None where this node does not keep the block. */
  async #inBlock({ id, includedHeight }: Row): Promise<readonly Offence[]> {
    const stored = await this.#service.block(includedHeight as Height);
    const block = stored === undefined ? undefined : decodeBlock(stored.block);
    if (!block?.ok) return [];
    for (const bytes of block.value.evidence) {
      const evidence = decodeEvidence(bytes);
      if (evidence.ok && toHex(evidenceId(this.#service.env.primitives, evidence.value)) === id)
        return [faceOf(evidence.value, includedHeight)];
    }
    return [];
  }
}

interface Row {
  readonly id: string;
  readonly includedHeight: number;
}

function rowsOf(state: StateReader, { first, next }: EvidenceBook): readonly Row[] {
  const rows: Row[] = [];
  for (let n = next - 1; n >= first && rows.length < API_LIMITS.offencesMax; n--) {
    const id = toHex(evidenceOrder.get(state, String(n)) ?? new Uint8Array(0));
    rows.push({ id, includedHeight: evidenceRows.get(state, id) ?? 0 });
  }
  return rows;
}

const faceOf = ({ engine, first, second }: Evidence, includedHeight: number): Offence => ({
  validator: first.validator,
  type: offenceTypeOf(engine, first, second) ?? first.type,
  height: Math.max(first.height, second.height),
  round: first.round,
  includedHeight,
});
