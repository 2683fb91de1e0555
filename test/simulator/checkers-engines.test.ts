import { describe, expect, it } from 'vitest';
import type { Height, Round } from '../../src/base/brand.ts';
import { signTransaction, TRANSACTION_VERSION } from '../../src/ledger/transaction.ts';
import { promisesFinality } from '../../src/simulator/checkers/promise.ts';
import { planOf } from '../../src/simulator/draw-plan.ts';
import { addressOfKey, chainId, hashOf, primitives, secretOf } from '../protocol/support.ts';
import { certificateOf, type Made, memberOf, SET, Story, setOf } from './checkers-support.ts';

const r = (round: number) => round as Round;
const h = (height: number) => height as Height;

describe('simplex, as the checkers see it', () => {
  it('is quiet over notarise, nullify and finalise in their own views', () => {
    const story = new Story('simplex');
    story.sign(0, { type: 'notarise', round: r(0) });
    story.sign(0, { type: 'finalise', round: r(0) });
    story.sign(0, { type: 'notarise', round: r(1) });
    story.sign(0, { type: 'nullify', round: r(1) });
    story.sign(1, { type: 'nullify', round: r(0) });
    story.chain(4);
    expect(story.checkers.violations).toEqual([]);
  });

  it.each([
    ['nullify', 'finalise'],
    ['finalise', 'nullify'],
  ])('reports a key that says %s and then %s in one view', (first, second) => {
    const story = new Story('simplex');
    story.sign(0, { type: first, round: r(5) });
    story.sign(0, { type: second, round: r(5), height: h(9) });
    expect(story.checkers.violations.map(({ what }) => what)).toEqual([
      'the key of node 0 nullifies and finalises view 5',
    ]);
  });

  it('reports a notarise vote beside or below a block that may be final, in a later view', () => {
    const story = new Story('simplex');
    story.chain(1);
    for (const node of [0, 1]) story.sign(node, { type: 'finalise', round: r(5), height: h(2) });
    story.sign(2, { type: 'notarise', round: r(6), height: h(3), blockHash: hashOf('a child') });
    story.sign(3, { type: 'notarise', round: r(4), height: h(2), blockHash: hashOf('an earlier one') });
    expect(story.checkers.violations).toEqual([]);
    story.sign(3, { type: 'notarise', round: r(6), height: h(1), blockHash: hashOf('a rival') });
    expect(story.violated()).toEqual(['possibly-final']);
  });

  it('reports two votes of one view, whatever heights they name', () => {
    const story = new Story('simplex');
    story.sign(0, { type: 'notarise', round: r(5), height: h(3) });
    story.sign(0, { type: 'notarise', round: r(5), height: h(4) });
    expect(story.violated()).toEqual(['one-vote']);
  });

  it('follows a path of headers to the block that the votes name', () => {
    const story = new Story('simplex');
    const one = story.block(story.genesis);
    const two = story.block(one);
    const three = story.block(two);
    story.commit(0, one, { certificate: certificateOf('simplex', one, { path: [two, three] }) });
    story.commit(0, two, { certificate: certificateOf('simplex', two, { path: [three] }) });
    expect(story.checkers.violations).toEqual([]);
    const other = new Story('simplex');
    other.commit(0, one, { certificate: certificateOf('simplex', one, { path: [three] }) });
    expect(other.checkers.violations.map(({ what }) => what)).toEqual([
      expect.stringContaining('a path that is no chain'),
    ]);
  });
});

