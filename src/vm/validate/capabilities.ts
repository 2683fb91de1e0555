/**
 * What is known to exist where an expression is checked: an attribute, optional or of an entity, or a tag. `e has a` gains one for
 * whatever runs only where it was true: the rest of an `&&`, the `then` of an `if`.
 *
 * It names the expression by its shape (see `Shapes`), not by its place: `e.a` is safe wherever the same `e` is written again.
 */
export type Capability = string;

export const attributeOf = (shape: number, name: string): Capability => `${shape}.${name}`;
export const tagOf = (shape: number, tagShape: number): Capability => `${shape}#${tagShape}`;

export const NONE: readonly Capability[] = [];

/** What holds at the place that is being checked. Entering and leaving cost no more than what they gain. */
export class Known {
  readonly #held = new Map<Capability, number>();

  has(capability: Capability): boolean {
    return this.#held.has(capability);
  }

  enter(gains: readonly Capability[]): void {
    for (const gained of gains) this.#held.set(gained, (this.#held.get(gained) ?? 0) + 1);
  }

  /** Takes back what `enter` was given; what an outer place knows too is kept. */
  leave(gains: readonly Capability[]): void {
    for (const gained of gains) {
      const held = (this.#held.get(gained) ?? 0) - 1;
      if (held > 0) this.#held.set(gained, held);
      else this.#held.delete(gained);
    }
  }
}

export function intersection(a: readonly Capability[], b: readonly Capability[]): readonly Capability[] {
  if (a.length === 0 || b.length === 0) return NONE;
  const kept = new Set(b);
  return a.filter((capability) => kept.has(capability));
}

export const union = (a: readonly Capability[], b: readonly Capability[]): readonly Capability[] =>
  a.length === 0 ? b : b.length === 0 ? a : [...new Set([...a, ...b])];
