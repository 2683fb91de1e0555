import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Signature } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { type Canonical, decode, encode } from '../../src/base/canonical.ts';
import { BASE_CODES } from '../../src/base/codes.ts';
import { signingDigest } from '../../src/base/digest.ts';
import { LIMITS } from '../../src/base/limits.ts';
import type { Result } from '../../src/base/result.ts';
import { checkAdmission } from '../../src/ledger/admission.ts';
import { BLOCK_EVIDENCE_MAX, decodeBlock, encodeBlock } from '../../src/ledger/block.ts';
import { LEDGER_CODES } from '../../src/ledger/codes.ts';
import { BlockExecution } from '../../src/ledger/execute-block.ts';
import { parseGenesis } from '../../src/ledger/genesis.ts';
import { decodeReceipts } from '../../src/ledger/receipt.ts';
import { possessionBytes } from '../../src/ledger/signed-words.ts';
import { decodeTransaction, type Transaction, unsignedBytes } from '../../src/ledger/transaction.ts';
import {
  env,
  hashOf,
  heightOf,
  idOf,
  keyOf,
  primitives,
  secretOf,
  shortChain,
  signWords,
  smallChain,
} from '../protocol/offline/chain.ts';

const { chainId } = env;

/*
 * Every way in which bytes or a transaction can be refused before a policy is asked, each with exactly its code. The last
 * test holds this table to the catalogue: a code that no input reaches is found.
 */
const chain = smallChain();
const block = (chain.steps[6] as (typeof chain.steps)[0]).block;
const next = heightOf(chain.tip.header.height + 1);

const sound: Transaction = {
  version: 1,
  chainId,
  publicKey: keyOf('doctor'),
  nonce: 4,
  validUntilHeight: next + 10,
  gasLimit: 100_000,
  kind: 'readRecord',
  payload: { record: hashOf('the record'), purpose: 'TREAT', freshKey: keyOf('fresh') },
};

/** Signed whatever it says: a wrong field is refused for what it is, not for its signature. */
function signedBytes(change: object = {}, signer = 'doctor'): Uint8Array {
  const unsigned = unsignedBytes({ ...sound, publicKey: keyOf(signer), ...change } as Transaction);
  return seal(unsigned, signer);
}

function seal(unsigned: Uint8Array, signer = 'doctor'): Uint8Array {
  return encode({
    signature: primitives.sign(signingDigest(primitives, 'transaction', unsigned), secretOf(signer)),
    unsigned,
  });
}

const without = (field: string): object => Object.fromEntries(Object.entries(sound).filter(([name]) => name !== field));

