import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Round } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { Fingerprint } from '../../src/simulator/trace/fingerprint.ts';
import { TRACE_VERSION } from '../../src/simulator/trace/lines.ts';
import { WHOLE_BYTES_MAX } from '../../src/simulator/trace/plain.ts';
import { createTrace } from '../../src/simulator/trace/trace.ts';
import { hashOf, primitives, transactionOf } from '../protocol/support.ts';
import { Story } from './checkers-support.ts';

const CHECKER = join(import.meta.dirname, '..', '..', 'docs', 'check-trace.mjs');
const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'specification', 'trace.md');

/** A story with at least one line of every event. */
function fullStory(tell: (story: Story) => void = () => {}): Story {
  const story = new Story();
  const signed = transactionOf({ sender: 'a', nonce: 0, padding: 200 });
  story.submit(signed);
  const one = story.block(story.genesis, { transactions: [signed] });
  for (const node of [0, 1, 2, 3]) story.sign(node, { type: 'commit', blockHash: one.hash });
  story.step(0, { type: 'broadcast', message: new Uint8Array(300) }, { type: 'pace', parentHash: one.hash });
  story.happen(0, {
    type: 'effect',
    effect: { type: 'broadcast', channel: 'consensus', bytes: new Uint8Array(WHOLE_BYTES_MAX + 1) },
  });
  story.happen(0, { type: 'effect', effect: { type: 'requestStatus', peer: one.header.proposer } });
  story.commitEverywhere(one);
  story.happen(-1, { type: 'fault', kind: 'loss', detail: 'a third' });
  story.happen(2, { type: 'crashed' });
  story.start(2, { height: 1 });
  story.happen(2, { type: 'sample', sizes: { poolBytes: 7 } });
  tell(story);
  story.happen(-1, { type: 'quiet' });
  story.chain(2, one);
  return story;
}

function traceOf(story: Story) {
  const lines: string[] = [];
  const trace = createTrace({ seed: 7, plan: { any: 'thing' } }, (line) => lines.push(line));
  for (const observation of story.observations) trace.observe(observation);
  trace.finish({ heights: 3, stalled: false, violations: [] });
  return { text: lines.join(''), hash: trace.hash(), lines: lines.map((line) => JSON.parse(line)) };
}

const fingerprintOf = ({ observations }: Story): string => {
  const fingerprint = new Fingerprint();
  for (const observation of observations) fingerprint.observe(observation);
  return fingerprint.value;
};

describe('a trace', () => {
  const { text, hash, lines } = traceOf(fullStory());
  const of = (event: string) => lines.filter((line) => line.event === event);

  it('begins with what it is read with, ends with the end, and has a line for everything between', () => {
    expect(lines[0]).toMatchObject({ event: 'trace', version: TRACE_VERSION, engine: 'qbft', seed: 7 });
    expect(lines[0].validators.length).toBe(4);
    expect(lines.at(-1)).toEqual({ event: 'end', heights: 3, stalled: false, violations: [] });
    expect(lines.length).toBe(fullStory().observations.length + 1);
  });

  it('has the commits and signatures that an outsider needs', () => {
    const [commit] = of('commit');
    const signers = lines[0].validators.slice(0, 3).map(({ id }: { id: string }) => id);
    expect(commit).toMatchObject({ node: 0, height: 1, round: 0, signers, transactions: [expect.any(String)] });
    expect(of('commit').length).toBe(12);
    const [sign] = of('sign');
    expect(sign).toMatchObject({ node: 0, height: 1, round: 0, type: 'commit', key: lines[0].validators[0].key });
    expect(sign.payloadHash).toMatch(/^[0-9a-f]{64}$/);
    expect(commit.blockHash).toBe(sign.blockHash);
  });

  it('keeps short bytes whole and names long ones by their hash', () => {
    const [long, short] = of('effect');
    const bytes = new Uint8Array(WHOLE_BYTES_MAX + 1);
    expect(long.bytes).toEqual({ sha256: toHex(primitives.hash(bytes)), bytes: bytes.length });
    expect(short.peer).toMatch(/^[0-9a-f]{40}$/);
    expect(of('step')[0].effects[0].message.bytes).toBe(300);
  });

  it('has a hash over its lines, which every byte of them changes', () => {
    expect(hash).toBe(createHash('sha256').update(text).digest('hex'));
    expect(traceOf(fullStory()).hash).toBe(hash);
    const other = traceOf(fullStory((story) => story.sign(3, { type: 'prepare', round: 9 as Round })));
    expect(other.hash).not.toBe(hash);
  });

  it('is described line by line in its specification', () => {
    const page = readFileSync(PAGE, 'utf8');
    const events = [...new Set(lines.map(({ event }) => event))];
    expect(events.sort()).toEqual(
      [
        'commit',
        'crash',
        'effect',
        'end',
        'fault',
        'input',
        'quiet',
        'sample',
        'sign',
        'start',
        'step',
        'trace',
      ].sort(),
    );
    for (const event of events) expect(page).toContain(`\`${event}\``);
    for (const event of ['trace', 'commit', 'sign', 'start'])
      for (const field of Object.keys(of(event)[0])) expect(page, event).toContain(`\`${field}\``);
    expect(page).toContain(`version ${TRACE_VERSION}`);
  });
});

describe('a fingerprint', () => {
  it('is the same for the same run and another for another', () => {
    const first = fingerprintOf(fullStory());
    expect(fingerprintOf(fullStory())).toBe(first);
    const others = [
      fullStory((story) => story.sign(3, { type: 'prepare' })),
      fullStory((story) => story.sign(3, { type: 'prepare', blockHash: hashOf('x') })),
      fullStory((story) => story.happen(3, { type: 'crashed' })),
      fullStory((story) => {
        story.atMs += 1;
      }),
    ].map(fingerprintOf);
    expect(new Set([first, ...others]).size).toBe(5);
  });
});

describe("an outsider's checker, which imports nothing of ours", () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'carechain-trace-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const check = (story: Story): { readonly status: number; readonly out: string } => {
    const path = join(folder, 'trace.jsonl');
    writeFileSync(path, traceOf(story).text);
    try {
      return { status: 0, out: execFileSync(process.execPath, [CHECKER, path], { encoding: 'utf8' }) };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      return { status, out: stdout };
    }
  };

  it('is one file of plain JavaScript', () => {
    const source = readFileSync(CHECKER, 'utf8');
    expect([...source.matchAll(/import .* from '(.*)'/g)].map(([, from]) => from)).toEqual(['node:fs']);
  });

  it('finds nothing in a good run', () => {
    expect(check(fullStory())).toEqual({ status: 0, out: expect.stringContaining('12 commits of 3 heights') });
  });

  it('finds two blocks at one height', () => {
    const forked = fullStory((story) => story.commit(3, story.block(story.genesis)));
    expect(check(forked)).toEqual({ status: 1, out: expect.stringContaining('are final') });
  });

  it('finds a key that signs twice', () => {
    const doubled = fullStory((story) => story.sign(3, { type: 'commit', blockHash: hashOf('another') }));
    expect(check(doubled)).toEqual({ status: 1, out: expect.stringContaining('signs two payloads') });
  });

  it('forgives what a dishonest node signs', () => {
    const dishonest = fullStory((story) => {
      story.start(3, { honest: false });
      story.sign(3, { type: 'commit', blockHash: hashOf('another') });
      story.start(3, { height: 1 });
    });
    expect(check(dishonest).status).toBe(0);
  });
});
