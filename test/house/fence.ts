import { isNode, lineOf, type SyntaxNode, type Visit, walk } from './sources.ts';

/** Names of what pure code must not know, with the reason. A local variable of the same name is refused too: rename it. */
const FORBIDDEN_NAMES: Readonly<Record<string, string>> = {
  Date: 'a clock; time comes in as a value',
  Promise: 'asynchrony; an effect asks the host',
  setTimeout: 'a timer; the schedule effect asks the host',
  setInterval: 'a timer; the schedule effect asks the host',
  setImmediate: 'a timer',
  queueMicrotask: 'asynchrony',
  performance: 'a clock',
  process: 'the operating system',
  console: 'output',
  fetch: 'the network',
  Buffer: 'Node only',
  TextEncoder: 'a host object; base/bytes.ts has utf8',
  TextDecoder: 'a host object; base/bytes.ts has fromUtf8',
  Intl: 'depends on the locale',
  globalThis: 'the host',
  eval: 'dynamic code',
  WeakRef: 'depends on garbage collection',
  FinalizationRegistry: 'depends on garbage collection',
  SharedArrayBuffer: 'shared between threads',
  Atomics: 'shared between threads',
};

/** Functions of Math that every engine computes to the same bit. `random` is none; nor are sines, powers and logarithms. */
const EXACT_MATH = new Set(['abs', 'ceil', 'clz32', 'floor', 'imul', 'max', 'min', 'round', 'sign', 'sqrt', 'trunc']);

/** Where an identifier is only the name of a member: `block.process`, `{ process: 1 }`, `interface { process(): void }`. */
const isMemberName = ({ node, parent, field }: Visit): boolean => {
  if (parent === undefined || parent.computed === true) return false;
  if (parent.shorthand === true && node.type === 'Identifier') return false;
  return field === 'property' || (field === 'key' && parent.type !== 'TSMappedType');
};

const memberName = (node: SyntaxNode): string | undefined => {
  const { property } = node;
  if (!isNode(property)) return undefined;
  if (node.computed !== true) return String(property.name);
  return property.type === 'Literal' ? String(property.value) : undefined;
};

function objection(visit: Visit): string | undefined {
  const { node, parent, field } = visit;
  switch (node.type) {
    case 'Identifier': {
      if (isMemberName(visit)) return undefined;
      const name = String(node.name);
      if (name === 'Math' && !(parent?.type === 'MemberExpression' && field === 'object'))
        return 'Math: only as Math.name(…)';
      return Object.hasOwn(FORBIDDEN_NAMES, name) ? `${name}: ${FORBIDDEN_NAMES[name]}` : undefined;
    }
    case 'MemberExpression': {
      const name = memberName(node);
      if (name !== undefined && /^toLocale|^localeCompare$/.test(name)) return `${name}: depends on the locale`;
      if (name === 'asyncIterator') return 'asyncIterator: asynchrony';
      const { object } = node;
      const ofMath = isNode(object) && object.type === 'Identifier' && object.name === 'Math';
      const exact = name !== undefined && (EXACT_MATH.has(name) || /^[A-Z]/.test(name));
      return ofMath && !exact ? `Math.${name ?? '[…]'}: not the same everywhere` : undefined;
    }
    case 'AwaitExpression':
      return 'await: asynchrony';
    case 'ForOfStatement':
      return node.await === true ? 'for await: asynchrony' : undefined;
    case 'ImportExpression':
      return 'import(): asynchrony';
    case 'MetaProperty':
      return isNode(node.meta) && node.meta.name === 'import' ? 'import.meta: the host' : undefined;
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration': {
      const from = isNode(node.source) ? String(node.source.value) : '';
      return from.startsWith('node:') ? `${from}: Node only` : undefined;
    }
    default:
      return node.async === true ? 'async: asynchrony' : undefined;
  }
}

/** What a pure file uses that it must not, each as `file:line what: why`. */
export function fenceViolations(path: string, source: string): string[] {
  const found = [];
  for (const visit of walk(path, source)) {
    const why = objection(visit);
    if (why !== undefined) found.push(`${path}:${lineOf(source, visit.node.start)} ${why}`);
  }
  return found;
}
