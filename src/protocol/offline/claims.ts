import { equal, toHex, utf8 } from '../../base/bytes.ts';
import { LIMITS } from '../../base/limits.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import * as shape from '../../base/shape.ts';
import { couldRead as decideRead } from '../../ledger/can/could-read.ts';
import type { LedgerEnv } from '../../ledger/chain.ts';
import type { Header } from '../../ledger/header.ts';
import { itemProofShape, verifyItem } from '../../ledger/merkle.ts';
import { decodeReceipts, type Receipt, receiptHash } from '../../ledger/receipt.ts';
import type { StateReader } from '../../ledger/state/table.ts';
import { grants, parameterRows, policyRows, readCounts, records, schemaRows } from '../../ledger/state/tables.ts';
import { decodeTransaction } from '../../ledger/transaction.ts';
import { purposeShape, recordIdShape } from '../../ledger/vocabulary.ts';

/** Where a claim is made: a final header, and the state after its block as far as it is shown. */
export interface Place {
  readonly env: LedgerEnv;
  readonly header: Header;
  readonly state: StateReader;
}

/**
 * A sentence about the chain that can be checked. The same check makes the proof (over a whole state, to learn which rows it
 * reads) and verifies it (over those rows alone): neither can forget what the other needs.
 */
interface Claim<T> {
  readonly shape: shape.Shape<T>;
  /** The sentence, in plain words, where it is true. */
  check(place: Place, about: T): Result<string>;
}

const claim = <T>(about: shape.Shape<T>, check: Claim<T>['check']): Claim<T> => ({ shape: about, check });

const FALSE = refuse('offline.statement-false');

const recordExisted = claim(shape.struct({ record: recordIdShape }), ({ state, header }, { record }) => {
  const row = records.get(state, toHex(record));
  if (row === undefined) return FALSE;
  return ok(
    `Record ${toHex(record)} existed at height ${header.height}: version ${row.version}, ${row.status}, owner ` +
      `${toHex(row.owner)}, author ${toHex(row.author)}, content ${toHex(row.cid)}, registered at height ` +
      `${row.registeredHeight}.`,
  );
});

const grantAbout = shape.struct({ patient: shape.address, grantKey: shape.text(128) });

const grantPresent = claim(grantAbout, ({ state, header }, { patient, grantKey }) => {
  const row = grants.get(state, toHex(patient), grantKey);
  if (row === undefined) return FALSE;
  const uses = row.usesLeft === null ? 'any number of reads' : `${row.usesLeft} reads left`;
  return ok(
    `Patient ${toHex(patient)} had a grant to ${grantKey} at height ${header.height}: ${row.access} for ` +
      `${row.purposes.join(', ')} until block time ${row.expires} ms, ${uses}.`,
  );
});

const grantAbsent = claim(grantAbout, ({ state, header }, { patient, grantKey }) =>
  grants.get(state, toHex(patient), grantKey) === undefined
    ? ok(`Patient ${toHex(patient)} had no grant to ${grantKey} at height ${header.height}.`)
    : FALSE,
);

const readCount = claim(
  shape.struct({
    record: recordIdShape,
    principal: shape.address,
    allowed: shape.uint(),
    /** Null where no read was ever allowed. */
    lastHeight: shape.nullable(shape.uint()),
  }),
  ({ state, header }, { record, principal, allowed, lastHeight }) => {
    const row = readCounts.get(state, toHex(record), toHex(principal));
    if (allowed !== (row?.allowed ?? 0) || lastHeight !== (row?.lastHeight ?? null)) return FALSE;
    return ok(`Up to height ${header.height}, ${readsText(row, record, principal)}.`);
  },
);

type ReadCount = ReturnType<typeof readCounts.get>;

const readsText = (row: ReadCount, record: Uint8Array, principal: Uint8Array): string =>
  `${toHex(principal)} was allowed ${row?.allowed ?? 0} reads of record ${toHex(record)}` +
  (row === undefined ? '' : `, the last at height ${row.lastHeight}`);

