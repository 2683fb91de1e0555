/** From each name to those that it needs. Every one of them is a key. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The names in an order in which each comes after all it needs (Kahn's algorithm). Names on a cycle, and those that need one,
 * are not in it; `onCycle` is then a name that needs itself.
 */
export function orderByNeed(graph: Graph): { readonly order: readonly string[]; readonly onCycle: string | undefined } {
  const missing = new Map<string, number>();
  const neededBy = new Map<string, string[]>();
  for (const [name, needs] of graph) {
    missing.set(name, needs.size);
    for (const need of needs) {
      const dependents = neededBy.get(need);
      if (dependents === undefined) neededBy.set(need, [name]);
      else dependents.push(name);
    }
  }
  const order = [...graph.keys()].filter((name) => missing.get(name) === 0);
  // The list grows while it is read: whatever becomes ready is appended.
  for (const name of order)
    for (const dependent of neededBy.get(name) ?? []) {
      const left = (missing.get(dependent) as number) - 1;
      missing.set(dependent, left);
      if (left === 0) order.push(dependent);
    }
  return { order, onCycle: order.length === graph.size ? undefined : nameOnCycle(graph, new Set(order)) };
}

/** Whoever is left needs somebody who is left: following that leads onto a cycle. */
function nameOnCycle(graph: Graph, ordered: ReadonlySet<string>): string | undefined {
  const isLeft = (name: string): boolean => !ordered.has(name);
  const passed = new Set<string>();
  let name = [...graph.keys()].find(isLeft);
  while (name !== undefined && !passed.has(name)) {
    passed.add(name);
    name = [...(graph.get(name) ?? [])].find(isLeft);
  }
  return name;
}

/** Every name that a chain of needs leads to; `start` itself only where it is on a cycle. */
export function reachableFrom(start: string, graph: Graph): ReadonlySet<string> {
  const reached = new Set<string>(graph.get(start));
  for (const name of reached) for (const next of graph.get(name) ?? []) reached.add(next);
  return reached;
}
