// `npm run --silent carechain -- …` and `npm start`: sets the clone up if need be, then is the command line, in this process.
import { pathToFileURL } from 'node:url';
import { bootstrapOrExit } from './bootstrap.mjs';
import { inRoot } from './lib/paths.mjs';
import { watchAncestors } from './lib/watch-ancestors.mjs';

// npm puts the package's root before us and the caller's folder into INIT_CWD. Only under our own scripts: a test that npm
// runs and that starts this file by itself inherits an INIT_CWD that is not its own.
const belowNpm = ['carechain', 'start'].includes(process.env.npm_lifecycle_event ?? '');
if (belowNpm) watchAncestors();
if (belowNpm && process.env.INIT_CWD !== undefined) process.chdir(process.env.INIT_CWD);
process.env.CARECHAIN_CWD = process.cwd();

await bootstrapOrExit();

const entry = inRoot('dist', 'bin', 'carechain.js');
process.argv[1] = entry;
await import(pathToFileURL(entry).href);
