import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PLANTED_BUGS } from '../../../simulator/bugs/index.ts';

/** Of this program's own clone: seen from the compiled command. */
const SEEDS_FILE = new URL('../../../../../src/simulator/bugs/seeds.ts', import.meta.url);
const OPENING = 'export const SEEDS: Readonly<Record<string, number>> = {\n';
const ENTRY = /^ {2}'?([\w-]+)'?: (\d+),$/gm;

interface Found {
  readonly name: string;
  readonly seed: number | null;
}

/** Puts the seeds that were found in the place of those kept, and leaves the others as they are. The next build takes them up. */
export async function writeSeeds(found: readonly Found[], say: (line: string) => void): Promise<void> {
  const path = fileURLToPath(SEEDS_FILE);
  const text = withSeeds(await readFile(path, 'utf8'), found);
  await writeFile(path, text);
  say(`seeds kept in ${path}: build to take them up`);
}

/** The file with these seeds, in the bank's order, and with none of a bug that is not in it. */
export function withSeeds(text: string, found: readonly Found[]): string {
  const seeds = new Map([...text.matchAll(ENTRY)].map(([, name = '', seed]) => [name, Number(seed)]));
  for (const { name, seed } of found) if (seed !== null) seeds.set(name, seed);
  const lines = PLANTED_BUGS.flatMap(({ name }) => {
    const seed = seeds.get(name);
    return seed === undefined ? [] : [`  ${/^\w+$/.test(name) ? name : `'${name}'`}: ${seed},\n`];
  });
  return `${text.slice(0, text.indexOf(OPENING))}${OPENING}${lines.join('')}};\n`;
}
