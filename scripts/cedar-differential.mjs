// Puts random policies, entities and requests to our rule engine and to the official one, and prints where they part.
//   node scripts/cedar-differential.mjs --cases 20000 --first-seed 1 --json
// The official engine is a development dependency: this runs from source, and needs no build.
import { register } from 'tsx/esm/api';
import { bootstrapOrExit } from './bootstrap.mjs';
import { inRoot } from './lib/paths.mjs';

await bootstrapOrExit({ build: false });
register();
await import(inRoot('test', 'vm', 'differential', 'main.ts'));
