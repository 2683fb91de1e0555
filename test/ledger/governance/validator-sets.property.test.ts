import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash, Height } from '../../../src/base/brand.ts';
import { compareBytes, equal, toHex } from '../../../src/base/bytes.ts';
import { addressOf } from '../../../src/base/digest.ts';
import { quorumOf, type ValidatorSet, validatorsHashOf } from '../../../src/base/validators.ts';
import type { Receipt } from '../../../src/ledger/receipt.ts';
import { hospitalKeys } from '../../../src/ledger/state/tables.ts';
import { setAt } from '../../../src/ledger/validator-sets.ts';
import { hospitalName, idOf, primitives } from '../town.ts';
import { Council, keyName } from './council.ts';

const HOSPITALS = 7;
const hospital = fc.integer({ min: 1, max: HOSPITALS });
/** Some keys are in use, some are asked for twice. */
const key = fc.constantFrom(keyName(1), hospitalName(2), keyName(6), keyName(7), 'x', 'y', 'z');

const step = fc.oneof(
  fc.record({
    what: fc.constantFrom('add', 'rotate', 'remove'),
    hospital,
    key,
    delay: fc.integer({ min: 1, max: 7 }),
  }),
  fc.record({
    what: fc.constant('status' as const),
    hospital,
    status: fc.constantFrom('suspended', 'active', 'removed'),
  }),
  fc.record({ what: fc.constant('wait' as const), blocks: fc.integer({ min: 1, max: 6 }) }),
);
type Standing = { readonly hospital: number; readonly status: string };
type Change = { readonly what: string; readonly hospital: number; readonly key: string; readonly delay: number };
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A removed hospital's keys are retired: no block holds what it sends. */
const sends = (town: Council, n: number): boolean => town.hospital(n)?.status !== 'removed';

/** By the hospital itself, or by an active member where it is about another's standing. Null where it is not put to the vote. */
function propose(town: Council, step: Exclude<Step, { what: 'wait' }>): Hash | null {
  const { hospital: n } = step;
  const member = town.members.find((m) => town.hospital(m)?.status === 'active') as number;
  const by = sends(town, n) ? n : member;
  const receipt =
    step.what === 'status' ? proposeStanding(town, member, step as Standing) : proposeSet(town, by, step as Change);
  return receipt.outcome === 'applied' ? receipt.transactionId : null;
}

const proposeStanding = (town: Council, by: number, { hospital: n, status }: Standing): Receipt =>
  town.propose(by, 'setHospitalStatus', { hospital: idOf(hospitalName(n)), status });

function proposeSet(town: Council, by: number, { what, hospital: n, key, delay }: Change): Receipt {
  const at = town.height + 1 + delay;
  if (what === 'remove') return town.propose(by, 'removeValidator', town.removal(n, at));
  return town.propose(by, what === 'add' ? 'addValidator' : 'rotateValidatorKey', town.keyChange(n, key, at));
}

function isSound(town: Council, set: ValidatorSet): void {
  expect(set.length).toBeGreaterThan(0);
  for (const [i, member] of set.entries()) {
    if (i > 0) expect(compareBytes((set[i - 1] as typeof member).id, member.id)).toBeLessThan(0);
    const row = hospitalKeys.get(town.tip.view, toHex(addressOf(primitives, member.publicKey)));
    expect(row).toMatchObject({ use: 'validator', retired: false });
    expect(row !== undefined && equal(row.hospital, member.id)).toBe(true);
  }
  expect(new Set(set.map(({ publicKey }) => toHex(publicKey))).size).toBe(set.length);
  const active = town.members.filter((n) => town.hospital(n)?.status === 'active').length;
  expect(active).toBeGreaterThanOrEqual(quorumOf(set.length));
}

describe('whatever is proposed and voted', () => {
  it('the set is sorted, never empty, without repeated members or keys, with a quorum active, and every past one is found', () => {
    let changes = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 6, maxLength: 20 }), (steps) => {
        const parameters = { validatorChangeDelayMin: 2, voteThresholdNumerator: 1, voteThresholdDenominator: 2 };
        const town = new Council({ validators: 3, followers: HOSPITALS - 3, parameters });
        const decided = new Map<number, string>();
        const advance = (act: () => void): void => {
          const from = town.height;
          act();
          for (let height = from + 1; height <= town.height; height++) {
            const { header } = (town.blocks[height] as (typeof town.blocks)[number]).block;
            decided.set(height, toHex(header.validatorsHash));
          }
          isSound(town, town.tip.validators);
        };
        for (const each of steps) {
          if (each.what === 'wait') {
            advance(() => town.until(town.height + each.blocks));
            continue;
          }
          let proposal: Hash | null = null;
          advance(() => {
            proposal = propose(town, each);
          });
          if (proposal === null) continue;
          const vote = { proposal, choice: 'yes' } as const;
          advance(() => void town.together('vote', new Map(town.members.map((n) => [hospitalName(n), vote]))));
        }
        changes += new Set(decided.values()).size - 1;
        for (let height = 1; height <= town.height; height++) {
          const { validatorsHash } = (town.blocks[height] as (typeof town.blocks)[number]).block.header;
          const found = setAt(town.env, town.tip.view, height as Height)?.validators ?? [];
          expect(toHex(validatorsHashOf(primitives, found))).toBe(toHex(validatorsHash));
        }
      }),
      { numRuns: 12 },
    );
    expect(changes).toBeGreaterThan(0);
  });
});
