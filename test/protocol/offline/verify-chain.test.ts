import { beforeAll, describe, expect, it } from 'vitest';
import type { Hash, TimestampMs } from '../../../src/base/brand.ts';
import { toHex } from '../../../src/base/bytes.ts';
import { type Canonical, encode } from '../../../src/base/canonical.ts';
import { decodeCertificate, encodeCertificate } from '../../../src/consensus/certificate.ts';
import { type Block, encodeBlock } from '../../../src/ledger/block.ts';
import { renderGenesis } from '../../../src/ledger/genesis.ts';
import { type Header, headerHash } from '../../../src/ledger/header.ts';
import { listRoot } from '../../../src/ledger/merkle.ts';
import { encodeReceipts } from '../../../src/ledger/receipt.ts';
import {
  type ChainEntry,
  type ChainVerifier,
  createChainVerifier,
} from '../../../src/protocol/offline/verify-chain.ts';
import {
  Chain,
  certify,
  env,
  envOf,
  genesisOf,
  genesisText,
  hashOf,
  heightOf,
  idOf,
  primitives,
  shortChain,
  smallChain,
} from './chain.ts';

const chain = smallChain();

function verifierOf(text = genesisText): ChainVerifier {
  const verifier = createChainVerifier(primitives, text);
  if (!verifier.ok) throw new Error(verifier.rejection.code);
  return verifier.value;
}

/** A verifier that has taken every height below `height`. */
function verifierBelow(height: number, source = chain): ChainVerifier {
  const verifier = verifierOf();
  for (const { entry } of source.steps.slice(0, height - 1)) expect(verifier.next(entry)).toEqual({ verdict: 'holds' });
  return verifier;
}

const stepAt = (height: number) => chain.steps[height - 1] as (typeof chain.steps)[0];
const rootOf = (transactions: readonly Uint8Array[]): Hash =>
  listRoot(
    primitives,
    transactions.map((bytes) => primitives.hash(bytes)),
  );
const flip = (bytes: Uint8Array, at: number, mask: number): Uint8Array =>
  Uint8Array.from(bytes).with(at, (bytes[at] as number) ^ mask);

describe('the small chain', () => {
  it('has every outcome in it', () => {
    expect(chain.steps.map(({ receipts }) => receipts.map(({ outcome, code }) => code ?? outcome))).toEqual([
      ['applied', 'applied'],
      ['applied', 'applied', 'applied'],
      ['applied', 'policy.denied'],
      ['applied'],
      ['applied'],
      [],
      ['applied', 'policy.denied', 'record.exists'],
    ]);
  });

  it('holds from genesis to the tip, with the same tip and state root', () => {
    const verifier = verifierBelow(chain.steps.length + 1);
    const { header, hash } = chain.tip;
    expect(verifier.finish()).toEqual({ heights: 7, tipHash: hash, stateRoot: header.stateRoot });
  });

  it('holds with another certificate of the same block: nothing depends on which', () => {
    const { entry, block } = stepAt(1);
    const other = certify(env.chainId, heightOf(1), headerHash(primitives, block.header), 3 as never);
    expect(verifierOf().next({ ...entry, certificate: encodeCertificate(other) })).toEqual({ verdict: 'holds' });
  });
});

const short = shortChain();

describe.each(short.steps.map(({ entry }) => entry))('in a short chain, at height $height', (entry) => {
  const { height } = entry;
  let verifier: ChainVerifier;
  beforeAll(() => {
    verifier = verifierBelow(height, short);
  });

  it.each([
    ['block', /^(header|block|transactions|evidence)\b/],
    ['certificate', /^certificate\b/],
    ['receipts', /^receipts\b/],
  ] as const)('every flipped byte of the %s is found, and its height and field are named', (part, named) => {
    const bytes = entry[part];
    const missed: unknown[] = [];
    for (let at = 0; at < bytes.length; at++) {
      const verdict = verifier.next({ ...entry, [part]: flip(bytes, at, 1 << (at % 8)) });
      const found = verdict.verdict === 'violated' && verdict.height === height && named.test(verdict.field);
      if (!found) missed.push({ at, verdict });
    }
    expect(missed).toEqual([]);
  });

  it.each(['block', 'certificate', 'receipts'] as const)('a cut, empty or longer %s is found', (part) => {
    const bytes = entry[part];
    for (const changed of [bytes.slice(0, -1), bytes.slice(1), new Uint8Array(0), Uint8Array.from([...bytes, 0])])
      expect(verifier.next({ ...entry, [part]: changed })).toMatchObject({ verdict: 'violated', height });
  });

  it('the genuine entry still holds after all of that: a finding changes nothing', () => {
    expect(verifier.next(entry)).toEqual({ verdict: 'holds' });
  });
});

