import type { Hash, Height, PublicKey, Round } from '../../../src/base/brand.ts';
import { compareBytes, toHex } from '../../../src/base/bytes.ts';
import { signingDigest } from '../../../src/base/digest.ts';
import type { Certificate } from '../../../src/consensus/engine.ts';
import { voteDigest } from '../../../src/consensus/vote.ts';
import { type Block, encodeBlock } from '../../../src/ledger/block.ts';
import type { ExecutedBlock } from '../../../src/ledger/chain.ts';
import type { HospitalRecord } from '../../../src/ledger/families/payloads.ts';
import type { Genesis } from '../../../src/ledger/genesis.ts';
import { judgeBlock } from '../../../src/ledger/judge-block.ts';
import type { Parameters } from '../../../src/ledger/parameters.ts';
import type { Receipt } from '../../../src/ledger/receipt.ts';
import { validatorPossessionBytes } from '../../../src/ledger/signed-words.ts';
import { type Hospital, hospitals } from '../../../src/ledger/state/tables.ts';
import type { SignedTransaction } from '../../../src/ledger/transaction.ts';
import { expectApplied, genesisOf, hospitalName, idOf, primitives, publicOf, secretOf, Town } from '../town.ts';

export interface CouncilPlan {
  readonly validators: number;
  /** Active hospitals that do not validate, numbered after the validators. */
  readonly followers?: number;
  readonly parameters?: Partial<Parameters>;
  readonly engine?: Genesis['engine'];
  readonly policies?: Genesis['policies'];
  /** In place of what the rest would make. */
  readonly genesis?: Genesis;
}

export function councilGenesis({ validators, followers = 0, parameters, engine, policies }: CouncilPlan): Genesis {
  const genesis = genesisOf(validators + followers, parameters);
  return {
    ...genesis,
    engine: engine ?? 'qbft',
    policies: policies ?? genesis.policies,
    hospitals: genesis.hospitals.map((hospital, i) =>
      i < validators ? hospital : { ...hospital, validatorKey: null },
    ),
  };
}

/** Names of validator keys; `key 1` is the genesis key of hospital 1. */
export const keyName = (n: number): string => `${hospitalName(n)} validator`;

const NUMBERS = new Map(Array.from({ length: 60 }, (_, n) => [toHex(idOf(hospitalName(n))), n] as const));

/** A town that governs itself: hospitals are called by their numbers. Every block is judged again as a peer would. */
export class Council extends Town {
  constructor(plan: CouncilPlan) {
    super(plan.genesis ?? councilGenesis(plan));
  }

  get height(): Height {
    return this.tip.header.height;
  }

  override seal(
    candidates: readonly SignedTransaction[],
    afterMs?: number,
    evidence: readonly Uint8Array[] = [],
  ): readonly Receipt[] {
    const below = this.tip;
    const receipts = super.seal(candidates, afterMs, evidence);
    const judged = judgeBlock(this.env, below, this.last.bytes);
    if (!judged.ok) throw new Error(`a block that was built is refused: ${judged.rejection.code}`);
    return receipts;
  }

  get last(): ExecutedBlock & { readonly bytes: Uint8Array } {
    return this.blocks.at(-1) as (typeof this.blocks)[number];
  }

  /** Empty blocks until the tip has this height. */
  until(height: number): void {
    while (this.height < height) this.seal([]);
  }

  /** The receipt of a proposal by hospital `by`. */
  propose(by: number, change: string, value: object): Receipt {
    return this.act(hospitalName(by), 'propose', { change, value: value as Record<string, unknown> });
  }

  vote(by: number, proposal: Hash, choice: 'yes' | 'no' = 'yes'): Receipt {
    return this.act(hospitalName(by), 'vote', { proposal, choice });
  }

  votes(proposal: Hash, ...voters: readonly number[]): readonly (string | null)[] {
    return voters.map((by) => this.vote(by, proposal).code);
  }

  /** Proposed and voted for by these: the last receipt. */
  pass(by: number, change: string, value: object, voters: readonly number[]): Receipt {
    const proposed = this.propose(by, change, value);
    expectApplied(proposed);
    const receipts = voters.map((voter) => this.vote(voter, proposed.transactionId));
    return receipts.at(-1) as Receipt;
  }

  /** The value of `addValidator` and `rotateValidatorKey`, with a genuine proof unless `prover` gives another. */
  keyChange(hospital: number, key: string, activationHeight: number, prover = key) {
    const id = idOf(hospitalName(hospital));
    const bytes = validatorPossessionBytes(this.env.chainId, id, publicOf(key));
    const possession = primitives.sign(signingDigest(primitives, 'validator-possession', bytes), secretOf(prover));
    return { hospital: id, validatorKey: publicOf(key), possession, activationHeight };
  }

  removal(hospital: number, activationHeight: number) {
    return { hospital: idOf(hospitalName(hospital)), activationHeight };
  }

  hospital(n: number): Hospital | undefined {
    return hospitals.get(this.tip.view, toHex(idOf(hospitalName(n))));
  }

  /** Hospital numbers of the set that decides the next height. */
  get members(): readonly number[] {
    return this.tip.validators.map(({ id }) => NUMBERS.get(toHex(id)) ?? -1).sort((a, b) => a - b);
  }

  get keys(): readonly PublicKey[] {
    return this.tip.validators.map(({ publicKey }) => publicKey);
  }

  /** The tip's certificate by these, each with the key of that name. */
  certificate(signers: ReadonlyMap<number, string>): Certificate {
    const { hash, header } = this.tip;
    const place = { height: header.height, round: 0 as Round, blockHash: hash };
    const vote = { chainId: this.env.chainId, engine: 'qbft', type: 'commit', ...place } as const;
    const digest = voteDigest(primitives, { ...vote, preparedRound: null, preparedHash: null });
    const signatures = [...signers]
      .map(([n, key]) => ({ validator: idOf(hospitalName(n)), signature: primitives.sign(digest, secretOf(key)) }))
      .sort((a, b) => compareBytes(a.validator, b.validator));
    return { engine: 'qbft', ...place, signatures, path: [] };
  }

  /** The answer to a block on the tip that differs from what `seal` would make: its code, or null where it is taken. */
  judgeWith(change: Partial<Block>): string | null {
    const judged = judgeBlock(this.env, this.tip, encodeBlock({ ...this.last.block, ...change }));
    return judged.ok ? null : judged.rejection.code;
  }
}

/** The record with which a hospital asks to join. */
export const candidate = (n: number, change: Partial<HospitalRecord> = {}): HospitalRecord => ({
  name: hospitalName(n),
  tier: 'secondary',
  accountKey: publicOf(hospitalName(n)),
  validatorKey: null,
  dutyKey: publicOf(`${hospitalName(n)} duty`),
  peerId: `12D3KooWJoins${String(n).replaceAll('0', 'x')}`, // base58 has no zero
  addresses: [],
  ...change,
});

export const genesisSigners = (...numbers: readonly number[]): ReadonlyMap<number, string> =>
  new Map(numbers.map((n) => [n, keyName(n)] as const));
