import type { Address, Hash, Height, SecretKey } from '../../src/base/brand.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { addressOf } from '../../src/base/digest.ts';
import { noblePrimitives } from '../../src/crypto/noble.ts';
import { type SignedTransaction, signTransaction, TRANSACTION_VERSION } from '../../src/ledger/transaction.ts';
import { simulatedPrimitives } from '../../src/simulator/primitives.ts';

export const primitives = simulatedPrimitives(noblePrimitives);
export const hashOf = (name: string): Hash => primitives.hash(utf8(name));
export const secretOf = (name: string): SecretKey => hashOf(`secret of ${name}`) as Uint8Array as SecretKey;
export const addressOfKey = (name: string): Address => addressOf(primitives, primitives.publicKeyOf(secretOf(name)));
export const chainId = hashOf('a chain');
export const heightOf = (n: number): Height => n as Height;

export interface TransactionFields {
  readonly sender: string;
  readonly nonce: number;
  readonly validUntilHeight?: number;
  readonly note?: string;
  readonly padding?: number;
}

export function transactionOf({
  sender,
  nonce,
  validUntilHeight,
  note,
  padding,
}: TransactionFields): SignedTransaction {
  const secret = secretOf(sender);
  const payload = { note: note ?? '', padding: new Uint8Array(padding ?? 0) };
  return signTransaction(
    primitives,
    {
      version: TRANSACTION_VERSION,
      chainId,
      publicKey: primitives.publicKeyOf(secret),
      nonce,
      validUntilHeight: validUntilHeight ?? 1_000,
      gasLimit: 1_000,
      kind: 'note',
      payload,
    },
    secret,
  );
}
