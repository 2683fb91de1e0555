import type { VmCode } from '../codes.ts';
import { VM_LIMITS } from '../limits.ts';
import { positionsIn } from '../syntax/position.ts';

/** One thing that is wrong with a schema. Line and column count from 1, the column in UTF-16 units. */
export interface SchemaProblem {
  readonly code: VmCode;
  readonly line: number;
  readonly column: number;
  /** The name that the problem is about. */
  readonly name?: string;
  /** A declared name that was probably meant. */
  readonly suggestion?: string;
}

type Subject = Pick<SchemaProblem, 'name' | 'suggestion'>;

/** Collects what is wrong with one text: at most `schemaProblemsMax`, told in the order of the text. */
export class Problems {
  readonly #found: { readonly code: VmCode; readonly at: number; readonly subject: Subject }[] = [];

  get isEmpty(): boolean {
    return this.#found.length === 0;
  }

  add(code: VmCode, at: number, subject: Subject = {}): void {
    if (this.#found.length < VM_LIMITS.schemaProblemsMax) this.#found.push({ code, at, subject });
  }

  /** A name that means nothing. `suggest` is asked only where the problem is kept: looking for a near name has its cost. */
  addUnknownType(at: number, name: string, suggest: () => string | undefined): void {
    if (this.#found.length >= VM_LIMITS.schemaProblemsMax) return;
    const suggestion = suggest();
    this.add('vm-schema.unknown-type', at, { name, ...(suggestion !== undefined && { suggestion }) });
  }

  in(text: string): readonly SchemaProblem[] {
    const inOrder = [...this.#found].sort((a, b) => a.at - b.at);
    const positionOf = positionsIn(text);
    return inOrder.map(({ code, at, subject }) => ({ code, ...positionOf(at), ...subject }));
  }
}
