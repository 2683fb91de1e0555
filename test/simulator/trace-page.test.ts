import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Height, Round, Signature } from '../../src/base/brand.ts';
import { ok, refuse } from '../../src/base/result.ts';
import type { Certificate, EngineEffect, EngineInput, Vote } from '../../src/consensus/engine.ts';
import type { SignedVote } from '../../src/consensus/vote.ts';
import type { StateView } from '../../src/ledger/chain.ts';
import type { ReplicaEffect } from '../../src/protocol/io.ts';
import type { HostInput } from '../../src/simulator/host.ts';
import type { Happening } from '../../src/simulator/observation.ts';
import { lineOf } from '../../src/simulator/trace/lines.ts';
import type { Plain } from '../../src/simulator/trace/plain.ts';
import { addressOfKey, chainId, hashOf, transactionOf } from '../protocol/support.ts';
import { Story } from './checkers-support.ts';

/** One of every kind, with every field that it can have: the compiler asks for a kind or a field that is new. */
type OneOfEach<T extends { readonly type: string }> = {
  readonly [K in T['type']]: Required<Omit<Extract<T, { readonly type: K }>, 'type'>>;
};

const peer = addressOfKey('a peer');
const blockHash = hashOf('a block');
const [height, round] = [3 as Height, 1 as Round];
const bytes = new Uint8Array(3);
const signature = new Uint8Array(65) as Signature;
const signed = transactionOf({ sender: 'a', nonce: 0 });
const ballot = { height, round, type: 'commit', blockHash, preparedRound: null, preparedHash: null };
const payload: Required<Vote> = { chainId, engine: 'qbft', ...ballot };
const heard: Required<SignedVote> = { ...ballot, validator: peer, signature };
const certificate: Required<Certificate> = {
  engine: 'qbft',
  height,
  round,
  blockHash,
  signatures: [{ validator: peer, signature }],
  path: [bytes],
};

const INPUTS: OneOfEach<HostInput> = {
  started: {},
  message: { from: peer, channel: 'consensus', bytes },
  verified: { from: peer, transactions: [signed] },
  submit: { ticket: 1, transactions: [signed, bytes] },
  timer: { id: 'round' },
  signed: { payload, signature },
  committed: { height, view: { height } as StateView },
  blocksAnswered: { request: 1, bytes },
  requestFailed: { request: 1 },
  peerConnected: { peer },
  peerDisconnected: { peer },
  peerHeight: { peer, height, votes: [heard] },
};

const EFFECTS: OneOfEach<Exclude<ReplicaEffect, { type: 'commit' | 'sign' }>> = {
  persistSigningState: { bytes },
  send: { to: peer, channel: 'consensus', bytes },
  broadcast: { channel: 'transactions', bytes },
  setTimer: { id: 'round', delayMs: 1 },
  requestBlocks: { peer, request: 1, from: height, count: 1 },
  requestStatus: { peer },
  announce: { bytes },
  blame: { peer, code: 'x' },
  submitted: { ticket: 1, results: [ok(signed.id), refuse('x', { field: 'y' })] },
  reject: { transactionId: signed.id, code: 'x' },
  signingRefused: { code: 'x' },
  halt: { code: 'x', detail: 'y' },
};

const ENGINE_INPUTS: Record<EngineInput<unknown>['type'], true> = {
  start: true,
  due: true,
  message: true,
  signed: true,
  built: true,
  judged: true,
  timeout: true,
};

const ENGINE_EFFECTS: OneOfEach<EngineEffect> = {
  persist: { height, signingState: bytes },
  sign: { payload },
  broadcast: { message: bytes },
  send: { to: peer, message: bytes },
  schedule: { height, round, delayMs: 1 },
  pace: { parentHash: blockHash },
  build: { height, round, parentHash: blockHash },
  judge: { height, parentHash: blockHash, blockHash, block: bytes, leader: peer, fresh: true },
  commit: { height, blockHash, block: bytes, certificate },
  evidence: { evidence: bytes },
  behind: { height, from: peer },
  halt: { code: 'x' },
};

type Told = { readonly [field: string]: Plain };

const world = new Story().world();
const lineFor = (happening: Happening): Told => lineOf({ atMs: 0, node: 0, ...happening }, world, null);
const eachOf = <T>(samples: object): readonly T[] =>
  Object.entries(samples).map(([type, fields]) => ({ type, ...fields }) as T);

const inputs = eachOf<HostInput>(INPUTS).map((input) => lineFor({ type: 'input', input }));
const effects = eachOf<ReplicaEffect>(EFFECTS).map((effect) => lineFor({ type: 'effect', effect }));
const step = lineFor({ type: 'engine', input: 'start', effects: eachOf<EngineEffect>(ENGINE_EFFECTS), rules: [] });
const asked = step.effects as readonly Told[];

const page = readFileSync(new URL('../../docs/specification/trace.md', import.meta.url), 'utf8');
const rule = (number: number): string => page.split('\n**').find((part) => part.startsWith(`TRACE-${number} ·`)) ?? '';
const names = (text: string): string[] => [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name as string);
/** Kinds and their fields, each sorted. */
const tableOf = (number: number): readonly (readonly [string, readonly string[]])[] =>
  [...rule(number).matchAll(/^\| `(\w+)` \| ([^|]*) \|/gm)]
    .map(([, kind, fields]) => [kind as string, names(fields as string).sort()] as const)
    .sort();
const kindsOf = (told: readonly Told[]): ReturnType<typeof tableOf> =>
  told.map(({ event, kind, ...fields }) => [kind as string, Object.keys(fields).sort()] as const).sort();

/** The fields of what stands inside a line's fields. Bytes and transactions have forms of their own: TRACE-3. */
function innerFields(value: Plain): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(innerFields);
  if (typeof value !== 'object' || value === null || 'sha256' in value || 'transactionId' in value) return [];
  return Object.entries(value).flatMap(([name, field]) => (name === 'detail' ? [name] : [name, ...innerFields(field)]));
}

describe('the page on traces', () => {
  it.each([
    ['input', 8, inputs],
    ['effect', 9, effects],
    ["engine's effect", 10, asked],
  ] as const)('names every %s and its fields, and no other', (_what, number, told) => {
    expect(tableOf(number)).toEqual(kindsOf(told));
  });

  it('names every input of the engine, and no other', () => {
    const [sentence] = rule(10).split(';');
    expect(names(sentence as string).sort()).toEqual(['input', ...Object.keys(ENGINE_INPUTS)].sort());
  });

  it('names every field of the parts that a line can hold', () => {
    const told = [...inputs, ...effects, ...asked];
    const inner = told.flatMap((line) => Object.values(line).flatMap(innerFields));
    expect(inner).toEqual(expect.arrayContaining(['chainId', 'validator', 'path', 'rejection', 'detail']));
    expect(inner.filter((name) => !names(rule(11)).includes(name))).toEqual([]);
  });
});
