/** How often each kind of fault struck a run, and each remedy was needed. */
export class FaultCounts {
  readonly #counts = new Map<string, number>();
  readonly #struck: (node: number, kind: string, detail: string) => void;

  constructor(struck: (node: number, kind: string, detail: string) => void) {
    this.#struck = struck;
  }

  /** `node` is −1 where the fault is nobody's. */
  add(kind: string, node = -1, detail = ''): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    this.#struck(node, kind, detail);
  }

  /** By kind, in the order of names. */
  toRecord(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
