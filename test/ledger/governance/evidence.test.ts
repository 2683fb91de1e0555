import { describe, expect, it } from 'vitest';
import type { Height, Round } from '../../../src/base/brand.ts';
import { toHex } from '../../../src/base/bytes.ts';
import type { EngineName } from '../../../src/consensus/engine.ts';
import { decodeEvidence, encodeEvidence, evidenceId, evidenceOf } from '../../../src/consensus/evidence.ts';
import { NO_BLOCK, type SignedVote, signedVoteOf, voteDigest, voteOf } from '../../../src/consensus/vote.ts';
import { listRoot } from '../../../src/ledger/merkle.ts';
import { evidenceBooks, evidenceRows, pastSets } from '../../../src/ledger/state/tables.ts';
import { setAt } from '../../../src/ledger/validator-sets.ts';
import { hash, hospitalName, idOf, primitives, secretOf } from '../town.ts';
import { Council, type CouncilPlan, keyName } from './council.ts';

const EXPIRY = 30;

const council = (plan: Partial<CouncilPlan> = {}): Council =>
  new Council({
    validators: 5,
    followers: 1,
    ...plan,
    parameters: { evidenceExpiryHeights: EXPIRY, validatorChangeDelayMin: 1, ...plan.parameters },
  });

interface VotePlan {
  readonly height: number;
  readonly type?: string;
  readonly round?: number;
  readonly block?: string | null;
  readonly engine?: EngineName;
}

function signed(town: Council, n: number, key: string, plan: VotePlan): SignedVote {
  const { height, type = 'commit', round = 0, block = 'a', engine = town.env.genesis.engine } = plan;
  const blockHash = block === null ? NO_BLOCK : hash(`block ${block}`);
  const ballot = { round: round as Round, type, blockHash, preparedRound: null, preparedHash: null };
  const vote = voteOf({ chainId: town.env.chainId, engine }, height as Height, ballot);
  return signedVoteOf(vote, idOf(hospitalName(n)), primitives.sign(voteDigest(primitives, vote), secretOf(key)));
}

/** Two votes of hospital `n` with the key of that name, as evidence. */
function pair(town: Council, n: number, key: string, one: VotePlan, other: VotePlan): Uint8Array {
  const engine = one.engine ?? town.env.genesis.engine;
  return encodeEvidence(evidenceOf(engine, signed(town, n, key, one), signed(town, n, key, other)));
}
const doubleVote = (town: Council, n: number, height: number, key = keyName(n), engine?: EngineName): Uint8Array =>
  pair(
    town,
    n,
    key,
    { height, block: 'a', ...(engine && { engine }) },
    { height, block: 'b', ...(engine && { engine }) },
  );

/** Whether the next block holds it, when a builder is offered it and when a peer puts it in. */
function shown(town: Council, evidence: Uint8Array): boolean {
  const below = town.tip;
  town.seal([], 1_000, [evidence]);
  const built = town.last.block.evidence.length === 1;
  if (built) return true;
  const { block } = town.last;
  const after = town.tip;
  town.tip = below;
  const evidenceRoot = listRoot(primitives, [primitives.hash(evidence)]);
  expect(town.judgeWith({ header: { ...block.header, evidenceRoot }, evidence: [evidence] })).toBe('block.evidence');
  town.tip = after;
  return false;
}

const idIn = (bytes: Uint8Array): string => {
  const evidence = decodeEvidence(bytes);
  if (!evidence.ok) throw new Error(evidence.rejection.code);
  return toHex(evidenceId(primitives, evidence.value));
};
/** A change of hospital `n`'s key that is active as soon as it may be; its height. */
function rotate(town: Council, n: number, key: string): number {
  const voters = [1, 2, 3, 4];
  const at = town.height + 1 + voters.length + 1;
  expect(town.pass(n, 'rotateValidatorKey', town.keyChange(n, key, at), voters).code).toBeNull();
  town.until(at);
  return at;
}

describe('evidence of an earlier set', () => {
  it('is verified against the set that decided its height, across changes', () => {
    const town = council();
    const old = town.height + 1;
    const first = rotate(town, 5, 'second key');
    const second = rotate(town, 5, 'third key');
    const keys = [keyName(5), 'second key', 'third key'];
    const of = (height: number) => keys.filter((key) => shown(town, doubleVote(town, 5, height, key)));
    expect(of(old)).toEqual([keyName(5)]);
    expect(of(first - 1)).toEqual([keyName(5)]);
    expect(of(first)).toEqual(['second key']);
    expect(of(second - 1)).toEqual(['second key']);
    expect(of(second)).toEqual(['third key']);
  });

  it('holds against a hospital that has left the set, and not for the heights after', () => {
    const town = council();
    const out = town.height + 6;
    expect(town.pass(1, 'removeValidator', town.removal(5, out), [1, 2, 3, 4]).code).toBeNull();
    town.until(out + 2);
    expect(shown(town, doubleVote(town, 5, out))).toBe(false);
    expect(shown(town, doubleVote(town, 5, out - 1))).toBe(true);
  });

  it('holds against nobody for heights before it joined', () => {
    const town = council();
    const at = town.height + 6;
    town.pass(6, 'addValidator', town.keyChange(6, keyName(6), at), [1, 2, 3, 4]);
    town.until(at + 2);
    expect(shown(town, doubleVote(town, 6, at - 1))).toBe(false);
    expect(shown(town, doubleVote(town, 6, at))).toBe(true);
  });
});

