import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/consortium/package-root.ts';
import { NETWORK_CODES } from '../../src/network/codes.ts';
import { NODE_CODES } from '../../src/node/codes.ts';
import { PROTOCOL_CODES } from '../../src/protocol/codes.ts';
import { STORAGE_CODES } from '../../src/storage/codes.ts';

const read = (...path: readonly string[]): string => readFileSync(join(packageRoot(), ...path), 'utf8');
const RUNBOOK = read('docs', 'runbook.md');

it('the runbook names only codes that exist', () => {
  const known = { ...NETWORK_CODES, ...NODE_CODES, ...PROTOCOL_CODES, ...STORAGE_CODES };
  const named = [...RUNBOOK.matchAll(/\b(?:storage|node|node-file|node-keys|signing-state|signing-record)\.[a-z-]+\b/g)]
    .map(([code]) => code)
    .filter((code) => code !== 'node.json');
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((code) => !(code in known))).toEqual([]);
});

it('the runbook names only commands that exist, and says of the one that does not that it does not', () => {
  const program = read('bin', 'carechain.ts');
  const named = new Set(
    [...RUNBOOK.matchAll(/carechain (?!with)([a-z]+(?:-[a-z]+)*)\b/g)].map(([, name]) => name as string),
  );
  expect([...named].sort()).toEqual([
    'chaos',
    'export',
    'governance',
    'hospital',
    'node',
    'recover',
    'rotate-validator-key',
    'status',
    'up',
    'verify',
  ]);
  for (const name of named) expect(program.includes(`command('${name}')`), name).toBe(name !== 'recover');
  expect(RUNBOOK).toContain('is designed (CHAIN.md, "Starting, joining, ending") and not built');
});