/** The sound transaction under a signature that `change` made of the right one. */
function resigned(change: (signature: Uint8Array) => Uint8Array): Uint8Array {
  const unsigned = unsignedBytes(sound);
  const right = primitives.sign(signingDigest(primitives, 'transaction', unsigned), secretOf('doctor'));
  return encode({ signature: change(Uint8Array.from(right)), unsigned });
}

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The same point, the other s: (r, n − s, v ⊕ 1) recovers to the same key, and is refused for its form alone. */
function highS(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${toHex(signature.slice(32, 64))}`);
  const other = signature.slice();
  other.set(Buffer.from((ORDER - s).toString(16).padStart(64, '0'), 'hex'), 32);
  other[64] = (signature[64] as number) ^ 1;
  return other;
}

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const deep = (levels: number): Uint8Array => Uint8Array.from([...new Array(levels).fill(0x81), 0x80]);
const flipped = (bytes: Uint8Array, at: number, mask: number): Uint8Array =>
  Uint8Array.from(bytes).with(at, (bytes[at] as number) ^ mask);

/** A map that `encode` would never write: its entries in the order given, with repeats. */
const rawMap = (...entries: readonly (readonly [string, Uint8Array])[]): Uint8Array =>
  Uint8Array.from([0xa0 | entries.length, ...entries.flatMap(([name, value]) => [...encode(name), ...value])]);

const transactionOf = (bytes: Uint8Array): Result<unknown> => decodeTransaction(primitives, chainId, bytes);
const admission = (bytes: Uint8Array): Result<unknown> => {
  const signed = decodeTransaction(primitives, chainId, bytes);
  return signed.ok ? checkAdmission(env, chain.tip.view, next, signed.value) : signed;
};
/** As the next transaction of a block. */
const inclusion = (bytes: Uint8Array): Result<unknown> => {
  const signed = decodeTransaction(primitives, chainId, bytes);
  if (!signed.ok) return signed;
  const execution = new BlockExecution(env, chain.tip, chain.tip.header.timestampMs);
  const rejection = execution.add(signed.value);
  return rejection === null ? { ok: true, value: null } : { ok: false, rejection };
};

type Row = readonly [what: string, code: string, read: (bytes: Uint8Array) => Result<unknown>, bytes: Uint8Array];

const { signature, unsigned } = (
  decode(signedBytes(), LIMITS.transactionBytesMax) as unknown as { readonly value: unknown }
).value as {
  signature: Uint8Array;
  unsigned: Uint8Array;
};

/** Bytes that are no canonical value: the same for every format, so each is given to each decoder. */
const ENCODINGS: readonly (readonly [string, string, Uint8Array])[] = [
  ['no bytes', 'encoding.empty', new Uint8Array(0)],
  ['10,000 nested lists', 'encoding.too-deep', deep(10_000)],
  ['a list of 2^32 items', 'encoding.too-many-items', bytesOf('9a ffffffff')],
  ['half a map', 'encoding.truncated', bytesOf('a2 61')],
  ['an integer in too many bytes', 'encoding.malformed', bytesOf('a1 6161 1800')],
  ['a repeated key', 'encoding.malformed', rawMap(['a', encode(1)], ['a', encode(1)])],
  ['a float', 'encoding.malformed', bytesOf('a1 6161 fb 3ff8000000000000')],
  ['an integral float', 'encoding.malformed', bytesOf('a1 6161 fb 3ff0000000000000')],
  ['minus zero', 'encoding.malformed', bytesOf('a1 6161 fb 8000000000000000')],
  ['undefined', 'encoding.malformed', bytesOf('a1 6161 f7')],
  ['a tag', 'encoding.malformed', bytesOf('c0 61 61')],
  ['JSON', 'encoding.truncated', new TextEncoder().encode('{"signature":1}')],
  ['a second value', 'encoding.malformed', Uint8Array.from([...encode({}), 0])],
  ['unsorted keys', 'encoding.not-canonical', rawMap(['b', encode(1)], ['a', encode(1)])],
  ['invalid UTF-8', 'encoding.not-canonical', bytesOf('a1 6161 62 c328')],
  ['another type', 'shape.wrong-type', encode('text')],
];

const DECODERS: readonly (readonly [string, (bytes: Uint8Array) => Result<unknown>])[] = [
  ['a transaction', transactionOf],
  ['a block', decodeBlock],
  ['receipts', decodeReceipts],
];

const header = block.header as unknown as Record<string, Canonical>;
const blockWith = (change: object): Uint8Array =>
  encode({ header, transactions: block.transactions, evidence: [], ...change } as unknown as Canonical);
const tooMany = Array.from({ length: LIMITS.blockTransactionsMax + 1 }, () => Uint8Array.of(1));

const ROWS: readonly Row[] = [
  ...ENCODINGS.flatMap(([what, code, bytes]) =>
    DECODERS.map(([format, read]): Row => [`${what} for ${format}`, code, read, bytes]),
  ),

  [
    'a transaction over its size',
    'encoding.too-large',
    transactionOf,
    signedBytes({ payload: { a: 'x'.repeat(16_384) } }),
  ],
  ['a transaction without its last byte', 'encoding.truncated', transactionOf, signedBytes().slice(0, -1)],
  ['a transaction with a byte more', 'encoding.malformed', transactionOf, Uint8Array.from([...signedBytes(), 0])],
  ['a field beside the signature', 'shape.unknown-field', transactionOf, encode({ signature, unsigned, more: 1 })],
  ['a transaction without a signature', 'shape.missing-field', transactionOf, encode({ unsigned })],
  ['a signature of 64 bytes', 'shape.out-of-range', transactionOf, encode({ signature: signature.slice(1), unsigned })],
  ['an unknown field inside', 'shape.unknown-field', transactionOf, signedBytes({ memo: 'x' })],
  ['__proto__ inside', 'shape.unknown-field', transactionOf, signedBytes(JSON.parse('{"__proto__":{"nonce":1}}'))],
  ...Object.keys(sound).map(
    (field): Row => [`no ${field}`, 'shape.missing-field', transactionOf, seal(encode(without(field) as Canonical))],
  ),
  ['a nonce below 0', 'shape.out-of-range', transactionOf, signedBytes({ nonce: -1 })],
  ['a nonce of 2^53', 'shape.wrong-type', transactionOf, signedBytes({ nonce: 2n ** 53n })],
  ['a nonce that is text', 'shape.wrong-type', transactionOf, signedBytes({ nonce: '3' })],
  ['a payload that is a list', 'shape.wrong-type', transactionOf, signedBytes({ payload: [] })],
  [
    'unsigned bytes that are not canonical',
    'encoding.not-canonical',
    transactionOf,
    seal(rawMap(['b', encode(1)], ['a', encode(1)])),
  ],
  ['unsigned bytes 10,000 deep', 'encoding.too-deep', transactionOf, seal(deep(10_000))],
  ['no unsigned bytes', 'shape.out-of-range', transactionOf, encode({ signature, unsigned: new Uint8Array(0) })],

  ['another version', 'transaction.version', transactionOf, signedBytes({ version: 2 })],
  ['another chain', 'transaction.foreign-chain', transactionOf, signedBytes({ chainId: hashOf('another chain') })],
  ['the signature of another key', 'transaction.bad-signature', transactionOf, seal(unsigned, 'patient')],
  ['one flipped bit of the signature', 'transaction.bad-signature', transactionOf, resigned((s) => flipped(s, 5, 1))],
  ['the other parity', 'transaction.bad-signature', transactionOf, resigned((s) => flipped(s, 64, 1))],
  ['v = 2', 'transaction.bad-signature', transactionOf, resigned((s) => s.with(64, (s[64] as number) | 2))],
  ['v = 27', 'transaction.bad-signature', transactionOf, resigned((s) => s.with(64, (s[64] as number) + 27))],
  ['the high s of the same signature', 'transaction.bad-signature', transactionOf, resigned(highS)],
  ['a signature of zeros', 'transaction.bad-signature', transactionOf, resigned(() => new Uint8Array(65))],
  [
    'a signature of ones',
    'transaction.bad-signature',
    transactionOf,
    resigned(() => new Uint8Array(65).fill(255).with(64, 0)),
  ],
  [
    'a public key off the curve',
    'transaction.bad-signature',
    transactionOf,
    signedBytes({ publicKey: new Uint8Array(33).fill(2) }),
  ],
  [
    'a signature made for another purpose',
    'transaction.bad-signature',
    transactionOf,
    encode({ signature: signWords('doctor', 'http-request', unsigned), unsigned }),
  ],

  ['a kind that is none', 'transaction.unknown-kind', admission, signedBytes({ kind: 'transfer' })],
  ['the kind toString', 'transaction.unknown-kind', admission, signedBytes({ kind: 'toString' })],
  ['a payload of another kind', 'shape.missing-field', admission, signedBytes({ payload: {} })],
  [
    'a field more in the payload',
    'shape.unknown-field',
    admission,
    signedBytes({ payload: { ...sound.payload, more: 1 } }),
  ],
  [
    'a purpose that is none',
    'shape.out-of-range',
    admission,
    signedBytes({ payload: { ...sound.payload, purpose: 'FUN' } }),
  ],
  ['a used nonce', 'transaction.nonce-used', admission, signedBytes({ nonce: 3 })],
  ['a nonce too far on, in a block', 'transaction.nonce-gap', inclusion, signedBytes({ nonce: 5 })],
  ['an expired one', 'transaction.expired', admission, signedBytes({ validUntilHeight: next - 1 })],
  [
    'one valid too far ahead',
    'transaction.too-far-ahead',
    admission,
    signedBytes({ validUntilHeight: next + env.genesis.parameters.validityHeightsMax + 1 }),
  ],
  ['too little gas for its bytes', 'transaction.gas-limit', admission, signedBytes({ gasLimit: 500 })],
  [
    'more gas than one may use',
    'transaction.gas-limit',
    admission,
    signedBytes({ gasLimit: env.genesis.parameters.transactionGasMax + 1 }),
  ],
  ['a key that nobody enrolled', 'transaction.stranger', admission, signedBytes({ nonce: 0 }, 'stranger')],
  [
    'an enrolment that no hospital co-signed',
    'transaction.stranger',
    admission,
    signedBytes({ nonce: 0, kind: 'enrol', payload: unsponsored() }, 'stranger'),
  ],
  ['a retired key', 'transaction.key-retired', afterRotation, signedBytes({ nonce: 2 }, 'patient')],

  ['a block over its size', 'encoding.too-large', decodeBlock, new Uint8Array(LIMITS.blockBytesMax + 1)],
  ['a block with a field more', 'shape.unknown-field', decodeBlock, blockWith({ seals: [] })],
  ['a block without evidence', 'shape.missing-field', decodeBlock, encode({ header, transactions: [] })],
  ['a header with a field more', 'shape.unknown-field', decodeBlock, blockWith({ header: { ...header, round: 0 } })],
  ...Object.keys(header).map((field): Row => {
    const fewer = Object.fromEntries(Object.entries(header).filter(([name]) => name !== field));
    return [`a header without ${field}`, 'shape.missing-field', decodeBlock, blockWith({ header: fewer })];
  }),
  [
    'a root of 31 bytes',
    'shape.out-of-range',
    decodeBlock,
    blockWith({ header: { ...header, stateRoot: new Uint8Array(31) } }),
  ],
  ['a height below 0', 'shape.out-of-range', decodeBlock, blockWith({ header: { ...header, height: -1 } })],
  ['an empty transaction', 'shape.out-of-range', decodeBlock, blockWith({ transactions: [new Uint8Array(0)] })],
  ['more transactions than a block may hold', 'shape.out-of-range', decodeBlock, blockWith({ transactions: tooMany })],
  [
    'more evidence than a block may hold',
    'shape.out-of-range',
    decodeBlock,
    blockWith({ evidence: Array.from({ length: BLOCK_EVIDENCE_MAX + 1 }, () => Uint8Array.of(1)) }),
  ],
  [
    'a transaction over its size in a block',
    'shape.out-of-range',
    decodeBlock,
    blockWith({ transactions: [new Uint8Array(LIMITS.transactionBytesMax + 1)] }),
  ],
];

function unsponsored(): object {
  const words = {
    role: 'patient',
    hospital: idOf('north'),
    handle: hashOf('h'),
    signingKey: keyOf('a'),
    receivingKey: keyOf('b'),
  };
  return { ...words, sponsorSignature: signWords('stranger', 'enrolment-sponsor', encode(words)) };
}

/** Admission on a chain whose patient has moved to a new key. */
function afterRotation(bytes: Uint8Array): Result<unknown> {
  const rotated = shortChain();
  const newKey = keyOf('new key of patient');
  const possession = signWords(
    'new key of patient',
    'key-possession',
    possessionBytes(chainId, idOf('patient'), newKey),
  );
  const { receipts } = rotated.block(rotated.transaction('patient', 'rotateKey', { newKey, possession }));
  expect(receipts.map(({ outcome }) => outcome)).toEqual(['applied']);
  const signed = decodeTransaction(primitives, chainId, bytes);
  return signed.ok ? checkAdmission(env, rotated.tip.view, next, signed.value) : signed;
}

const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.rejection.code);

describe('bad input', () => {
  it.each(ROWS)('%s is refused as %s', (_, code, read, bytes) => {
    expect(codeOf(read(bytes))).toBe(code);
  });

  it('is what was changed: the same transaction and block unchanged are taken', () => {
    for (const read of [transactionOf, admission, inclusion]) expect(codeOf(read(signedBytes()))).toBe('ok');
    expect(codeOf(admission(signedBytes({ nonce: 5 })))).toBe('ok');
    expect(codeOf(transactionOf(resigned((s) => s)))).toBe('ok');
    expect(codeOf(decodeBlock(blockWith({})))).toBe('ok');
    expect(codeOf(decodeBlock(encodeBlock(block)))).toBe('ok');
  });

  it('reaches every code of the encoding, of shapes and of transactions', () => {
    const reached = new Set(ROWS.map(([, code]) => code));
    const listed = [
      ...Object.keys(BASE_CODES),
      ...Object.keys(LEDGER_CODES).filter((code) => code.startsWith('transaction.')),
    ];
    expect(listed.filter((code) => !reached.has(code))).toEqual([]);
  });

  it('never makes a decoder throw', () => {
    const genuine = [signedBytes(), encodeBlock(block), encode([])];
    const mutation = fc.record({ which: fc.nat(2), at: fc.nat(), byte: fc.nat(255), cut: fc.nat() });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), mutation), (input) => {
        const bytes = input instanceof Uint8Array ? input : mutant(genuine[input.which] as Uint8Array, input);
        for (const [, read] of DECODERS) read(bytes);
      }),
      { numRuns: 1_000 },
    );
  });
});

const mutant = (bytes: Uint8Array, { at, byte, cut }: { at: number; byte: number; cut: number }): Uint8Array =>
  Uint8Array.from(bytes)
    .with(at % bytes.length, byte)
    .slice(0, cut % 3 === 0 ? cut % bytes.length : bytes.length);

describe('the limits of the formats', () => {
  const transactionOfSize = (size: number): Uint8Array => {
    const empty = signedBytes({ payload: { a: new Uint8Array(300) } }).length - 300;
    return signedBytes({ payload: { a: new Uint8Array(size - empty) } });
  };

  it('a transaction may have transactionBytesMax bytes, and not one more', () => {
    const most = transactionOfSize(LIMITS.transactionBytesMax);
    expect(most.length).toBe(LIMITS.transactionBytesMax);
    expect(codeOf(transactionOf(most))).toBe('ok');
    const over = transactionOfSize(LIMITS.transactionBytesMax + 1);
    expect([over.length, codeOf(transactionOf(over))]).toEqual([LIMITS.transactionBytesMax + 1, 'encoding.too-large']);
  });

  it('a block may hold blockTransactionsMax transactions', () => {
    expect(codeOf(decodeBlock(blockWith({ transactions: tooMany.slice(1) })))).toBe('ok');
  });

  it('a block may have blockBytesMax bytes, and not one more', () => {
    const sized = (last: number): Uint8Array => {
      const full = new Uint8Array(LIMITS.transactionBytesMax);
      return blockWith({ transactions: [...Array.from({ length: 127 }, () => full), new Uint8Array(last)] });
    };
    const room = LIMITS.blockBytesMax - sized(300).length + 300;
    expect(sized(room).length).toBe(LIMITS.blockBytesMax);
    expect(codeOf(decodeBlock(sized(room)))).toBe('ok');
    expect(codeOf(decodeBlock(sized(room + 1)))).toBe('encoding.too-large');
  });

  it('a genesis file may have genesisBytesMax bytes', () => {
    const most = ' '.repeat(LIMITS.genesisBytesMax);
    expect(codeOf(parseGenesis(primitives, most))).toBe('genesis.malformed');
    expect(codeOf(parseGenesis(primitives, `${most} `))).toBe('encoding.too-large');
  });

  it('a signature has 65 bytes of one form: of all values of its last byte two are looked at', () => {
    const accepted = [];
    for (let v = 0; v < 256; v++) if (transactionOf(resigned((s) => s.with(64, v))).ok) accepted.push(v);
    expect(accepted).toHaveLength(1);
    expect(accepted[0]).toBe((signature as Signature)[64]);
    expect([0, 1]).toContain(accepted[0]);
  });
});
