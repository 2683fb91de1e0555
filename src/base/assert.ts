/** A broken invariant: the process must stop rather than guess. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

export function assert(condition: unknown, invariant: string): asserts condition {
  if (!condition) throw new InvariantError(invariant);
}

/** The end of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new InvariantError(`unexpected case: ${String(value)}`);
}