describe('clique, as the checkers see it', () => {
  /** Node 0 hears of a block, and takes it for the best. */
  const follow = (story: Story, { header, hash, bytes }: Made): void =>
    story.step(
      0,
      {
        type: 'judge',
        height: header.height,
        parentHash: header.parentHash,
        blockHash: hash,
        block: bytes,
        leader: header.proposer,
        fresh: true,
      },
      { type: 'pace', parentHash: hash },
    );
  const branch = (story: Story, length: number, mark: string): readonly Made[] => {
    const blocks: Made[] = [];
    for (let i = 0; i < length; i++)
      blocks.push(story.block(blocks.at(-1) ?? story.genesis, { header: { stateRoot: hashOf(`${mark} ${i}`) } }));
    return blocks;
  };

  it('is quiet over rising seals and one chain, and counts its reversals', () => {
    const story = new Story('clique');
    story.sign(0, { type: 'seal', round: r(2) });
    story.sign(0, { type: 'seal', height: h(3), round: r(5) });
    const [mine, better] = [branch(story, 2, 'mine'), branch(story, 3, 'better')];
    for (const made of [...mine, ...better]) follow(story, made);
    expect(story.checkers.deepestReversal).toBe(2);
    story.chain(3);
    expect(story.checkers.violations).toEqual([]);
  });

  it.each([
    ['two seals of one height and difficulty', 1, 2],
    ['a seal whose difficulty does not rise', 4, 1],
  ])('reports %s', (_claim, height, round) => {
    const story = new Story('clique');
    story.sign(0, { type: 'seal', round: r(2) });
    story.sign(0, { type: 'seal', height: h(height), round: r(round), blockHash: hashOf('another') });
    expect(story.violated()).toEqual(['one-vote']);
  });

  it('reports a foreign seal', () => {
    const story = new Story('clique');
    const made = story.block(story.genesis);
    story.commit(0, made, { certificate: certificateOf('clique', made, { signers: [3] }) });
    expect(story.violated()).toEqual(['certificates']);
  });

  it('follows the difficulties of seals, and the acknowledgements of a block that changes the set', () => {
    const commitWith = (parts: Parameters<typeof certificateOf>[2], next = SET) => {
      const story = new Story('clique');
      const made = story.block(story.genesis, { next });
      story.commit(0, made, { certificate: certificateOf('clique', made, parts) });
      return story.checkers.violations.map(({ what }) => what.replace(/^.* has /, ''));
    };
    expect(commitWith({ round: 2 })).toEqual([]);
    expect(commitWith({ round: 1 })).toEqual(['difficulty 1 on top of 0']);
    expect(commitWith({ round: 2 }, setOf(1, 2, 3, 4))).toEqual(['0 acknowledgements']);
    expect(commitWith({ round: 2, acks: [2, 3, 0] }, setOf(1, 2, 3, 4))).toEqual([]);
    expect(commitWith({ round: 2, acks: [3, 0, 2] }, setOf(1, 2, 3, 4))).toEqual([]);
    expect(commitWith({ round: 2, acks: [2, 3, 4] }, setOf(1, 2, 3, 4))).toEqual([
      'a signer from outside the set of its height',
    ]);
  });

  it('reports a builder who built within the last half of the set', () => {
    const builtBy = (...builders: readonly number[]) => {
      const story = new Story('clique');
      let tip = story.genesis;
      for (const builder of builders) {
        tip = story.block(tip, { header: { proposer: memberOf(builder).id } });
        story.commit(0, tip);
      }
      return story.checkers.violations.filter(({ checker }) => checker === 'recent-sealers').map(({ what }) => what);
    };
    expect(builtBy(1, 2, 3, 0, 1)).toEqual([]);
    expect(builtBy(1, 2, 0, 1)).toEqual([]);
    expect(builtBy(1, 2, 1)).toEqual(['block 3 is of a builder who had built lately']);
    expect(builtBy(1, 1)).toEqual(['block 2 is of a builder who had built lately']);
  });

  it('measures no reversal between chains whose meeting it does not know', () => {
    const story = new Story('clique');
    for (const made of branch(story, 5, 'mine')) follow(story, made);
    story.step(0, { type: 'pace', parentHash: hashOf('a block that came by sync') });
    expect(story.checkers.deepestReversal).toBe(0);
  });

  it.each([true, false])('counts a deep reversal only where it promised there was none (%s)', (promised) => {
    const story = new Story('clique', promised);
    const [mine, better] = [branch(story, 4, 'mine'), branch(story, 5, 'better')];
    for (const made of [...mine, ...better]) follow(story, made);
    story.commit(0, mine[0] as Made);
    story.commit(1, better[0] as Made);
    expect(story.violated()).toEqual(promised ? ['reversals', 'agreement'] : []);
    expect(story.checkers.broken).toBe(promised ? 0 : 2);
    expect(story.checkers.deepestReversal).toBe(4);
  });

  it('does not take a restart for a reversal', () => {
    const story = new Story('clique');
    for (const made of branch(story, 4, 'mine')) follow(story, made);
    story.happen(0, { type: 'crashed' });
    story.start(0);
    for (const made of branch(story, 5, 'better')) follow(story, made);
    expect(story.checkers.deepestReversal).toBe(0);
  });

  it('promises finality in a third of its runs, and in no run with a partition or a twin', () => {
    const plans = Array.from({ length: 300 }, (_, seed) => planOf(seed, { engine: 'clique' }));
    expect(plans.filter(promisesFinality).length).toBeGreaterThanOrEqual(100);
    const rough = plans.filter(
      ({ faults, byzantine }) =>
        faults.some(({ kind }) => kind === 'partition') || byzantine.some(({ behaviour }) => behaviour === 'twin'),
    );
    expect(rough.length).toBeGreaterThan(50);
    expect(rough.filter(promisesFinality)).toEqual([]);
    expect(rough.every((plan) => promisesFinality({ ...plan, engine: 'qbft' }))).toBe(true);
  });
});

