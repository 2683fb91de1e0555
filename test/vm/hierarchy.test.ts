import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entity, record } from '../../src/vm/index.ts';
import { ALICE, decide, type EntityData, judged, reader } from './support.ts';

const node = (i: number) => entity('Node', String(i));

/** Is `to` reachable? Computed by growing the closure until nothing is new. */
function reachable(edges: readonly (readonly [number, number])[], from: number): Set<number> {
  const found = new Set([from]);
  for (let size = 0; size < found.size; ) {
    size = found.size;
    for (const [child, parent] of edges) if (found.has(child)) found.add(parent);
  }
  return found;
}

const graph = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 20 });

function nodes(edges: readonly (readonly [number, number])[]): Record<string, EntityData> {
  const data: Record<string, EntityData> = {};
  for (let i = 0; i < 8; i++)
    data[`Node::${i}`] = { parents: edges.filter(([child]) => child === i).map(([, parent]) => node(parent)) };
  return data;
}

describe('`in`', () => {
  it('is reachability over parents, cycles or not', () => {
    fc.assert(
      fc.property(graph, fc.nat(7), fc.nat(7), (edges, from, to) => {
        const context = record({ from: node(from), to: node(to) });
        const said = judged('context.from in context.to', { entities: reader(nodes(edges)), context });
        expect(said).toBe(String(reachable(edges, from).has(to)));
      }),
    );
  });

  it('costs the same in whatever order parents are stored', () => {
    fc.assert(
      fc.property(graph, fc.nat(7), fc.nat(7), (edges, from, to) => {
        const context = record({ from: node(from), to: node(to) });
        const policy = 'permit(principal, action, resource) when { context.from in context.to };';
        const gas = [edges, [...edges].reverse()].map(
          (order) => decide(policy, { entities: reader(nodes(order)), context }).gasUsed,
        );
        expect(gas[0]).toBe(gas[1]);
      }),
    );
  });

  it('reads no entity to find one in itself', () => {
    const entities = reader({});
    expect(judged('principal in User::"alice"', { entities })).toBe('true');
    expect(entities.reads).toEqual([]);
  });
});

describe('entities', () => {
  it('are read only where a policy names them, and once a decision', () => {
    const entities = reader({
      'User::alice': { parents: [entity('Team', 't')], attributes: { age: 1n, self: ALICE } },
    });
    const policies = `
      permit(principal == User::"bob", action, resource) when { resource.owner == principal };
      permit(principal is User, action, resource) when { principal.self.age == 1 && principal.age == 1 };
      permit(principal in Team::"t", action, resource);`;
    expect(decide(policies, { entities }).allowed).toBe(true);
    expect(entities.reads).toEqual(['User::alice']);
  });
});
