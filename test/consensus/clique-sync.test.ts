import { describe, expect, it } from 'vitest';
import { type Hash, height, round } from '../../src/base/brand.ts';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { clique } from '../../src/consensus/clique/index.ts';
import { CLIQUE_LIMITS, EPOCH_DIFFICULTY, windowOf } from '../../src/consensus/clique/limits.ts';
import { type CliqueMessage, decodeMessage } from '../../src/consensus/clique/messages.ts';
import {
  CliqueSolo,
  chainOn,
  genesis,
  memberAt,
  only,
  type Sealed,
  sealOn,
  set,
  signedBy,
  types,
} from './clique-solo.ts';
import { primitives, sha256 } from './fakes.ts';

const observer = (): CliqueSolo => {
  const solo = new CliqueSolo(null);
  solo.start();
  return solo;
};
const committed = (solo: CliqueSolo) => solo.of('commit').map(({ blockHash }) => toHex(blockHash));

describe('catching up (CLIQUE-13)', () => {
  it('asks the sender for an unknown parent, once, and again after an announcement', () => {
    const solo = observer();
    const chain = chainOn(genesis, [1, 2, 3]);
    solo.hear(chain[2] as Sealed, chain[2] as Sealed);
    expect(solo.of('send')).toHaveLength(1);
    expect(solo.sent()).toEqual([{ type: 'request', blockHash: (chain[1] as Sealed).hash }]);
    solo.tick();
    expect(solo.of('send')).toHaveLength(2);
    solo.hear(chain[0] as Sealed, chain[1] as Sealed);
    expect(solo.headHash()).toBe(toHex((chain[2] as Sealed).hash));
  });

  it('answers for unfinal and lately confirmed blocks, a bounded number of times', () => {
    const solo = observer();
    const chain = chainOn(genesis, [1, 2, 3, 0, 1]);
    solo.hear(...chain);
    for (const { hash, message } of chain) {
      const [answer] = only(solo.from(memberAt(3), { type: 'request', blockHash: hash }), 'send');
      expect(decodeMessage(answer?.message ?? new Uint8Array(0))).toEqual({ ok: true, value: message });
    }
    const blockHash = (chain[4] as Sealed).hash;
    for (let i = 0; i < 400; i++) solo.from(memberAt(3), { type: 'request', blockHash });
    expect(solo.of('send')).toHaveLength(CLIQUE_LIMITS.answersMax);
    expect(solo.from(memberAt(3), { type: 'request', blockHash: sha256(utf8('unknown')) })).toEqual([]);
  });

  it('announces its head, and asks for an announced one', () => {
    const [solo, other] = [observer(), observer()];
    const first = sealOn(genesis, 1);
    solo.hear(first);
    solo.tick();
    const head = solo.sent().find(({ type }) => type === 'head');
    expect(head).toEqual({ type: 'head', seal: first.seal });
    if (head) other.from(memberAt(0), head);
    expect(other.of('send')).toMatchObject([{ to: memberAt(0).id }]);
  });

  it('takes what sync brings, held to no clock', () => {
    const [solo, other] = [observer(), observer()];
    solo.hear(...chainOn(genesis, [1, 2, 3, 0, 1]));
    const [commit] = solo.of('commit');
    if (commit === undefined) throw new Error('nothing confirmed');
    const message = clique.fromSync?.({ ...commit, parentHash: genesis.hash });
    if (message == null) throw new Error('no message');
    other.from(memberAt(0), message);
    expect(other.of('judge')).toMatchObject([{ fresh: false }]);
    expect(other.headHash()).toBe(toHex(commit.blockHash));
    const foreign = { ...commit.certificate, engine: 'qbft' as const };
    expect(clique.fromSync?.({ ...commit, certificate: foreign, parentHash: genesis.hash })).toBe(null);
  });

  it('says that it is behind when a well-signed seal is further ahead than its window', () => {
    const solo = observer();
    const far = windowOf(3) + 1;
    const seal = signedBy(memberAt(1), far, { blockHash: sha256(utf8('far')), round: round(9) });
    const message = { ...sealOn(genesis, 1).message, seal };
    expect(solo.from(memberAt(1), message)).toEqual([{ type: 'behind', height: far, from: memberAt(1).id }]);
    expect(solo.from(memberAt(1), { ...message, seal: { ...seal, round: round(8) } })).toEqual([]);
  });

  it('keeps orphans, their claims and their bytes within bounds', () => {
    const solo = observer();
    for (let i = 0; i < 2 * CLIQUE_LIMITS.orphansMax; i++) {
      const parent = { hash: sha256(utf8(`nowhere ${i}`)) as Hash, height: 2, round: 3 };
      const { message } = sealOn(parent, i % 4);
      for (let claim = 0; claim < 3; claim++)
        solo.from(memberAt(1), {
          ...message,
          parentHash: sha256(utf8(`${i} ${claim}`)),
          block: new Uint8Array(100_000),
        });
    }
    const held = [...solo.state.orphans.values()];
    expect(held).toHaveLength(CLIQUE_LIMITS.orphansMax);
    expect(Math.max(...held.map((claims) => claims.length))).toBe(CLIQUE_LIMITS.claimsMax);
    const bytes = held.flat().reduce((sum, { block }) => sum + (block?.length ?? 0), 0);
    expect(bytes).toBeLessThanOrEqual(CLIQUE_LIMITS.orphanBytesMax);
    expect(solo.state.requested.size).toBeLessThanOrEqual(CLIQUE_LIMITS.requestsMax);
  });

  it('keeps the window of unfinal blocks within its bound, and never drops the head', () => {
    const solo = observer();
    const trunk = chainOn(genesis, [1, 2]);
    solo.hear(...trunk);
    for (let i = 0; i < 100; i++) {
      const parent = sealOn(genesis, i % 4, `${i}`);
      solo.from(memberAt(0), { type: 'request', blockHash: parent.hash });
      solo.hear(sealOn(parent, (i + 1) % 4), parent);
    }
    expect(solo.state.tree.size).toBeLessThanOrEqual(windowOf(3));
    expect(solo.state.tree.has(solo.headHash())).toBe(true);
  });

  it('verifies a seal once, however often it comes', () => {
    const solo = observer();
    const chain = chainOn(genesis, [1, 2, 3]);
    const before = primitives.verifications.count;
    for (let i = 0; i < 3; i++) solo.hear(...[...chain].reverse(), ...chain);
    expect(primitives.verifications.count - before).toBe(3);
  });
});

