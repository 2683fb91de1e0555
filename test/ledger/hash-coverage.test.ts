import { describe, expect, it } from 'vitest';
import type { SecretKey } from '../../src/base/brand.ts';
import { type Address, type Hash, height, round, timestampMs } from '../../src/base/brand.ts';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { decode } from '../../src/base/canonical.ts';
import { signingDigest } from '../../src/base/digest.ts';
import { LIMITS } from '../../src/base/limits.ts';
import type { Shape } from '../../src/base/shape.ts';
import type { Vote } from '../../src/consensus/engine.ts';
import { signedVoteShape, voteBytes, voteDigest } from '../../src/consensus/vote.ts';
import { noblePrimitives as primitives } from '../../src/crypto/noble.ts';
import { type Header, headerHash, headerShape } from '../../src/ledger/header.ts';
import { decodeReceipts, encodeReceipts, type Receipt, receiptHash } from '../../src/ledger/receipt.ts';
import { decodeTransaction, signTransaction, type Transaction, unsignedBytes } from '../../src/ledger/transaction.ts';

/*
 * Every field, changed, changes the hash. The fields are read from the shapes, which give exactly their own, so that a field
 * added to a format is here without anyone remembering it.
 */
const hashOf = (name: string): Hash => primitives.hash(utf8(name));
const secret = hashOf('a secret') as Uint8Array as SecretKey;

/** The fields that a shape gives: a struct's result has those and no other. */
function fieldsOf<T extends object>(shape: Shape<T>, sample: T): readonly (keyof T & string)[] {
  const read = shape(sample, '');
  if (!read.ok) throw new Error(read.rejection.code);
  return Object.keys(read.value) as (keyof T & string)[];
}

/** Every value that differs from `value` in one place: one bit of one byte, a number, a word, an item, presence. */
function* changed(value: unknown): Generator<unknown> {
  if (value === null) yield* [0, 'x', new Uint8Array(32)];
  else if (typeof value === 'number') yield* [value + 1, value + 2 ** 40];
  else if (typeof value === 'string') yield* [`${value}x`, value.slice(1), ''];
  else if (value instanceof Uint8Array) {
    for (let i = 0; i < value.length; i++) yield value.with(i, (value[i] as number) ^ (1 << (i % 8)));
    yield* [value.slice(1), new Uint8Array([...value, 0])];
  } else if (Array.isArray(value)) {
    yield* [value.slice(1), [...value, value[0] ?? 0]];
    for (const [i, item] of value.entries()) for (const other of changed(item)) yield value.with(i, other);
  } else {
    const map = value as Record<string, unknown>;
    yield { ...map, another: 1 };
    for (const [name, item] of Object.entries(map)) {
      yield Object.fromEntries(Object.entries(map).filter(([other]) => other !== name));
      for (const other of changed(item)) yield { ...map, [name]: other };
    }
  }
}

/** All hashes of `value` with one field changed, in every way, and of `value` itself: no two are the same. */
function expectDistinct<T extends object>(value: T, field: keyof T & string, hash: (value: T) => Hash): void {
  const variants = [...changed(value[field])];
  expect(variants.length).toBeGreaterThan(0);
  const before = toHex(hash(value));
  for (const variant of variants) expect(toHex(hash({ ...value, [field]: variant }))).not.toBe(before);
}

const header: Header = {
  version: 1,
  chainId: hashOf('chain'),
  height: height(7),
  parentHash: hashOf('parent'),
  timestampMs: timestampMs(1_700_000_000_000),
  proposer: hashOf('proposer').slice(12) as Address,
  transactionsRoot: hashOf('transactions'),
  receiptsRoot: hashOf('receipts'),
  stateRoot: hashOf('state'),
  validatorsHash: hashOf('validators'),
  nextValidatorsHash: hashOf('next validators'),
  evidenceRoot: hashOf('evidence'),
  gasUsed: 12_345,
};

describe("a header's hash", () => {
  it.each(fieldsOf(headerShape, header))('changes with %s', (field) => {
    expectDistinct(header, field, (value) => headerHash(primitives, value));
  });

  it('covers the fields that the specification lists, and no round or seal', () => {
    expect(fieldsOf(headerShape, header).join(' ')).toBe(
      'version chainId height parentHash timestampMs proposer transactionsRoot receiptsRoot stateRoot validatorsHash ' +
        'nextValidatorsHash evidenceRoot gasUsed',
    );
  });
});