const couldRead = claim(
  shape.struct({
    principal: shape.address,
    record: recordIdShape,
    purpose: purposeShape,
    allowed: shape.boolean,
  }),
  ({ env, state, header }, { allowed, ...question }) => {
    if (policyRows.get(state, 'policies') === undefined || parameterRows.get(state, 'parameters') === undefined)
      return refuse('offline.witness-incomplete');
    if (!bindsSchema(env, state)) return refuse('offline.schema-differs');
    const decision = decideRead(env, state, header, question);
    const counted = readCounts.get(state, toHex(question.record), toHex(question.principal));
    if (decision.allowed !== allowed) return FALSE;
    const { principal, record, purpose } = question;
    const reasons = decision.reasons.length === 0 ? 'no policy permitted it' : `by ${decision.reasons.join(', ')}`;
    return ok(
      `${toHex(principal)} could ${allowed ? '' : 'not '}read record ${toHex(record)} for ${purpose} at height ` +
        `${header.height}, block time ${header.timestampMs} ms: ${reasons}. Until then, ` +
        `${readsText(counted, record, principal)}. This says nothing of a copy obtained otherwise.`,
    );
  },
);

/** Actions have their groups of the schema (E-9): what the genesis holds is what the state binds. */
function bindsSchema({ genesis, primitives }: LedgerEnv, state: StateReader): boolean {
  const bound = schemaRows.get(state, 'schema');
  if (genesis.schema === undefined || bound === undefined) return genesis.schema === bound;
  return equal(bound, primitives.hash(utf8(genesis.schema)));
}

const attemptOutcome = claim(
  shape.struct({
    /** The signed bytes, as the block holds them. */
    transaction: shape.bytes(1, LIMITS.transactionBytesMax),
    /** A list of one receipt, as a block's receipts are encoded. */
    receipt: shape.bytes(1, LIMITS.transactionBytesMax),
    transactionProof: itemProofShape,
    receiptProof: itemProofShape,
  }),
  ({ env, header }, about) => {
    const { primitives, chainId } = env;
    const signed = decodeTransaction(primitives, chainId, about.transaction);
    if (!signed.ok) return signed;
    const receipts = decodeReceipts(about.receipt);
    if (!receipts.ok) return receipts;
    const [receipt, ...others] = receipts.value;
    if (receipt === undefined || others.length > 0) return refuse('offline.not-included');
    const included =
      verifyItem(primitives, header.transactionsRoot, signed.value.leaf, about.transactionProof) &&
      verifyItem(primitives, header.receiptsRoot, receiptHash(primitives, receipt), about.receiptProof) &&
      equal(receipt.transactionId, signed.value.id);
    if (!included) return refuse('offline.not-included');
    const { transaction, id, keyAddress } = signed.value;
    return ok(
      `Transaction ${toHex(id)} (${transaction.kind}${aboutRecord(transaction.payload)}), signed by the key with address ` +
        `${toHex(keyAddress)}, was ${outcomeText(receipt)} at height ${header.height}, block time ${header.timestampMs} ms.`,
    );
  },
);

const aboutRecord = ({ record }: Readonly<Record<string, unknown>>): string =>
  record instanceof Uint8Array ? ` of record ${toHex(record)}` : '';

const outcomeText = ({ outcome, code }: Receipt): string => (code === null ? outcome : `${outcome} (${code})`);

export const CLAIMS = { recordExisted, grantPresent, grantAbsent, readCount, couldRead, attemptOutcome } as const;
export type ClaimName = keyof typeof CLAIMS;
export type About<K extends ClaimName> = shape.Shaped<(typeof CLAIMS)[K]['shape']>;
export const CLAIM_NAMES = Object.keys(CLAIMS) as readonly ClaimName[];

/** Reads `about` by its claim's shape and checks it there. */
export function checkClaim(place: Place, type: ClaimName, about: unknown): Result<string> {
  const known = CLAIMS[type] as Claim<unknown>;
  const read = known.shape(about, 'about');
  return read.ok ? known.check(place, read.value) : read;
}
