import type { DutyReceipt, GuardianService } from '../api/service.ts';
import type { Address, Hash, PublicKey, Signature } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { signingDigest } from '../base/digest.ts';
import { ok, type Result } from '../base/result.ts';
import { guardianReceiptBytes } from '../ledger/signed-words.ts';
import { hospitals } from '../ledger/state/tables.ts';
import type { DutyCaller } from './duty-caller.ts';
import { checkDuty, type DutyBody, decodeReleasedShare } from './duty-wire.ts';
import { gather } from './gather.ts';
import { type ReleasedShare, releaseGuardianShare, storeGuardianShare } from './guardian-duty.ts';
import { NODE_LIMITS } from './limits.ts';
import type { NodeContext } from './node-context.ts';

type Kept = Parameters<GuardianService['keep']>[0];
type Released = Extract<Awaited<ReturnType<GuardianService['released']>>, { ok: true }>['value'][number];

/** Sealed roots through one hospital's API: handed to all that are to keep them, and asked back of all. */
export class GuardianDesk implements GuardianService {
  readonly #context: NodeContext;
  readonly #caller: DutyCaller;

  constructor(context: NodeContext, caller: DutyCaller) {
    this.#context = context;
    this.#caller = caller;
  }

  async keep({ shares, ...common }: Kept): ReturnType<GuardianService['keep']> {
    const bodies: { readonly holder: Address; readonly body: DutyBody<'storeGuardianShare'> }[] = [];
    for (const { holder, share } of shares) {
      const body = checkDuty('storeGuardianShare', { ...common, share });
      if (!body.ok) return body;
      bodies.push({ holder, body: body.value });
    }
    const asked = bodies.map(({ holder, body }) => this.#receipt(holder, body));
    return ok(await gather(asked, asked.length));
  }

  /** The own share first: where the chain does not allow it here, nobody else is asked. */
  async released(request: Hash): Promise<Result<readonly Released[]>> {
    const { hospital } = this.#context;
    const own = await releaseGuardianShare(this.#context, request);
    if (!own.ok && own.rejection.code !== 'duty.guardian-share-missing') return own;
    const asked = this.#context.connected().map((peer) => this.#released(peer, request));
    const others = await gather(asked, asked.length);
    return ok([...(own.ok ? [{ holder: hospital, ...own.value }] : []), ...others]);
  }

  async #receipt(holder: Address, body: DutyBody<'storeGuardianShare'>): Promise<DutyReceipt | undefined> {
    const { env, state, hospital, logger } = this.#context;
    const { primitives, chainId } = env;
    const answer = equal(holder, hospital)
      ? await storeGuardianShare(this.#context, body, null)
      : await this.#caller.call(holder, { duty: 'storeGuardianShare', body }, NODE_LIMITS.storeFragmentsTimeoutMs);
    if (!answer.ok) {
      logger.warn('duty not done', { peer: holder, duty: 'storeGuardianShare', code: answer.rejection.code });
      return undefined;
    }
    const signature = answer.value as Signature;
    const dutyKey = hospitals.get(state, toHex(holder))?.record.dutyKey as PublicKey | undefined;
    const digest = signingDigest(primitives, 'guardian-receipt', guardianReceiptBytes(primitives, chainId, body));
    return dutyKey !== undefined && primitives.verify(digest, signature, dutyKey)
      ? { hospital: holder, signature }
      : undefined;
  }

  async #released(holder: Address, request: Hash): Promise<Released | undefined> {
    const call = { duty: 'releaseGuardianShare', body: { request } } as const;
    const answer = await this.#caller.call(holder, call, NODE_LIMITS.answerReadTimeoutMs);
    const share: ReleasedShare | undefined = answer.ok ? decodeReleasedShare(answer.value) : undefined;
    return share === undefined ? undefined : { holder, ...share };
  }
}
