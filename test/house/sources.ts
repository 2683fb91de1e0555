import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Made by machines, or kept out of the repository by .gitignore. */
const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', '.git', '.carechain', '.bootstrap.lock']);

/** Every file below a folder of the repository, as paths with `/`, sorted. A folder that does not exist has none. */
export function filesBelow(folder: string): string[] {
  const visit = (path: string): string[] =>
    readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
      if (NOT_OURS.has(entry.name) || entry.name.endsWith('.log')) return [];
      const child = join(path, entry.name);
      return entry.isDirectory() ? visit(child) : [relative(ROOT, child).split(sep).join('/')];
    });
  try {
    return visit(join(ROOT, folder)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export const isTypeScript = (path: string): boolean => /\.tsx?$/.test(path);
export const isSource = (path: string): boolean => /\.(ts|tsx|mjs|js)$/.test(path);

export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** A node of an ESTree syntax tree, as far as a walk needs to know it. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly [field: string]: unknown;
}

export const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

export interface Visit {
  readonly node: SyntaxNode;
  readonly parent: SyntaxNode | undefined;
  /** The field of `parent` that holds `node`. */
  readonly field: string;
}

/** The file's syntax tree, depth first, parents before children. Throws on a file that does not parse. */
export function* walk(path: string, source: string): Generator<Visit> {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  yield* below({ node: program as unknown as SyntaxNode, parent: undefined, field: '' });
}

function* below(visit: Visit): Generator<Visit> {
  yield visit;
  for (const [field, value] of Object.entries(visit.node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) yield* below({ node: child, parent: visit.node, field });
    }
  }
}

/** 1-based line of an offset, for messages a person can click on. */
export const lineOf = (source: string, offset: number): number => source.slice(0, offset).split('\n').length;

/** What a file imports, exports from elsewhere, or names in an `import('…')` type, with its line. */
export function importsOf(path: string, source: string): { specifier: string; line: number }[] {
  const found = [];
  for (const { node } of walk(path, source)) {
    if (!/^(Import|ExportNamed|ExportAll|TSImportType)/.test(node.type)) continue;
    const literal = node.source;
    if (isNode(literal) && typeof literal.value === 'string') {
      found.push({ specifier: literal.value, line: lineOf(source, node.start) });
    }
  }
  return found;
}
