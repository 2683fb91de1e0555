import { describe, expect, it } from 'vitest';
import { folderOf } from './import-rules.ts';
import { filesBelow, isSource, isTypeScript, read, walk } from './sources.ts';

const SOURCE_LINES_MAX = 400;
const HEADINGS = ['Owns', 'Does not own', 'May import', 'Read first'];

const sources = ['src', 'bin', 'web', 'scripts', 'test'].flatMap(filesBelow).filter(isSource);
const tests = filesBelow('test').filter((path) => /\.test\.(ts|tsx|mjs)$/.test(path));
const folders = [...new Set(filesBelow('src').filter(isTypeScript).map(folderOf))];

describe('the shape of the house', () => {
  it(`has no source file of more than ${SOURCE_LINES_MAX} lines`, () => {
    expect(sources.filter((path) => read(path).trimEnd().split('\n').length > SOURCE_LINES_MAX)).toEqual([]);
  });

  it.each(folders)(
    'says in src/%s/README.md what the folder owns, does not own, may import, and what to read first',
    (folder) => {
      const path = `src/${folder}/README.md`;
      expect(filesBelow(`src/${folder}`)).toContain(path);
      const text = read(path);
      const missing = HEADINGS.filter(
        (heading) => !new RegExp(`^(#+ |- |\\* )?(\\*\\*)?${heading}\\b`, 'im').test(text),
      );
      expect(missing).toEqual([]);
    },
  );
});

/** `it.only`, `describe.skip`, `test.todo`: a run that looks whole and is not. A condition (`skipIf`) says when it is. */
function focusedOrIdle(path: string, source: string): string[] {
  const found = [];
  for (const { node } of walk(path, source)) {
    if (node.type !== 'MemberExpression') continue;
    const { object, property } = node as unknown as { object: { name?: string }; property: { name?: string } };
    if (!['it', 'test', 'describe'].includes(object.name ?? '')) continue;
    if (['only', 'todo', 'skip'].includes(property.name ?? '')) found.push(`${path}: ${object.name}.${property.name}`);
  }
  return found;
}

describe('the tests', () => {
  it('are all run: none is focused, idle or to be done', () => {
    expect(tests.length).toBeGreaterThan(0);
    expect(tests.flatMap((path) => focusedOrIdle(path, read(path)))).toEqual([]);
  });

  it.each(["it.only('x', f)", "describe.skip('x', f)", "test.todo('x')"])('would notice %s', (source) => {
    expect(focusedOrIdle('a.ts', source)).toHaveLength(1);
  });
});
