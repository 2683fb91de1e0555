import { VM_LIMITS } from '../limits.ts';
import { orderByNeed } from './graph.ts';
import type { DeclaredNames } from './names.ts';
import type { Problems } from './problems.ts';
import type { AttributeType, RecordType, SchemaType } from './schema.ts';
import type { WrittenName, WrittenRecord, WrittenType } from './written.ts';

/** A type with what it would take to spell it out: common types share what they hold, so few words can mean a huge type. */
export interface Measured<T extends SchemaType = SchemaType> {
  readonly type: T;
  readonly depth: number;
  readonly nodes: number;
}

const NOTHING: Measured<RecordType> = { type: { kind: 'record', attributes: new Map() }, depth: 0, nodes: 1 };
/** Stands for what could not be resolved; a schema with a problem is never given out. */
const UNRESOLVED: Measured = { type: { kind: 'bool' }, depth: 0, nodes: 1 };

/** Replaces names of types by what they mean. */
export class TypeResolver {
  readonly #names: DeclaredNames;
  readonly #problems: Problems;
  readonly #common = new Map<string, Measured>();

  constructor(names: DeclaredNames, problems: Problems) {
    this.#names = names;
    this.#problems = problems;
    this.#resolveCommonTypes();
  }

  /** Those that a type needs come before it, so no name is followed twice. */
  #resolveCommonTypes(): void {
    const { commonTypes } = this.#names;
    const needs = new Map<string, Set<string>>();
    for (const [name, { written, namespace }] of commonTypes) {
      const meanings = namesIn(written).map((part) => this.#names.meaningOf(part, namespace));
      needs.set(name, new Set(meanings.flatMap((meaning) => (meaning?.kind === 'common' ? [meaning.name] : []))));
    }
    const { order, onCycle } = orderByNeed(needs);
    if (onCycle !== undefined)
      this.#problems.add('vm-schema.type-cycle', commonTypes.get(onCycle)?.at ?? 0, { name: onCycle });
    for (const name of order) {
      const common = commonTypes.get(name);
      if (common !== undefined) this.#common.set(name, this.resolve(common.written, common.namespace));
    }
  }

  /** The written type nests at most `schemaTypeDepthMax` deep: the parser saw to that. */
  resolve(written: WrittenType, namespace: string): Measured {
    const resolved = this.#resolveKind(written, namespace);
    if (resolved.depth <= VM_LIMITS.schemaTypeDepthMax) return resolved;
    this.#problems.add('vm-schema.too-deep', written.at);
    return UNRESOLVED;
  }

  #resolveKind(written: WrittenType, namespace: string): Measured {
    if (written.kind === 'record') return this.record(written, namespace);
    if (written.kind === 'name') return this.#named(written, namespace, 'any');
    const { type: element, depth, nodes } = this.resolve(written.element, namespace);
    return { type: { kind: 'set', element }, depth: depth + 1, nodes: nodes + 1 };
  }

  #named({ name, at }: WrittenName, namespace: string, sought: 'any' | 'common'): Measured {
    const meaning = this.#names.meaningOf(name, namespace, sought);
    if (meaning?.kind === 'built-in') return { type: meaning.type, depth: 0, nodes: 1 };
    if (meaning?.kind === 'entity') return { type: { kind: 'entity', type: meaning.name }, depth: 0, nodes: 1 };
    if (meaning?.kind === 'common') return this.#common.get(meaning.name) ?? UNRESOLVED;
    this.#problems.addUnknownType(at, name, () => this.#names.suggestionFor(name, namespace, sought));
    return UNRESOLVED;
  }

  record(written: WrittenRecord, namespace: string): Measured<RecordType> {
    const attributes = new Map<string, AttributeType>();
    let [depth, nodes] = [0, 1];
    for (const [name, { type, required }] of written.attributes) {
      const resolved = this.resolve(type, namespace);
      attributes.set(name, { type: resolved.type, required });
      depth = Math.max(depth, resolved.depth + 1);
      nodes += resolved.nodes;
    }
    return { type: { kind: 'record', attributes }, depth, nodes };
  }

  /** A context: nothing, a record, or the name of a common type that is one. */
  context(written: WrittenType | undefined, namespace: string): Measured<RecordType> {
    if (written?.kind === 'record') return this.record(written, namespace);
    if (written?.kind !== 'name') return NOTHING;
    const named = this.#named(written, namespace, 'common');
    if (isRecord(named)) return named;
    if (named !== UNRESOLVED) this.#problems.add('vm-schema.not-a-record', written.at, { name: written.name });
    return NOTHING;
  }
}

const isRecord = (measured: Measured): measured is Measured<RecordType> => measured.type.kind === 'record';

/** Every name in a written type. It keeps its own stack: order does not matter. */
function namesIn(root: WrittenType): readonly string[] {
  const names: string[] = [];
  const waiting = [root];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.kind === 'name') names.push(next.name);
    else if (next.kind === 'set') waiting.push(next.element);
    else for (const { type } of next.attributes.values()) waiting.push(type);
  }
  return names;
}
