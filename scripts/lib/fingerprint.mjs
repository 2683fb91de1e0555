import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** All files below the given files and folders, sorted; what does not exist has none. */
export function filesBelow(paths) {
  const found = [];
  const visit = (path) => {
    const entry = statSync(path, { throwIfNoEntry: false });
    if (entry?.isDirectory()) for (const name of readdirSync(path)) visit(join(path, name));
    else if (entry?.isFile()) found.push(path);
  };
  for (const path of paths) visit(path);
  return found.sort();
}

/** One hash over names and contents: a checkout that only touches times rebuilds nothing. */
export function fingerprint(root, paths) {
  const hash = createHash('sha256');
  for (const path of filesBelow(paths.map((name) => join(root, name)))) {
    const bytes = readFileSync(path);
    hash.update(`${relative(root, path).split(sep).join('/')}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}