describe('the last block of a set (CLIQUE-12)', () => {
  const newSet = set.slice(0, 3);

  /** Member `i` with a confirmed depth of 2, at a block that changes the set. */
  function atTheEnd(i: number | null): { solo: CliqueSolo; last: Sealed } {
    const solo = new CliqueSolo(i === null ? null : memberAt(i), { confirmationDepth: 2 });
    solo.start();
    const last = sealOn(genesis, 1);
    solo.verdict = 'changes-set';
    solo.hear(last);
    solo.verdict = 'valid';
    return { solo, last };
  }

  it('is built on by nobody, and acknowledged by the old set as if there were blocks', () => {
    const { solo, last } = atTheEnd(2);
    const child = sealOn(last, 3);
    expect(solo.hear(child)).toEqual([]);
    expect(solo.of('schedule').at(-1)).toMatchObject({ height: 2, round: 4, delayMs: 50 });
    expect(types(solo.due(last))).toEqual([]);
    const effects = solo.feed({ type: 'timeout', height: height(2), round: round(4) });
    expect(types(effects)).toEqual(['persist', 'sign', 'broadcast']);
    expect(solo.of('sign')[0]?.payload).toMatchObject({ height: 1, round: 4, type: 'ack', preparedHash: last.hash });
  });

  it('is committed with the acknowledgements that confirm it, and the new set begins far above them', () => {
    const { solo, last } = atTheEnd(2);
    const { solo: other } = atTheEnd(3);
    solo.feed({ type: 'timeout', height: height(2), round: round(4) });
    const [ack] = solo.sent().filter(({ type }) => type === 'ack');
    if (ack === undefined) throw new Error('no acknowledgement');
    other.from(memberAt(2), ack);
    other.feed({ type: 'timeout', height: height(3), round: round(6) });
    const [commit] = other.of('commit');
    expect(commit?.certificate.signatures.map(({ validator }) => validator)).toEqual(
      [1, 2, 3].map((i) => memberAt(i).id),
    );
    expect(commit?.certificate.round).toBe(2);

    // Nothing is taken up before the host says who decides.
    const child = sealOn({ ...last, round: 2 + EPOCH_DIFFICULTY }, 2, '', newSet);
    expect(other.hear(child)).toEqual([]);
    other.start(last, null, newSet, 2);
    other.hear(child);
    expect(other.headHash()).toBe(toHex(child.hash));

    // A certificate is enough for whoever was away, before or after it heard of the block.
    for (const late of [atTheEnd(null).solo, new CliqueSolo(null, { confirmationDepth: 2 })]) {
      if (late.state.phase === 'idle') late.start();
      late.verdict = 'changes-set';
      const message = commit && clique.fromSync?.({ ...commit, parentHash: genesis.hash });
      if (message == null) throw new Error('no message');
      late.from(memberAt(0), message);
      expect(committed(late)).toEqual([toHex(last.hash)]);
    }
  });

  it('reaches a peer that missed the last acknowledgement, when that announces its head', () => {
    const { solo } = atTheEnd(2);
    const { solo: other, last } = atTheEnd(3);
    solo.feed({ type: 'timeout', height: height(2), round: round(4) });
    for (const message of solo.sent()) if (message.type === 'ack') other.from(memberAt(2), message);
    other.feed({ type: 'timeout', height: height(3), round: round(6) });
    expect(committed(other)).toEqual([toHex(last.hash)]);
    expect(committed(solo)).toEqual([]);

    solo.tick();
    const head = solo.sent().find(({ type }) => type === 'head');
    const [help] = head ? only(other.from(memberAt(2), head), 'send') : [];
    const message = decodeMessage(help?.message ?? new Uint8Array(0));
    if (message.ok) solo.from(memberAt(3), message.value);
    expect(committed(solo)).toEqual([toHex(last.hash)]);
  });

  it('is confirmed by enough acknowledgements though the fork choice prefers fewer: who went on by them says no more', () => {
    const acked = (i: number, atHeight: number, atRound: number, heard: readonly CliqueMessage[] = []) => {
      const { solo } = atTheEnd(i);
      for (const message of heard) solo.from(memberAt(0), message);
      solo.feed({ type: 'timeout', height: height(atHeight), round: round(atRound) });
      return solo.sent().filter(({ type }) => type === 'ack');
    };
    const inTurn = acked(2, 2, 4);
    const outOfTurn = acked(3, 2, 3);
    const above = acked(0, 3, 4, outOfTurn);
    expect([inTurn.length, outOfTurn.length, above.length]).toEqual([1, 1, 1]);
    const { solo, last } = atTheEnd(null);
    for (const message of inTurn) solo.from(memberAt(2), message);
    const preferred = solo.state.head;
    for (const message of [...outOfTurn, ...above]) {
      expect([solo.state.head, committed(solo)]).toEqual([preferred, []]);
      solo.from(memberAt(3), message);
    }
    expect(committed(solo)).toEqual([toHex(last.hash)]);
  });

  it('is sealed before a restart and confirmed after it, by the same acknowledgement', () => {
    const { solo, last } = atTheEnd(2);
    solo.feed({ type: 'timeout', height: height(2), round: round(4) });
    const after = new CliqueSolo(memberAt(2), { confirmationDepth: 2 });
    after.verdict = 'changes-set';
    after.start(genesis, solo.lastPersisted());
    expect(after.of('sign').map(({ payload }) => payload)).toEqual(solo.of('sign').map(({ payload }) => payload));
    expect(after.headHash()).toBe(toHex(last.hash));
    expect(after.state.tree.size).toBe(2);
  });
});
