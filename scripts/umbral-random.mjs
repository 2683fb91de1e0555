// Random grants, capsules and re-encryptions, each altered once; a part of them beside @nucypher/umbral-pre.
//   node scripts/umbral-random.mjs --reencryptions 10000 --first-seed random --json
// The judge is a development dependency: this runs from source, and needs no build.
import { register } from 'tsx/esm/api';
import { bootstrapOrExit } from './bootstrap.mjs';
import { inRoot } from './lib/paths.mjs';

await bootstrapOrExit({ build: false });
register();
await import(inRoot('test', 'crypto', 'umbral', 'campaign', 'main.ts'));