/** The verdict on height 5 with a changed header, under its old certificate or, where a quorum would sign it, a new one. */
function withHeader(change: Partial<Header>, sealed: boolean, body: Partial<Block> = {}) {
  const { entry, block } = stepAt(5);
  const header = { ...block.header, ...change };
  const bytes = encodeBlock({ ...block, ...body, header });
  const certificate = sealed
    ? encodeCertificate(certify(env.chainId, heightOf(5), headerHash(primitives, header)))
    : entry.certificate;
  return verifierBelow(5).next({ ...entry, block: bytes, certificate });
}

const CHANGES: { readonly [F in keyof Header]: Header[F] } = {
  ...stepAt(5).block.header,
  version: 2,
  chainId: hashOf('another chain'),
  height: heightOf(6),
  parentHash: hashOf('another parent'),
  timestampMs: (stepAt(5).block.header.timestampMs + 1) as TimestampMs,
  proposer: chain.tip.validators.find(({ id }) => toHex(id) !== toHex(stepAt(5).block.header.proposer))?.id as never,
  transactionsRoot: hashOf('a'),
  receiptsRoot: hashOf('b'),
  stateRoot: hashOf('c'),
  validatorsHash: hashOf('d'),
  nextValidatorsHash: hashOf('e'),
  evidenceRoot: hashOf('f'),
  gasUsed: 1,
};

describe('an altered header', () => {
  it.each(Object.keys(CHANGES) as (keyof Header)[])('is found, and %s is named', (field) => {
    expect(withHeader({ [field]: CHANGES[field] }, false)).toEqual({
      verdict: 'violated',
      height: 5,
      field: `header.${field}`,
      code: field === 'version' ? 'block.version' : 'offline.header-altered',
    });
  });

  it.each([
    ['chainId', 'block.foreign-chain'],
    ['height', 'block.height'],
    ['parentHash', 'block.parent'],
    ['receiptsRoot', 'block.receipts-root'],
    ['stateRoot', 'block.state-root'],
    ['validatorsHash', 'block.validators-hash'],
    ['nextValidatorsHash', 'block.validators-hash'],
    ['gasUsed', 'block.gas-used'],
  ] as const)('is found even where a quorum signed it: %s', (field, code) => {
    expect(withHeader({ [field]: CHANGES[field] }, true)).toMatchObject({
      verdict: 'violated',
      field: `header.${field}`,
      code,
    });
  });

  it('of a version that a quorum signed and this software does not know is unknown, not violated', () => {
    const { entry, block } = stepAt(5);
    const finding = { verdict: 'unknown', height: 5, field: 'header.version', code: 'block.version' };
    expect(withHeader({ version: 2 }, true)).toEqual(finding);
    // The next version may have other fields, too.
    const header = { ...block.header, version: 2, another: 1 };
    const hash = primitives.hash(encode(header as unknown as Canonical)) as Hash;
    const certificate = encodeCertificate(certify(env.chainId, heightOf(5), hash));
    const bytes = encode({ ...block, header } as unknown as Canonical);
    expect(verifierBelow(5).next({ ...entry, block: bytes, certificate })).toEqual(finding);
  });

  it('whose time is not after its parent is found', () => {
    const { timestampMs } = stepAt(4).block.header;
    expect(withHeader({ timestampMs }, true)).toMatchObject({ field: 'header.timestampMs', code: 'block.timestamp' });
  });

  it('with a proposer from outside the set is found', () => {
    expect(withHeader({ proposer: idOf('doctor') }, true)).toMatchObject({ code: 'block.proposer' });
  });
});

