/**
 * A table with its margins as a flow: a node for each row and each column, those of the sums included, and an arc for each entry. Every row and
 * every column adds up, so what goes into a node comes out of it; whoever knows some entries knows the flow on their arcs. What he can find
 * out of the others is what flow can still move: an entry can be d higher if d units get from its end back to its start
 * (network flow for cell suppression: Cox 1995; Fischetti and Salazar 2001).
 */
export interface Arc {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

/** Arcs of the whole table, sums included: [row][column], where the last row and column are the sums. */
export function arcsOf(full: readonly (readonly number[])[]): readonly Arc[] {
  const rows = full.length;
  const columns = full[0]?.length ?? 0;
  return full.flatMap((line, row) =>
    line.map((value, column) => {
      // A sum flows the other way than what it sums.
      const isReversed = (row === rows - 1) !== (column === columns - 1);
      const [a, b] = [row, rows + column];
      return isReversed ? { from: b, to: a, value } : { from: a, to: b, value };
    }),
  );
}

interface Step {
  readonly arc: number;
  readonly raises: boolean;
  readonly previous: number;
}

/**
 * Moves entry `target` up or down by `units` without changing what is known, and gives the entries on the way. An entry rises without bound and
 * falls to 0; using a published one costs what publishing it is worth. Null where the flow cannot move so far.
 */
export function entriesToMove(
  arcs: readonly Arc[],
  costOf: (arc: number) => number,
  target: number,
  units: number,
  raises: boolean,
): ReadonlySet<number> | null {
  const entry = arcs[target];
  if (entry === undefined) return null;
  const used = new Set<number>();
  const moved = new Array<number>(arcs.length).fill(0);
  const [start, end] = raises ? [entry.to, entry.from] : [entry.from, entry.to];
  for (let left = units; left > 0; ) {
    const steps = cheapestWay(arcs, (arc) => (used.has(arc) ? 0 : costOf(arc)), moved, target, start, end);
    if (steps === null) return null;
    const most = Math.min(
      left,
      ...steps.filter(({ raises }) => !raises).map(({ arc }) => (arcs[arc]?.value ?? 0) + (moved[arc] ?? 0)),
    );
    for (const { arc, raises } of steps) {
      moved[arc] = (moved[arc] ?? 0) + (raises ? most : -most);
      used.add(arc);
    }
    left -= most;
  }
  return used;
}

/** Bellman and Ford: the graph is small, and costs are never negative. */
function cheapestWay(
  arcs: readonly Arc[],
  costOf: (arc: number) => number,
  moved: readonly number[],
  target: number,
  start: number,
  end: number,
): readonly Step[] | null {
  const cost = new Map<number, number>([[start, 0]]);
  const reached = new Map<number, Step>();
  for (let changed = true; changed; ) {
    changed = false;
    for (const [arc, { from, to, value }] of arcs.entries()) {
      if (arc === target) continue;
      const price = costOf(arc);
      const relax = (a: number, b: number, raises: boolean): void => {
        const through = (cost.get(a) ?? Number.POSITIVE_INFINITY) + price;
        if (through >= (cost.get(b) ?? Number.POSITIVE_INFINITY)) return;
        cost.set(b, through);
        reached.set(b, { arc, raises, previous: a });
        changed = true;
      };
      relax(from, to, true);
      if (value + (moved[arc] ?? 0) > 0) relax(to, from, false);
    }
  }
  return reached.has(end) ? stepsTo(reached, start, end) : null;
}

function stepsTo(reached: ReadonlyMap<number, Step>, start: number, end: number): readonly Step[] {
  const steps: Step[] = [];
  for (let node = end; node !== start; ) {
    const step = reached.get(node);
    if (step === undefined) break;
    steps.push(step);
    node = step.previous;
  }
  return steps;
}
