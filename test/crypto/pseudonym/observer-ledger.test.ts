import { describe, expect, it } from 'vitest';
import type { Hash, SecretKey } from '../../../src/base/brand.ts';
import { toHex, utf8 } from '../../../src/base/bytes.ts';
import { signingDigest } from '../../../src/base/digest.ts';
import { grantEnd } from '../../../src/crypto/delays.ts';
import { deriveDelegatingKey } from '../../../src/crypto/keys.ts';
import { type Pseudonym, pseudonymOf } from '../../../src/crypto/pseudonym.ts';
import { categoryOf } from '../../../src/ledger/category.ts';
import type { KindName, Payload } from '../../../src/ledger/families/payloads.ts';
import { enrolmentBytes, storageReceiptBytes } from '../../../src/ledger/signed-words.ts';
import { type SignedTransaction, signTransaction } from '../../../src/ledger/transaction.ts';
import { expectApplied, genesisOf, hash, hospitalName, idOf, primitives, secretOf, Town } from '../../ledger/town.ts';
import { bytesFrom } from '../support/vectors.ts';

/*
 * Transactions as the ledger really takes them: eight patients, each at hospitals 1 and 2 under two pseudonyms, who enrol, open a
 * category, register a record and let a doctor write. What two pseudonyms of one patient have in common on chain must be what
 * any two patients have in common.
 */
const PATIENTS = 8;
const DAY_MS = 86_400_000;
const town = new Town(genesisOf(4));
const { chainId } = town.env;
const nonces = new Map<string, number>();

function send<K extends KindName>({ account, keys }: Pseudonym, kind: K, payload: Payload<K>): SignedTransaction {
  const nonce = nonces.get(toHex(account)) ?? 0;
  nonces.set(toHex(account), nonce + 1);
  const fields = { version: 1, chainId, publicKey: account, nonce, validUntilHeight: town.nextHeight + 10 };
  const body = { ...fields, gasLimit: 100_000, kind, payload: payload as Readonly<Record<string, unknown>> };
  return signTransaction(primitives, body, keys.account);
}

function seal(transactions: readonly SignedTransaction[]): void {
  const receipts = town.seal(transactions);
  if (receipts.length !== transactions.length) throw new Error('a transaction was left out');
  receipts.forEach(expectApplied);
}

/** One pseudonym's whole life on chain so far, transaction by transaction. */
function live(patient: number, n: number): readonly SignedTransaction[] {
  const hospital = hospitalName(n);
  const scope = { chainId, hospital: idOf(hospital), generation: 0 };
  const pseudonym = pseudonymOf(primitives, bytesFrom(`identity ${patient}`, 32), scope);
  const sent: SignedTransaction[] = [];
  const act = <K extends KindName>(kind: K, payload: Payload<K>) => {
    const transaction = send(pseudonym, kind, payload);
    seal([transaction]);
    sent.push(transaction);
  };
  const enrolment = {
    role: 'patient' as const,
    hospital: idOf(hospital),
    handle: hash(`handle of ${patient} under the key of ${hospital}`),
    signingKey: pseudonym.fragmentSigning,
    receivingKey: pseudonym.receiving,
  };
  const words = enrolmentBytes(chainId, pseudonym.account, enrolment);
  const sponsorSignature = primitives.sign(signingDigest(primitives, 'enrolment-sponsor', words), secretOf(hospital));
  act('enrol', { ...enrolment, sponsorSignature });
  expectApplied(town.act(hospital, 'admit', { participant: pseudonym.id }));

  const delegatingScope = { pseudonym: pseudonym.id, category: utf8('general'), epoch: 0 };
  const delegating = deriveDelegatingKey(bytesFrom(`delegating ${patient}`, 32), delegatingScope);
  const publicKey = primitives.publicKeyOf(delegating as SecretKey);
  const category = categoryOf(primitives, publicKey);
  act('publishDelegatingKey', { category, epoch: 0, publicKey, label: 'N' });

  const stored = {
    record: bytesFrom(`record ${patient} ${n}`, 32),
    cid: Uint8Array.of(1, 0x55, 0x12, 0x20, ...hash(`content ${patient} ${n}`)),
    ciphertextBytes: 1_000,
    envelopeHash: hash(`envelope ${patient} ${n}`) as Hash,
  };
  const bound = { ...stored, version: 1, author: pseudonym.id, category, epoch: 0 };
  const digest = signingDigest(primitives, 'storage-receipt', storageReceiptBytes(chainId, bound));
  const storage = [1, 2].map((keeper) => ({
    hospital: idOf(hospitalName(keeper)),
    signature: primitives.sign(digest, secretOf(`${hospitalName(keeper)} duty`)),
  }));
  act('registerRecord', { ...stored, owner: pseudonym.id, category, epoch: 0, storage });
  act('grant', {
    grantee: { type: 'person', id: toHex(idOf('doctor')) },
    categories: [{ category, epochFrom: 0, epochTo: 0 }],
    purposes: ['TREAT'],
    access: 'write',
    expires: grantEnd(town.tip.header.timestampMs, 30 * DAY_MS),
    uses: null,
    request: null,
    delivery: {
      scheme: 'none',
      grantId: new Uint8Array(32),
      threshold: 0,
      oraclesMin: 0,
      oraclesMax: 0,
      holders: [],
    },
  });
  return sent;
}

/** Every value that a transaction shows, bytes and texts of at least four characters: what an observer would compare. */
function valuesOf(value: unknown, into: Set<string>): Set<string> {
  if (value instanceof Uint8Array) {
    if (value.length >= 4) into.add(toHex(value));
  } else if (typeof value === 'string') into.add(value);
  else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) valuesOf(each, into);
  return into;
}

const shownBy = (sent: readonly SignedTransaction[]): Set<string> => {
  const values = new Set<string>();
  for (const { transaction, signature, id } of sent) valuesOf({ ...transaction, signature, id }, values);
  return values;
};

describe('what the ledger shows of two pseudonyms of one patient', () => {
  town.join('doctor', 'practitioner');
  const shown = Array.from({ length: PATIENTS }, (_, patient) => [1, 2].map((n) => shownBy(live(patient, n))));
  const common = (a: Set<string>, b: Set<string>) => [...a].filter((value) => b.has(value)).sort();

  it('is four kinds of transaction with dozens of values each, so that there is something to compare', () => {
    for (const pair of shown) for (const values of pair) expect(values.size).toBeGreaterThan(30);
  });

  it('is in common what it is for any two patients, and nothing more', () => {
    const strangers = common(shown[0]?.[0] as Set<string>, shown[1]?.[1] as Set<string>);
    for (const [a, b] of shown as [Set<string>, Set<string>][]) expect(common(a, b)).toEqual(strangers);
    expect(strangers).toContain(toHex(chainId));
  });

  it('would be noticed: one account at both hospitals has more in common', () => {
    const [a] = shown[0] as [Set<string>, Set<string>];
    const strangers = common(a, shown[1]?.[1] as Set<string>);
    expect(common(a, a).length).toBeGreaterThan(strangers.length);
  });
});
