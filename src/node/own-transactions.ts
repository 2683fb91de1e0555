import type { SecretKey } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import type { Canonical } from '../base/canonical.ts';
import type { KindName, Payload } from '../ledger/families/payloads.ts';
import { nonces } from '../ledger/state/tables.ts';
import { signTransaction, TRANSACTION_VERSION } from '../ledger/transaction.ts';
import { NODE_LIMITS } from './limits.ts';
import type { NodeContext } from './node-context.ts';
import type { Submissions } from './submissions.ts';

/**
 * The hospital's own transactions, which its node sends by itself. One at a time, with the nonce of the newest state: where the administrator's desk
 * has taken that nonce meanwhile, this one is refused or dropped, and whoever sent it sends again after a later block.
 */
export class OwnTransactions {
  readonly #context: NodeContext;
  readonly #accountSecret: SecretKey;
  readonly #submissions: Submissions;

  constructor(context: NodeContext, accountSecret: SecretKey, submissions: Submissions) {
    this.#context = context;
    this.#accountSecret = accountSecret;
    this.#submissions = submissions;
  }

  /** Resolves once the mempool has taken or refused it; false where it was refused. Blocks may be waited for, so no block's work awaits this. */
  async send<K extends KindName>(kind: K, payload: Payload<K>, offset = 0): Promise<boolean> {
    const { env, hospital, state, tip, logger, parameters } = this.#context;
    const signed = signTransaction(
      env.primitives,
      {
        version: TRANSACTION_VERSION,
        chainId: env.chainId,
        publicKey: env.primitives.publicKeyOf(this.#accountSecret),
        nonce: (nonces.get(state, toHex(hospital)) ?? 0) + offset,
        validUntilHeight: tip().header.height + NODE_LIMITS.ownTransactionHeights,
        gasLimit: Math.min(NODE_LIMITS.ownTransactionGas, parameters().transactionGasMax),
        kind,
        payload: payload as unknown as Readonly<Record<string, Canonical>>,
      },
      this.#accountSecret,
    );
    const [answer] = await this.#submissions.submit([signed.bytes]);
    if (answer !== undefined && !answer.ok) logger.debug('own transaction refused', { code: answer.rejection.code });
    return answer?.ok === true;
  }
}