describe('grants, as the checkers see them', () => {
  const HOUR_MS = 3_600_000;
  const category = new Uint8Array(16).fill(7);
  const record = hashOf('a record');
  const nonces = new Map<string, number>();

  const act = (sender: string, kind: string, payload: object) => {
    const nonce = nonces.get(sender) ?? 0;
    nonces.set(sender, nonce + 1);
    const secretKey = secretOf(sender);
    const publicKey = primitives.publicKeyOf(secretKey);
    const head = { version: TRANSACTION_VERSION, chainId, publicKey, nonce, validUntilHeight: 100, gasLimit: 1_000 };
    return signTransaction(primitives, { ...head, kind, payload: payload as Record<string, unknown> }, secretKey);
  };
  const enrol = (who: string, role: string) => act(who, 'enrol', { role, hospital: addressOfKey('a hospital') });
  const grant = (grantee: object, expires: number, access = 'read') =>
    act('patient', 'grant', { grantee, categories: [{ category, epochFrom: 0, epochTo: 0 }], expires, access });
  const register = (who = 'patient') =>
    act(who, 'registerRecord', { record, owner: addressOfKey('patient'), category });
  const read = (who = 'doctor') => act(who, 'readRecord', { record, purpose: 'TREAT' });
  const idOf = (name: string) => Buffer.from(addressOfKey(name)).toString('hex');
  const doctor = { type: 'person', id: idOf('doctor') };

  /** One transaction a block, a second apart; the violations that they bring about. */
  const tell = (transactions: readonly ReturnType<typeof act>[], outcomes: Readonly<Record<number, string>> = {}) => {
    const story = new Story();
    let tip = story.genesis;
    transactions.forEach((transaction, i) => {
      story.submit(transaction);
      tip = story.block(tip, { transactions: [transaction] });
      story.commit(0, tip, { outcomes: [outcomes[i] ?? 'applied'] });
    });
    return story.checkers.violations.map(({ checker, what }) => `${checker}: ${what.replace(/ [0-9a-f]{64}/, '')}`);
  };
  const people = () => [enrol('patient', 'patient'), enrol('doctor', 'practitioner')];
  const soon = 1_700_000_000_000 + HOUR_MS;
  /** Before the block of the sixth transaction. */
  const past = 1_700_000_000_000 + 5_500;

  it.each([
    ['a person', doctor],
    ["the person's hospital", { type: 'hospital', id: idOf('a hospital') }],
    ["the person's role", { type: 'role', id: 'practitioner' }],
  ])('a live grant to %s covers a read', (_who, grantee) => {
    expect(tell([...people(), register(), grant(grantee, soon), read()])).toEqual([]);
  });

  it('its expiry ends it, at the very millisecond', () => {
    const reads = (expires: number) => tell([...people(), register(), grant(doctor, expires), read(), read()]);
    expect(reads(past)).toEqual([
      "expired-grants: block 6, readRecord: its grant expired 500 ms before the block's time",
    ]);
    expect(reads(1_700_000_000_000 + 6_001)).toEqual([]);
    expect(reads(1_700_000_000_000 + 6_000).length).toBe(1);
  });

  it('a revocation ends it, and a later grant replaces it', () => {
    const revoke = () => act('patient', 'revoke', { grantee: doctor, category });
    const none = 'expired-grants: block 6, readRecord: no grant covers it';
    expect(tell([...people(), register(), grant(doctor, soon), revoke(), read()])).toEqual([none]);
    expect(tell([...people(), register(), grant(doctor, soon), grant(doctor, soon, 'write'), read()])).toEqual([none]);
  });

  it('it covers nobody else, nor writing where it says read', () => {
    const stranger = enrol('stranger', 'practitioner');
    const got = tell([...people(), stranger, register(), grant(doctor, soon), read('stranger')]);
    expect(got).toEqual(['expired-grants: block 6, readRecord: no grant covers it']);
    expect(tell([...people(), grant(doctor, soon), register('doctor')])).toEqual([
      'expired-grants: block 4, registerRecord: no grant covers it',
    ]);
    expect(tell([...people(), grant(doctor, soon, 'write'), register('doctor')])).toEqual([]);
  });

  it('what was denied or failed opens nothing, and grants nothing', () => {
    expect(tell([...people(), register(), read()], { 3: 'denied' })).toEqual([]);
    expect(tell([...people(), register(), grant(doctor, soon), read()], { 3: 'failed' })).toEqual([
      'expired-grants: block 5, readRecord: no grant covers it',
    ]);
  });

  it('owners need none, and a key that was rotated is still its owner', () => {
    const rotate = act('doctor', 'rotateKey', { newKey: primitives.publicKeyOf(secretOf('new key')) });
    expect(tell([...people(), register(), read('patient')])).toEqual([]);
    expect(tell([...people(), register(), grant(doctor, soon), rotate, read('new key')])).toEqual([]);
  });
});