describe('an altered body', () => {
  it('is found under a header that holds, and the transaction is named', () => {
    const { transactions } = stepAt(7).block;
    const { entry, block } = stepAt(7);
    const bad = transactions.map((bytes, i) => (i === 1 ? flip(bytes, bytes.length - 5, 1) : bytes));
    expect(verifierBelow(7).next({ ...entry, block: encodeBlock({ ...block, transactions: bad }) })).toEqual({
      verdict: 'violated',
      height: 7,
      field: 'transactions[1]',
      code: 'block.transactions-root',
    });
    for (const moved of [transactions.toReversed(), transactions.slice(1), [...transactions, ...transactions]])
      expect(verifierBelow(7).next({ ...entry, block: encodeBlock({ ...block, transactions: moved }) })).toMatchObject({
        field: 'transactions',
        code: 'block.transactions-root',
      });
  });

  it('with a piece of evidence that proves nothing is found', () => {
    expect(withHeader({}, false, { evidence: [Uint8Array.of(1)] })).toMatchObject({ field: 'evidence[0]' });
  });

  it('that a quorum signed with a bad transaction in it is found, and the transaction is named', () => {
    // Height 5 holds one transaction; a block of another chain's transaction with roots that fit.
    const foreign = new Chain(envOf(renderGenesis(genesisOf('another consortium'))));
    const stray = foreign.transaction('doctor', 'admit', { participant: idOf('doctor') });
    const { entry, block } = stepAt(5);
    const transactions = [stray.bytes];
    const transactionsRoot = rootOf(transactions);
    const header = { ...block.header, transactionsRoot };
    const certificate = encodeCertificate(certify(env.chainId, heightOf(5), headerHash(primitives, header)));
    const bytes = encodeBlock({ ...block, header, transactions });
    expect(verifierBelow(5).next({ ...entry, block: bytes, certificate })).toMatchObject({
      field: 'transactions[0]',
      code: 'transaction.foreign-chain',
    });
  });
});

describe('receipts', () => {
  it('that are not those of execution are found, with their index and field', () => {
    const { entry, receipts } = stepAt(7);
    const [first, second, third] = receipts as [never, (typeof receipts)[0], never];
    const cases = [
      [[first, { ...second, outcome: 'applied' as const }, third], 'receipts[1].outcome'],
      [[first, { ...second, gasUsed: 1 }, third], 'receipts[1].gasUsed'],
      [[first, second], 'receipts'],
      [[first, second, third, third], 'receipts'],
    ] as const;
    for (const [given, field] of cases)
      expect(verifierBelow(7).next({ ...entry, receipts: encodeReceipts(given) })).toEqual({
        verdict: 'violated',
        height: 7,
        field,
        code: 'offline.receipts-differ',
      });
  });
});

describe('a certificate', () => {
  const certificateAt = (height: number) => {
    const read = decodeCertificate(stepAt(height).entry.certificate);
    if (!read.ok) throw new Error(read.rejection.code);
    return read.value;
  };
  const withCertificate = (change: object) =>
    verifierBelow(5).next({ ...stepAt(5).entry, certificate: encodeCertificate({ ...certificateAt(5), ...change }) });

  it.each([
    ['of another height', certificateAt(4), 'certificate.height'],
    ['of another block', { blockHash: hashOf('x') }, 'certificate.blockHash'],
    ['of another round', { round: 7 }, 'certificate'],
    ['with too few signatures', { signatures: certificateAt(5).signatures.slice(1) }, 'certificate'],
    ['out of order', { signatures: certificateAt(5).signatures.toReversed() }, 'certificate'],
    ['of another engine', { engine: 'clique' }, 'certificate.engine'],
  ] as const)('%s is found', (_, change, field) => {
    expect(withCertificate(change)).toMatchObject({ verdict: 'violated', height: 5, field });
  });

  it('of a quorum of strangers is found', () => {
    const { entry, block } = stepAt(1);
    const other = certify(hashOf('another chain'), heightOf(1), headerHash(primitives, block.header));
    expect(verifierOf().next({ ...entry, certificate: encodeCertificate(other) })).toMatchObject({
      field: 'certificate',
      code: 'consensus-vote.bad-signature',
    });
  });
});

describe('the run as a whole', () => {
  it('is violated at height 0 under the genesis of another chain', () => {
    const verifier = verifierOf(renderGenesis(genesisOf('another consortium')));
    expect(verifier.next(stepAt(1).entry)).toEqual({
      verdict: 'violated',
      height: 0,
      field: 'genesis',
      code: 'offline.foreign-genesis',
    });
  });

  it('is refused at once with a genesis file that is none', () => {
    for (const text of ['', '{}', genesisText.slice(0, -1), genesisText.replace('qbft', 'pow')])
      expect(createChainVerifier(primitives, text).ok).toBe(false);
  });

  it('is unknown where a height is missing or repeated', () => {
    const gap = (height: number): ChainEntry => stepAt(height).entry;
    expect(verifierBelow(2).next(gap(3))).toMatchObject({ verdict: 'unknown', height: 3, code: 'offline.gap' });
    expect(verifierBelow(3).next(gap(2))).toMatchObject({ verdict: 'unknown', height: 2, code: 'offline.gap' });
    expect(verifierOf().finish().heights).toBe(0);
  });

  it('finds an entry that is put in the place of another', () => {
    const swapped = { ...stepAt(6).entry, height: heightOf(5) };
    expect(verifierBelow(5).next(swapped)).toMatchObject({ verdict: 'violated', height: 5 });
  });
});