describe('evidence in a block', () => {
  it("is of heights up to the block's own", () => {
    const town = council();
    town.until(5);
    expect(shown(town, doubleVote(town, 1, 0))).toBe(false);
    expect(shown(town, doubleVote(town, 2, town.height + 2))).toBe(false);
    expect(shown(town, doubleVote(town, 3, town.height + 1))).toBe(true);
  });

  it('is no older than evidenceExpiryHeights', () => {
    const town = council();
    const height = 3;
    const evidence = [1, 2].map((n) => doubleVote(town, n, height)) as [Uint8Array, Uint8Array];
    town.until(height + EXPIRY - 1);
    expect(shown(town, evidence[0])).toBe(true);
    expect(shown(town, evidence[1])).toBe(false);
  });

  it("is shown once, and of this chain's engine", () => {
    const town = council();
    town.until(3);
    expect(shown(town, doubleVote(town, 1, 2))).toBe(true);
    expect(shown(town, doubleVote(town, 1, 2))).toBe(false);
    expect(shown(town, doubleVote(town, 2, 2, keyName(2), 'clique'))).toBe(false);
    expect(shown(town, doubleVote(town, 2, 2, keyName(3)))).toBe(false);
  });
});

describe('evidence in simplex', () => {
  const simplex = () => council({ engine: 'simplex' });
  const nullify = (height: number) => ({ type: 'nullify', height, block: null, round: 7 });
  const finalise = (height: number) => ({ type: 'finalise', height, round: 7 });

  it("of a nullified view that was finalised names its epoch's first height, and is as new as its newer vote", () => {
    const town = simplex();
    town.until(EXPIRY + 20);
    expect(shown(town, pair(town, 1, keyName(1), nullify(1), finalise(5)))).toBe(false);
    expect(shown(town, pair(town, 1, keyName(1), nullify(1), finalise(town.height)))).toBe(true);
  });

  it('is of heights of one epoch', () => {
    const town = simplex();
    const first = rotate(town, 5, 'second key');
    expect(shown(town, pair(town, 1, keyName(1), nullify(1), finalise(first)))).toBe(false);
    expect(shown(town, pair(town, 1, keyName(1), nullify(first), finalise(first + 1)))).toBe(true);
    expect(shown(town, pair(town, 2, keyName(2), nullify(1), finalise(first - 1)))).toBe(true);
  });
});

describe('what evidence needs', () => {
  it('is deleted once no evidence can name it: past sets and offences', () => {
    const town = council();
    const evidence = doubleVote(town, 1, 1);
    expect(shown(town, evidence)).toBe(true);
    const at = rotate(town, 5, 'second key');
    expect(pastSets.get(town.tip.view, '0')).toMatchObject({ since: 1, validators: { length: 5 } });
    expect(evidenceRows.get(town.tip.view, idIn(evidence))).toBe(1);
    town.until(1 + EXPIRY);
    expect(evidenceRows.get(town.tip.view, idIn(evidence))).toBe(1);
    town.until(2 + EXPIRY);
    expect(evidenceRows.get(town.tip.view, idIn(evidence))).toBeUndefined();
    expect(evidenceBooks.get(town.tip.view, 'evidence')).toEqual({ floor: 2, first: 1, next: 1 });
    town.until(at + EXPIRY - 1);
    expect(pastSets.get(town.tip.view, '0')).toBeDefined();
    town.until(at + EXPIRY);
    expect(pastSets.get(town.tip.view, '0')).toBeUndefined();
    expect(setAt(town.env, town.tip.view, (at - 1) as Height)).toBeUndefined();
    expect(setAt(town.env, town.tip.view, at as Height)?.number).toBe(1);
    expect(shown(town, doubleVote(town, 5, at - 1))).toBe(false);
  });

  it('is not asked for again: raising the expiry later opens no height whose offences are forgotten', () => {
    const town = council();
    const evidence = doubleVote(town, 1, 1);
    expect(shown(town, evidence)).toBe(true);
    town.until(5 + EXPIRY);
    const raised = { name: 'evidenceExpiryHeights', value: 10_000 };
    expect(town.pass(1, 'setParameter', raised, [1, 2, 3, 4]).code).toBeNull();
    expect(shown(town, evidence)).toBe(false);
    expect(shown(town, doubleVote(town, 2, 1))).toBe(false);
    expect(shown(town, doubleVote(town, 2, town.height - EXPIRY))).toBe(true);
  });

  it('is forgotten a bounded part at a time, and all of it in the end', () => {
    const town = council({ parameters: { evidenceExpiryHeights: 1_000 } });
    for (let height = 1; height <= 4; height++) {
      const evidence = Array.from({ length: 32 }, (_, round) =>
        pair(town, 1, keyName(1), { height, round, block: 'a' }, { height, round, block: 'b' }),
      );
      town.seal([], 1_000, evidence);
      expect(town.last.block.evidence).toHaveLength(32);
    }
    for (let i = 0; i < 12; i++) rotate(town, 5, `key ${i}`);
    expect(town.pass(1, 'setParameter', { name: 'evidenceExpiryHeights', value: 10 }, [1, 2, 3, 4]).code).toBeNull();
    const kept = () => {
      const book = evidenceBooks.get(town.tip.view, 'evidence');
      const sets = Array.from({ length: 12 }, (_, n) => pastSets.get(town.tip.view, String(n))).filter((set) => set);
      return [(book?.next ?? 0) - (book?.first ?? 0), sets.length];
    };
    expect(kept()).toEqual([64, 4]);
    town.seal([]);
    expect(kept()[0]).toBe(0);
    town.until(town.height + 20);
    expect(kept()).toEqual([0, 0]);
  });
});
