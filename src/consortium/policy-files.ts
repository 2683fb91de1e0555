import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { packageRoot } from './package-root.ts';

const EXTENSION = '.cedar';

/** The shipped constitution: each file of `policies/` under its name, in the order of names. */
export async function readPolicyFiles(
  folder: string = join(packageRoot(), 'policies'),
): Promise<readonly { readonly id: string; readonly text: string }[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(EXTENSION)).sort();
  return Promise.all(
    names.map(async (name) => ({
      id: basename(name, EXTENSION),
      text: await readFile(join(folder, name), 'utf8'),
    })),
  );
}

/** What the policies of a new consortium may name: every one that is deployed later is held to it. */
export const readSchemaFile = (folder: string = join(packageRoot(), 'policies')): Promise<string> =>
  readFile(join(folder, 'carechain.cedarschema'), 'utf8');
