import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { height } from '../../src/base/brand.ts';
import { QBFT_RULES, qbft } from '../../src/consensus/qbft/index.ts';
import { type Member, signed } from './fakes.ts';
import {
  afterPrepares,
  afterProposal,
  block,
  commit,
  follower,
  leader,
  others,
  prepare,
  proposal,
  rival,
  roundChange,
  Solo,
  toy,
} from './solo.ts';

const folder = 'src/consensus/qbft/';
const code = readdirSync(folder).map((file) => readFileSync(folder + file, 'utf8'));
const page = readFileSync('docs/specification/consensus-qbft.md', 'utf8');
const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, rule]) => rule as string);

describe('the numbered rules', () => {
  it('are those of the specification, each defined once and in order', () => {
    expect(found(page, /^\*\*(QBFT-\d+) · /gm)).toEqual([...QBFT_RULES]);
    expect(qbft.rules).toBe(QBFT_RULES);
  });

  it('are each cited by the code that reports it, which cites no other', () => {
    const applied = new Set(code.flatMap((text) => found(text, /apply\(turn, '(QBFT-\d+)'\)/g)));
    expect([...applied].sort()).toEqual([...QBFT_RULES].sort());
    const cited = new Set(code.flatMap((text) => found(text, /(QBFT-\d+)/g)));
    expect([...cited].filter((rule) => !(QBFT_RULES as readonly string[]).includes(rule))).toEqual([]);
  });

  it('are named on the page only if they exist', () => {
    for (const rule of found(page, /(QBFT-\d+)/g)) expect(QBFT_RULES).toContain(rule);
  });
});

/** The rules that took effect while `act` ran, on an engine brought as far as `from`. */
function during(from: Solo, act: (solo: Solo) => void): readonly string[] {
  from.rules.clear();
  act(from);
  return [...from.rules].sort();
}
const started = (self = follower): Solo => {
  const solo = new Solo(self);
  solo.start();
  return solo;
};
const [x, y, z] = others(follower) as [Member, Member, Member];
const next = height(2);

/** What a rule's taking effect looks like, in one or two inputs. */
const SCENES: { readonly [rule: string]: () => readonly string[] } = {
  'QBFT-1': () => during(new Solo(follower), (solo) => solo.start()),
  'QBFT-2': () => during(startedLeader(), (solo) => solo.built(block)),
  'QBFT-3': () => during(started(), (solo) => solo.hear(prepare(x, block.hash))),
  'QBFT-4': () => during(started(), (solo) => solo.hear(proposal(others(leader(0))[0] as Member, block))),
  'QBFT-5': () => during(started(), (solo) => solo.hear(proposal(leader(0), block))),
  'QBFT-6': () => during(started(), (solo) => solo.hear(roundChange(x, 3, block, 1))),
  'QBFT-7': () => during(afterProposal(), (solo) => solo.hear(prepare(x, block.hash), prepare(y, block.hash))),
  'QBFT-8': () => during(started(), (solo) => solo.timeout(0)),
  'QBFT-9': () => during(started(), (solo) => solo.hear(roundChange(x, 2), roundChange(y, 3))),
  'QBFT-10': () => during(started(), (solo) => solo.timeout(0)),
  'QBFT-11': () => during(new Solo(follower), (solo) => solo.start(afterPrepares().lastPersisted())),
  'QBFT-12': () => during(afterPrepares(), (solo) => solo.hear(...[x, y, z].map((each) => commit(each, block.hash)))),
  'QBFT-13': () => during(started(), (solo) => solo.hear(proposal(leader(0), block))),
  'QBFT-14': () => during(started(), (solo) => solo.hear(commit(x, block.hash), commit(x, rival.hash))),
  'QBFT-15': () =>
    during(started(), (solo) =>
      solo.hear({ type: 'prepare', vote: signed(x, 'prepare', { hash: block.hash, height: next }) }),
    ),
};
const startedLeader = (): Solo => {
  const solo = started(leader(0));
  solo.due();
  return solo;
};

describe('a step reports', () => {
  for (const rule of QBFT_RULES)
    it(`${rule} where it takes effect`, () => {
      expect(SCENES[rule]?.()).toContain(rule);
    });

  it('the refusal of a second vote in one place as QBFT-11', () => {
    const before = afterProposal();
    const solo = new Solo(follower);
    solo.start(before.lastPersisted());
    const rules = during(solo, (each) => {
      each.hear(proposal(leader(0), rival));
      each.judged(rival.hash, true);
    });
    expect(rules).toContain('QBFT-11');
    expect(rules).not.toContain('QBFT-10');
  });

  it('no rule where nothing took effect', () => {
    expect(during(new Solo(follower), (solo) => solo.hear(prepare(x, block.hash)))).toEqual([]);
    expect(during(started(), (solo) => solo.start())).toEqual([]);
    expect(during(started(), (solo) => solo.built(toy(follower)))).toEqual([]);
  });

  it('a rule once, however often it took effect', () => {
    const { rules } = qbft.step(started().state, {
      type: 'message',
      from: x.id,
      message: roundChange(x, 3, block, 1),
    });
    expect(new Set(rules).size).toBe(rules.length);
    expect(rules).toContain('QBFT-3');
  });
});
