import type { Address, Hash, Height, PublicKey, Round, SecretKey, Signature } from '../../src/base/brand.ts';
import { compareBytes } from '../../src/base/bytes.ts';
import { type Canonical, encode } from '../../src/base/canonical.ts';
import { quorumOf, type ValidatorSet, validatorsHashOf } from '../../src/base/validators.ts';
import { encodeCertificate } from '../../src/consensus/certificate.ts';
import type { EngineEffect, EngineName, Vote } from '../../src/consensus/engine.ts';
import { voteDigest } from '../../src/consensus/vote.ts';
import { encodeBlock } from '../../src/ledger/block.ts';
import { BLOCK_VERSION, type Header, headerHash } from '../../src/ledger/header.ts';
import { listRoot } from '../../src/ledger/merkle.ts';
import type { SignedTransaction } from '../../src/ledger/transaction.ts';
import type { CommitEffect } from '../../src/simulator/checkers/checker.ts';
import { type Checkers, createCheckers } from '../../src/simulator/checkers/index.ts';

import type { Happening, Observation, World } from '../../src/simulator/observation.ts';
import { addressOfKey, chainId, hashOf, primitives, secretOf } from '../protocol/support.ts';

export const GENESIS_MS = 1_700_000_000_000;
export const RULES = ['RULE-1', 'RULE-2'];

interface Member {
  readonly id: Address;
  readonly secretKey: SecretKey;
  readonly publicKey: PublicKey;
}

/** In validator order, as real sets are. */
export const MEMBERS: readonly Member[] = ['one', 'two', 'three', 'four', 'five', 'six', 'seven']
  .map((name) => {
    const secretKey = secretOf(name);
    return { id: addressOfKey(name), secretKey, publicKey: primitives.publicKeyOf(secretKey) };
  })
  .sort((a, b) => compareBytes(a.id, b.id));
export const setOf = (...members: readonly number[]): ValidatorSet =>
  members.map((n) => ({ id: memberOf(n).id, publicKey: memberOf(n).publicKey }));
export const memberOf = (n: number): Member => MEMBERS[n] as Member;
export const SET = setOf(0, 1, 2, 3);

const hashes = (items: readonly Uint8Array[]): readonly Hash[] => items.map((item) => primitives.hash(item));

/** A block as tests make it, with everything that its commit effect needs. */
export interface Made {
  readonly header: Header;
  readonly hash: Hash;
  readonly bytes: Uint8Array;
  readonly transactions: readonly SignedTransaction[];
  readonly evidence: readonly Uint8Array[];
  readonly set: ValidatorSet;
  readonly next: ValidatorSet;
}

export interface BlockParts {
  readonly transactions?: readonly SignedTransaction[];
  readonly outcomes?: readonly string[];
  readonly evidence?: readonly Uint8Array[];
  readonly next?: ValidatorSet;
  readonly header?: Partial<Header>;
}

export interface CommitParts {
  /** Of its transactions; applied where not said. */
  readonly outcomes?: readonly string[];
  /** When; else no earlier than the block's own time. */
  readonly atMs?: number;
}

/** The observations of a run that never was: a consortium of four, by hand, through the real checkers. */
export class Story {
  readonly engine: EngineName;
  readonly checkers: Checkers;
  readonly observations: Observation[] = [];
  readonly genesis: Made;
  atMs = GENESIS_MS;

  constructor(engine: EngineName = 'qbft', promisesFinality = true) {
    this.engine = engine;
    this.checkers = createCheckers({ promisesFinality });
    this.genesis = madeOf(genesisHeader(), { set: SET, next: SET, transactions: [], evidence: [] });
    this.happen(-1, { type: 'genesis', ...this.world() });
    for (const node of [0, 1, 2, 3]) this.start(node);
  }

  world(): World {
    return {
      engine: this.engine,
      rules: RULES,
      primitives,
      chainId,
      header: this.genesis.header,
      hash: this.genesis.hash,
      validators: SET,
      confirmationDepth: 3,
      clocks: { aheadMaxMs: 500, behindMaxMs: 10_000, skewMaxMs: 100 },
    };
  }

  happen(node: number, happening: Happening): void {
    const observation = { atMs: this.atMs, node, ...happening };
    this.observations.push(observation);
    this.checkers.observe(observation);
  }

  start(node: number, more: { honest?: boolean; height?: number; diskLost?: boolean; key?: number } = {}): void {
    const { honest = true, height = 0, diskLost = false, key = node } = more;
    this.happen(node, { type: 'started', publicKey: memberOf(key).publicKey, honest, height, diskLost });
  }

  submit(...transactions: readonly SignedTransaction[]): void {
    this.happen(0, {
      type: 'input',
      input: { type: 'submit', ticket: 1, transactions: transactions.map(({ bytes }) => bytes) },
    });
  }

  /** A child of a block, a second later. */
  block(parent: Made, { transactions = [], evidence = [], next = parent.next, header = {} }: BlockParts = {}): Made {
    const set = parent.next;
    const height = (parent.header.height + 1) as Height;
    return madeOf(
      {
        ...parent.header,
        height,
        parentHash: parent.hash,
        timestampMs: (parent.header.timestampMs + 1_000) as Header['timestampMs'],
        proposer: (set[height % set.length] as { id: Address }).id,
        transactionsRoot: listRoot(primitives, hashes(transactions.map(({ bytes }) => bytes))),
        stateRoot: hashOf(`state ${height}`),
        validatorsHash: validatorsHashOf(primitives, set),
        nextValidatorsHash: validatorsHashOf(primitives, next),
        evidenceRoot: listRoot(primitives, hashes(evidence)),
        ...header,
      },
      { set, next, transactions, evidence },
    );
  }

