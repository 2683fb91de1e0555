import type { Hash } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { type Canonical, encode } from '../../base/canonical.ts';
import type { Rejection } from '../../base/result.ts';
import type { Block } from '../../ledger/block.ts';
import { buildBlock } from '../../ledger/build-block.ts';
import type { LedgerEnv, Tip } from '../../ledger/chain.ts';
import { type Header, headerHash } from '../../ledger/header.ts';
import { offenceOf } from '../../ledger/judge-block.ts';
import type { Receipt } from '../../ledger/receipt.ts';
import { decodeTransaction } from '../../ledger/transaction.ts';
import { fieldBelow } from './verdict.ts';

/*
 * Which field is wrong. It decides nothing: that something is wrong is known before. A person who looks for what was
 * altered wants more than "the hash differs".
 */

/** The field that each refusal of a block is about. */
const FIELD_OF_CODE: ReadonlyMap<string, string> = new Map([
  ['block.version', 'header.version'],
  ['block.foreign-chain', 'header.chainId'],
  ['block.height', 'header.height'],
  ['block.parent', 'header.parentHash'],
  ['block.timestamp', 'header.timestampMs'],
  ['block.proposer', 'header.proposer'],
  ['block.gas-used', 'header.gasUsed'],
  ['block.receipts-root', 'header.receiptsRoot'],
  ['block.state-root', 'header.stateRoot'],
  ['block.validators-hash', 'header.validatorsHash'],
]);

/** What `judgeBlock` refused in a block whose header a quorum signed, or in one that no certificate vouches for. */
export function refusedField(env: LedgerEnv, tip: Tip, block: Block, rejection: Rejection): string {
  const { code, detail } = rejection;
  const index = detail?.index;
  switch (code) {
    case 'block.transactions-root':
      return itemField('transactions', block.transactions, (bytes) => decodes(env, bytes));
    case 'block.evidence-root':
      return itemField('evidence', block.evidence, (bytes) => offenceOf(env, tip, bytes) !== undefined);
    case 'block.transaction':
    case 'block.gas-allowance':
      return `transactions[${index}]`;
    case 'block.evidence':
      return `evidence[${index}]`;
    case 'block.validators-hash':
      return detail?.set === 'next' ? 'header.nextValidatorsHash' : 'header.validatorsHash';
    default:
      return FIELD_OF_CODE.get(code) ?? fieldBelow('block', rejection);
  }
}

const decodes = (env: LedgerEnv, bytes: Uint8Array): boolean =>
  decodeTransaction(env.primitives, env.chainId, bytes).ok;

/** The first item that does not hold by itself; the list, where each does and one is added, missing or moved. */
function itemField(list: string, items: readonly Uint8Array[], holds: (item: Uint8Array) => boolean): string {
  const index = items.findIndex((item) => !holds(item));
  return index === -1 ? list : `${list}[${index}]`;
}

/** What a header says that neither its time nor executing the block has a part in. */
const SETTLED_FIELDS = [
  'version',
  'chainId',
  'height',
  'parentHash',
  'transactionsRoot',
  'validatorsHash',
  'evidenceRoot',
] as const satisfies readonly (keyof Header)[];

/**
 * The field of an altered header: the one that, put right, gives the hash that the quorum signed. All but time and proposer
 * follow from the parent and the body; proposers are few; what is left is the time.
 */
export function alteredField(env: LedgerEnv, tip: Tip, block: Block, signedHash: Hash): string {
  const { header } = block;
  const isSigned = (candidate: Header): boolean => equal(headerHash(env.primitives, candidate), signedHash);
  const expected = rebuiltHeader(env, tip, block);
  for (const field of Object.keys(expected) as (keyof Header)[])
    if (isSigned({ ...header, [field]: expected[field] })) return `header.${field}`;
  if (tip.validators.some(({ id }) => isSigned({ ...header, proposer: id }))) return 'header.proposer';
  return SETTLED_FIELDS.every((field) => same(header[field], expected[field])) ? 'header.timestampMs' : 'header';
}

function rebuiltHeader(env: LedgerEnv, tip: Tip, { header, transactions, evidence }: Block): Header {
  const candidates = transactions.flatMap((bytes) => {
    const signed = decodeTransaction(env.primitives, env.chainId, bytes);
    return signed.ok ? [signed.value] : [];
  });
  const { timestampMs, proposer } = header;
  return buildBlock(env, tip, { candidates, timestampMs, proposer, evidence }).block.header;
}

/** Where the given receipts first leave the executed ones. */
export function differingReceipt(given: readonly Receipt[], executed: readonly Receipt[]): string {
  for (const [index, receipt] of executed.entries()) {
    const other = given[index];
    if (other === undefined) break;
    for (const field of Object.keys(other) as (keyof Receipt)[])
      if (!same(other[field], receipt[field])) return `receipts[${index}].${field}`;
  }
  return 'receipts';
}

const same = (a: unknown, b: unknown): boolean => equal(encode(a as Canonical), encode(b as Canonical));
