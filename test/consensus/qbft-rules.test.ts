import { describe, expect, it } from 'vitest';
import { height, type Round, round } from '../../src/base/brand.ts';
import type { Proposal } from '../../src/consensus/qbft/messages.ts';
import { checkProposal, checkRoundChange, isFromLeader, roundToJoin } from '../../src/consensus/qbft/rules.ts';
import { roundTimeoutMs } from '../../src/consensus/qbft/timers.ts';
import { type Member, members, setOf, signed } from './fakes.ts';
import { all, H1, leader, memberAt, preparesOf, proposal, roundChange, Solo, set, toy } from './solo.ts';

const electorate = { set, height: H1 };
const block = toy(leader(0));
const other = toy(leader(1), 2);
const [a, b, c] = all as [Member, Member, Member, Member];
const changes = (at: number, last?: typeof block, inRound = 0) =>
  [a, b, c].map((member) => roundChange(member, at, last, inRound).vote);
const verdict = (message: Proposal) => {
  const result = checkProposal(electorate, message);
  return result.ok ? (result.value.fresh ? 'fresh' : 'again') : result.rejection.code;
};
const at1 = (parts: Partial<Proposal>, what = other) => proposal(leader(1), what, 1, parts);

describe('a proposal', () => {
  it('needs no justification in round 0, and may bring none', () => {
    expect(verdict(proposal(leader(0), block))).toBe('fresh');
    expect(verdict(proposal(leader(0), block, 0, { roundChanges: changes(1) }))).toBe(
      'consensus-proposal.needless-justification',
    );
  });

  it('needs a quorum of round changes to its very round and height, by distinct senders, above round 0', () => {
    expect(verdict(at1({}))).toBe('consensus-proposal.too-few-round-changes');
    expect(verdict(at1({ roundChanges: changes(1).slice(1) }))).toBe('consensus-proposal.too-few-round-changes');
    expect(verdict(at1({ roundChanges: changes(1) }))).toBe('fresh');
    const [x, y, z] = changes(1) as [Proposal['vote'], Proposal['vote'], Proposal['vote']];
    const wrong = [
      [x, y, y],
      [x, y, roundChange(c, 2).vote],
      [x, y, { ...z, height: height(2) }],
      [x, y, signed(c, 'commit', { at: 1, hash: block.hash })],
    ];
    for (const roundChanges of wrong)
      expect(verdict(at1({ roundChanges }))).toBe('consensus-proposal.wrong-round-change');
  });

  it('must repeat the block of the highest prepared round, with its prepares', () => {
    const roundChanges = [roundChange(a, 3, block, 0).vote, roundChange(b, 3, other, 1).vote, roundChange(c, 3).vote];
    const at3 = (what: typeof block, prepares: Proposal['prepares']) =>
      verdict(proposal(leader(3), what, 3, { roundChanges, prepares }));
    expect(at3(other, preparesOf(other.hash, 1))).toBe('again');
    expect(at3(block, preparesOf(block.hash, 0))).toBe('consensus-proposal.wrong-block');
    expect(at3(toy(leader(3), 3), [])).toBe('consensus-proposal.wrong-block');
    expect(at3(other, [])).toBe('consensus-prepares.too-few');
    expect(at3(other, preparesOf(other.hash, 0))).toBe('consensus-prepares.wrong-vote');
    expect(at3(other, preparesOf(block.hash, 1))).toBe('consensus-prepares.wrong-vote');
    const [p, q] = preparesOf(other.hash, 1) as [Proposal['vote'], Proposal['vote']];
    expect(at3(other, [p, q, q])).toBe('consensus-prepares.wrong-vote');
  });

  it('brings no prepares where nobody prepared', () => {
    expect(verdict(at1({ roundChanges: changes(1), prepares: preparesOf(block.hash, 0) }))).toBe(
      'consensus-proposal.needless-justification',
    );
  });

  it('comes from the leader, who changes with height and round', () => {
    for (let at = 0; at < 8; at++) {
      const lead = memberAt((set[(1 + at) % 4] as { id: Uint8Array }).id);
      for (const member of all)
        expect(isFromLeader(electorate, signed(member, 'proposal', { at }))).toBe(member === lead);
    }
  });
});

describe('a round change', () => {
  it('shows a quorum of prepares and the block that it names, or neither', () => {
    const code = (message: ReturnType<typeof roundChange>) => {
      const result = checkRoundChange(electorate, message);
      return result.ok ? 'holds' : result.rejection.code;
    };
    const good = roundChange(a, 2, block, 1);
    expect(code(good)).toBe('holds');
    expect(code(roundChange(a, 2))).toBe('holds');
    expect(code({ ...good, block: null })).toBe('consensus-round-change.no-block');
    expect(code({ ...good, prepares: good.prepares.slice(1) })).toBe('consensus-prepares.too-few');
    expect(code({ ...good, prepares: preparesOf(other.hash, 1) })).toBe('consensus-prepares.wrong-vote');
    expect(code({ ...roundChange(a, 2), block: block.block })).toBe('consensus-round-change.needless-justification');
  });
});

describe('the round to join', () => {
  const join = (n: number, current: number, ...reached: number[]) =>
    roundToJoin(setOf(members(n)), round(current), reached as Round[]);
  it('is the highest that f + 1 validators have reached', () => {
    expect(join(4, 0, 5)).toBeNull();
    expect(join(4, 0, 5, 3)).toBe(3);
    expect(join(4, 0, 5, 3, 5)).toBe(5);
    expect(join(7, 2, 9, 3, 2)).toBeNull();
    expect(join(7, 2, 9, 3, 4)).toBe(3);
    expect(join(3, 0, 1)).toBe(1);
  });
});

describe('the round timer', () => {
  it('doubles with each round up to its cap', () => {
    const config = { roundTimeoutMs: 100, roundTimeoutCapMs: 1_000 };
    const delays = [0, 1, 2, 3, 4, 40, 2 ** 32 - 1].map((at) => roundTimeoutMs(config, round(at)));
    expect(delays).toEqual([100, 200, 400, 800, 1_000, 1_000, 1_000]);
  });

  it('is what the engine schedules', () => {
    const solo = new Solo(leader(3));
    solo.start();
    solo.due();
    expect(solo.of('schedule')).toMatchObject([{ height: 1, round: 0, delayMs: 100 }]);
  });
});
