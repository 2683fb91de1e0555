// What each operation of Umbral costs here, in microseconds of CPU time, with libsecp256k1 and with @noble.
//   node scripts/umbral-costs.mjs
import { register } from 'tsx/esm/api';
import { bootstrapOrExit } from './bootstrap.mjs';
import { inRoot } from './lib/paths.mjs';

await bootstrapOrExit({ build: false });
register();
await import(inRoot('test', 'crypto', 'umbral', 'campaign', 'costs.ts'));
