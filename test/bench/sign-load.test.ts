import { describe, expect, it } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import type { LoadPlan } from '../../src/bench/load-plan.ts';
import { readLoadPlan } from '../../src/bench/load-plan.ts';
import { LOAD_KIND, signLoad } from '../../src/bench/sign-load.ts';
import { scalarFromUniform } from '../../src/crypto/keys.ts';
import { decodeTransaction } from '../../src/ledger/transaction.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';

const primitives = nativePrimitives();
const chainId = new Uint8Array(32).fill(7) as Hash;
const secret = (n: number): string => toHex(scalarFromUniform(new Uint8Array(48).fill(n)));

const plan: LoadPlan = {
  type: 'plan',
  chainId: toHex(chainId),
  apis: ['http://127.0.0.1:1', 'http://127.0.0.1:2'],
  observerSecret: secret(99),
  senders: [1, 2, 3, 4].map((n) => ({ secretKey: secret(n), nonce: n })),
  records: ['11'.repeat(32), '22'.repeat(32)],
  validUntilHeight: 50,
  presigned: 20,
  batch: 4,
  pace: { kind: 'closed', inFlight: 8 },
  warmUpMs: 0,
  measureMs: 1,
  rampMs: 0,
  windowBlocks: 1,
  measureMsMax: 1,
  drainMs: 1,
};

describe('a signed load', () => {
  it('is of transactions that every node verifies, found again by their ids', () => {
    const load = signLoad(primitives, plan);
    expect(load.bytes).toHaveLength(plan.presigned);
    for (const [position, bytes] of load.bytes.entries()) {
      const read = decodeTransaction(primitives, chainId, bytes);
      if (!read.ok) throw new Error(read.rejection.code);
      expect(read.value.transaction.kind).toBe(LOAD_KIND);
      expect(load.positionOf.get(toHex(read.value.id))).toBe(position);
    }
  });

  it('gives each sender its own nonces without a gap, always at the same hospital', () => {
    const load = signLoad(primitives, plan);
    const seen = new Map<string, { nonces: number[]; hospitals: Set<number> }>();
    for (const [position, bytes] of load.bytes.entries()) {
      const read = decodeTransaction(primitives, chainId, bytes);
      if (!read.ok) throw new Error(read.rejection.code);
      const key = toHex(read.value.keyAddress);
      const of = seen.get(key) ?? { nonces: [], hospitals: new Set<number>() };
      of.nonces.push(read.value.transaction.nonce);
      of.hospitals.add(load.hospitalOf(position));
      seen.set(key, of);
    }
    expect([...seen.values()].map(({ nonces }) => nonces)).toEqual(
      plan.senders.map(({ nonce }) => Array.from({ length: 5 }, (_, turn) => nonce + turn)),
    );
    expect([...seen.values()].map(({ hospitals }) => [...hospitals])).toEqual([[0], [1], [0], [1]]);
  });
});

describe('a plan', () => {
  it('comes through the channel as it was', () => {
    expect(readLoadPlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    const open = { ...plan, pace: { kind: 'open', perSecond: 5 } };
    expect(readLoadPlan(JSON.parse(JSON.stringify(open)))).toEqual(open);
  });

  it.each([
    ['no API', { apis: [] }],
    ['no sender', { senders: [] }],
    ['a key of another length', { observerSecret: '00' }],
    ['an unknown pace', { pace: { kind: 'wild' } }],
    ['a field that it does not have', { extra: 1 }],
  ])('with %s is none', (_, changed) => {
    expect(readLoadPlan({ ...plan, ...changed })).toBeUndefined();
  });
});