const transaction: Transaction = {
  version: 1,
  chainId: hashOf('chain'),
  publicKey: primitives.publicKeyOf(secret),
  nonce: 3,
  validUntilHeight: 100,
  gasLimit: 50_000,
  kind: 'readRecord',
  payload: {
    record: hashOf('record'),
    purpose: 'TREAT',
    freshKey: primitives.publicKeyOf(secret),
    list: [{ n: 1 }, null],
  },
};
const signed = signTransaction(primitives, transaction, secret);

const transactionFields = (): readonly (keyof Transaction & string)[] => {
  const read = decodeTransaction(primitives, transaction.chainId, signed.bytes);
  if (!read.ok) throw new Error(read.rejection.code);
  return Object.keys(read.value.transaction) as (keyof Transaction & string)[];
};

describe("a transaction's id and what is signed", () => {
  it.each(transactionFields())('change with %s', (field) => {
    expectDistinct(transaction, field, (value) => primitives.hash(unsignedBytes(value)));
    expectDistinct(transaction, field, (value) => signingDigest(primitives, 'transaction', unsignedBytes(value)));
  });

  it('are of the fields that the specification lists', () => {
    expect(transactionFields().join(' ')).toBe(
      'version chainId publicKey nonce validUntilHeight gasLimit kind payload',
    );
  });

  it('stand apart from the leaf, which the signature changes too', () => {
    expect(toHex(signed.id)).toBe(toHex(primitives.hash(unsignedBytes(transaction))));
    expect(toHex(signed.leaf)).toBe(toHex(primitives.hash(signed.bytes)));
    for (let i = 0; i < signed.bytes.length; i++) {
      const bytes = new Uint8Array(signed.bytes).with(i, (signed.bytes[i] as number) ^ 1);
      expect(toHex(primitives.hash(bytes))).not.toBe(toHex(signed.leaf));
    }
  });

  it('do not survive any flipped bit: the signature, or the form, no longer holds', () => {
    // Every byte; one bit of each, since a recovery costs a millisecond.
    for (let i = 0; i < signed.bytes.length; i++) {
      const bytes = new Uint8Array(signed.bytes).with(i, (signed.bytes[i] as number) ^ (1 << (i % 8)));
      expect(decodeTransaction(primitives, transaction.chainId, bytes).ok, `byte ${i}`).toBe(false);
    }
  });
});

const votes: Readonly<Record<string, Vote>> = {
  commit: {
    chainId: hashOf('chain'),
    engine: 'qbft',
    height: height(7),
    round: round(2),
    type: 'commit',
    blockHash: hashOf('block'),
    preparedRound: null,
    preparedHash: null,
  },
  'round-change': {
    chainId: hashOf('chain'),
    engine: 'qbft',
    height: height(7),
    round: round(2),
    type: 'round-change',
    blockHash: new Uint8Array(32) as Hash,
    preparedRound: round(1),
    preparedHash: hashOf('block'),
  },
};

/** What travels with a vote, but for who signed it and how, and what the reader adds. */
const voteFields = (): readonly (keyof Vote)[] => {
  const { chainId: _, engine: __, ...ballot } = votes.commit as Vote;
  const sample = { ...ballot, validator: header.proposer, signature: signed.signature };
  const travelling = fieldsOf(signedVoteShape, sample).filter((field) => !['validator', 'signature'].includes(field));
  return ['chainId', 'engine', ...travelling] as (keyof Vote)[];
};

describe.each(Object.keys(votes))('what a %s vote signs', (type) => {
  const vote = votes[type] as Vote;

  it.each(voteFields())('changes with %s', (field) => {
    expectDistinct(vote, field, (value) => voteDigest(primitives, value));
  });

  it('holds every field of a vote, and nothing else', () => {
    const read = decode(voteBytes(vote), LIMITS.transactionBytesMax);
    expect(read.ok && Object.keys(read.value as object).sort()).toEqual([...voteFields()].sort());
    expect(Object.keys(vote).sort()).toEqual([...voteFields()].sort());
  });
});

const receipt: Receipt = {
  transactionId: hashOf('transaction'),
  outcome: 'denied',
  code: 'policy.denied',
  policies: ['one', 'two'],
  gasUsed: 99,
  events: [{ name: 'denied', to: header.proposer, about: hashOf('record') }],
};

const receiptFields = (): readonly (keyof Receipt & string)[] => {
  const read = decodeReceipts(encodeReceipts([receipt]));
  if (!read.ok) throw new Error(read.rejection.code);
  return Object.keys(read.value[0] as Receipt) as (keyof Receipt & string)[];
};

describe("a receipt's hash", () => {
  it.each(receiptFields())('changes with %s', (field) => {
    expectDistinct(receipt, field, (value) => receiptHash(primitives, value));
  });
});
