import type { Hash } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { addressOf } from '../base/digest.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { LedgerEnv } from '../ledger/chain.ts';
import { readAct } from '../ledger/families/index.ts';
import type { Payload } from '../ledger/families/payloads.ts';
import { senderOf } from '../ledger/principal.ts';
import type { StateReader } from '../ledger/state/table.ts';
import { hospitals } from '../ledger/state/tables.ts';
import { readTransaction } from '../ledger/transaction.ts';
import type { NodeService } from './service.ts';

/**
 * Hands transactions to the node; one answer each, in order. Anyone may call, and a signature costs a hundred times what the
 * rest does: so the node never sees a repeat within one call, nor what is refused whoever signed it.
 */
export async function handIn(
  service: NodeService,
  transactions: readonly Uint8Array[],
): Promise<readonly Result<Hash>[]> {
  const { env } = service;
  const { view } = service.tip();
  const leaves = transactions.map((bytes) => toHex(env.primitives.hash(bytes)));
  const distinct = new Map(transactions.map((bytes, i) => [leaves[i] as string, bytes]));

  const answers = new Map<string, Result<Hash>>();
  for (const [leaf, bytes] of distinct) {
    const knocked = knock(env, view, bytes);
    if (knocked.ok) continue;
    answers.set(leaf, knocked);
    distinct.delete(leaf);
  }
  const submitted = distinct.size === 0 ? [] : await service.submit([...distinct.values()]);
  for (const [i, leaf] of [...distinct.keys()].entries())
    answers.set(leaf, submitted[i] ?? refuse('api-node.internal'));

  return leaves.map((leaf) => {
    const answer = answers.get(leaf) as Result<Hash>;
    // Every further copy of what was accepted finds it waiting.
    if (answer.ok) answers.set(leaf, refuse('mempool.duplicate'));
    return answer;
  });
}

/** What admission would refuse whatever the signatures say: its form, or a key that may not send it. */
function knock({ primitives, chainId }: LedgerEnv, state: StateReader, bytes: Uint8Array): Result<null> {
  const read = readTransaction(chainId, bytes);
  if (!read.ok) return read;
  const act = readAct(read.value.transaction);
  if (!act.ok) return act;
  const { standing } = senderOf(state, addressOf(primitives, read.value.transaction.publicKey));
  if (standing === 'bound') return ok(null);
  if (standing === 'retired') return refuse('transaction.key-retired');
  if (act.value.name !== 'enrol') return refuse('transaction.stranger');
  const { hospital } = act.value.payload as Payload<'enrol'>;
  return hospitals.get(state, toHex(hospital))?.status === 'active' ? ok(null) : refuse('transaction.stranger');
}
