import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { ALLOWED_IMPORTS } from './allowed-imports.ts';
import { importsOf } from './sources.ts';

/** The row of the table a file belongs to: its folder of `src/`, or `bin` or `web`. */
export function folderOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  return top === 'src' ? second : top;
}

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const isBuiltin = (specifier: string): boolean =>
  specifier.startsWith('node:') || builtinModules.includes(specifier.split('/')[0] ?? '');

/** Why a file may not import what it imports, one sentence each; empty when it keeps the table. */
export function importViolations(path: string, source: string): string[] {
  const folder = folderOf(path);
  const rule = ALLOWED_IMPORTS[folder];
  if (rule === undefined) return [`${path}: allowed-imports.ts has no row for "${folder}"`];

  const objection = (specifier: string): string | undefined => {
    if (specifier.startsWith('.')) {
      const target = posix.join(posix.dirname(path), specifier);
      const other = folderOf(target);
      if (!(target.startsWith('src/') || other === folder)) return 'lies outside src/';
      const allowed =
        other === folder || rule.folders.includes(other) || rule.folders.includes(target.slice('src/'.length));
      return allowed ? undefined : `"${folder}" may not import "${other}"`;
    }
    if (isBuiltin(specifier)) return rule.nodeBuiltins ? undefined : `"${folder}" may import no Node built-in`;
    if (rule.packages === 'any' || rule.packages.includes(packageOf(specifier))) return undefined;
    return `"${folder}" may not import this package`;
  };

  return importsOf(path, source).flatMap(({ specifier, line }) => {
    const why = objection(specifier);
    return why === undefined ? [] : [`${path}:${line} imports ${specifier}: ${why}`];
  });
}