  /** A node holds a block final, with a good certificate or the one given. */
  commit(node: number, made: Made, more: Partial<CommitEffect> & CommitParts = {}): void {
    const { outcomes, atMs, ...rest } = more;
    this.atMs = atMs ?? Math.max(this.atMs, made.header.timestampMs);
    const receipts = made.transactions.map(({ id }, i) => ({ transactionId: id, outcome: outcomes?.[i] ?? 'applied' }));
    const effect = {
      type: 'commit',
      height: made.header.height,
      hash: made.hash,
      block: {
        header: made.header,
        transactions: made.transactions.map(({ bytes }) => bytes),
        evidence: made.evidence,
      },
      bytes: made.bytes,
      certificate: certificateOf(this.engine, made),
      signingSequence: 0,
      execution: {
        receipts,
        transactions: made.transactions,
        nextValidators: made.next,
        tree: { root: { hash: made.header.stateRoot }, written: [], stale: [] },
      },
      ...rest,
    } as unknown as CommitEffect;
    this.happen(node, { type: 'effect', effect });
  }

  commitEverywhere(made: Made): void {
    for (const node of [0, 1, 2, 3]) this.commit(node, made);
  }

  /** A chain of empty blocks, final everywhere: the last one is answered. */
  chain(length: number, from = this.genesis): Made {
    let tip = from;
    for (let i = 0; i < length; i++) {
      tip = this.block(tip);
      this.commitEverywhere(tip);
    }
    return tip;
  }

  sign(node: number, vote: Partial<Vote> & Pick<Vote, 'type'>): void {
    this.happen(node, { type: 'effect', effect: { type: 'sign', payload: voteOf(this.engine, vote) } });
  }

  step(node: number, ...effects: readonly EngineEffect[]): void {
    this.happen(node, { type: 'engine', input: 'message', effects, rules: ['RULE-1'] });
  }

  /** The kinds of violation so far, each once. */
  violated(): readonly string[] {
    return [...new Set(this.checkers.violations.map(({ checker }) => checker))];
  }
}

export const voteOf = (engine: EngineName, vote: Partial<Vote> & Pick<Vote, 'type'>): Vote => ({
  chainId,
  engine,
  height: 1 as Height,
  round: 0 as Round,
  blockHash: hashOf('a block'),
  preparedRound: null,
  preparedHash: null,
  ...vote,
});

const FINAL_VOTE = { qbft: 'commit', simplex: 'finalise', clique: 'seal' } as const;

export interface CertificateParts {
  readonly signers?: readonly number[];
  readonly round?: number;
  readonly signedRound?: number;
  readonly path?: readonly Made[];
  /** clique: who acknowledges the block, in order, each on top of the one before. */
  readonly acks?: readonly number[];
}

/** A certificate by the first quorum of the block's own set, or by whoever is named. */
export function certificateOf(engine: EngineName, made: Made, parts: CertificateParts = {}): Uint8Array {
  const last = parts.path?.at(-1) ?? made;
  const round = (parts.round ?? (engine === 'clique' ? 2 * made.header.height : 0)) as Round;
  const own = made.set.map(({ id }) => MEMBERS.findIndex((member) => member.id === id));
  const builder = MEMBERS.findIndex(({ id }) => compareBytes(id, made.header.proposer) === 0);
  const signers = parts.signers ?? (engine === 'clique' ? [builder] : own.slice(0, quorumOf(own.length)));
  const vote = voteOf(engine, {
    type: FINAL_VOTE[engine],
    height: last.header.height,
    round: (parts.signedRound ?? round) as Round,
    blockHash: last.hash,
  });
  const digest = voteDigest(primitives, vote);
  const acks = acksOn(made, round, parts.acks ?? []);
  return encodeCertificate({
    engine,
    height: last.header.height,
    round,
    blockHash: last.hash,
    signatures: [...signers.map((n) => signedBy(n, digest)), ...acks],
    path: (parts.path ?? []).map(({ header }) => encode(header as unknown as Canonical)),
  });
}

const signedBy = (n: number, digest: Hash) => ({
  validator: memberOf(n).id,
  signature: primitives.sign(digest, memberOf(n).secretKey) as Signature,
});

function acksOn(made: Made, sealRound: number, acks: readonly number[]) {
  let [round, before] = [sealRound, made.hash];
  return acks.map((n, i) => {
    const inTurn = made.set[(made.header.height + i + 1) % made.set.length]?.id === memberOf(n).id;
    round += inTurn ? 2 : 1;
    const vote = { type: 'ack', height: made.header.height, round: round as Round, blockHash: made.hash };
    before = voteDigest(primitives, voteOf('clique', { ...vote, preparedHash: before }));
    return signedBy(n, before);
  });
}

function madeOf(header: Header, parts: Pick<Made, 'set' | 'next' | 'transactions' | 'evidence'>): Made {
  const bytes = encodeBlock({
    header,
    transactions: parts.transactions.map((each) => each.bytes),
    evidence: parts.evidence,
  });
  return { header, hash: headerHash(primitives, header), bytes, ...parts };
}

const genesisHeader = (): Header => ({
  version: BLOCK_VERSION,
  chainId,
  height: 0 as Height,
  parentHash: new Uint8Array(32) as Hash,
  timestampMs: GENESIS_MS as Header['timestampMs'],
  proposer: new Uint8Array(20) as Address,
  transactionsRoot: listRoot(primitives, []),
  receiptsRoot: listRoot(primitives, []),
  stateRoot: hashOf('state 0'),
  validatorsHash: validatorsHashOf(primitives, SET),
  nextValidatorsHash: validatorsHashOf(primitives, SET),
  evidenceRoot: listRoot(primitives, []),
  gasUsed: 0,
});
