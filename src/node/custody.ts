import type { DutyReceipt, NodeService } from '../api/service.ts';
import type { Address, Hash, PublicKey, Signature } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { type SigningTag, signingDigest } from '../base/digest.ts';
import { ok, refuse } from '../base/result.ts';
import { hospitals } from '../ledger/state/tables.ts';
import { NETWORK_LIMITS } from '../network/limits.ts';
import { cidBytes } from './cid.ts';
import type { DutyCaller } from './duty-caller.ts';
import { checkDuty, type DutyBody, type DutyRequest } from './duty-wire.ts';
import { type ReceiptWords, receiptWords, storeFragments } from './fragment-duty.ts';
import { gather } from './gather.ts';
import { NODE_LIMITS } from './limits.ts';
import type { NodeContext } from './node-context.ts';
import type { RecordDuty } from './record-duty.ts';

type StoreRecord = NodeService['storeRecord'];
type StoreFragments = NodeService['storeFragments'];
type FragmentsReceipt = DutyReceipt & { readonly fragmentsHash: Hash };

/** What this hospital's own clients leave with it, and with the other hospitals through it. */
export class Custody {
  readonly #context: NodeContext;
  readonly #records: RecordDuty;
  readonly #caller: DutyCaller;

  constructor(context: NodeContext, records: RecordDuty, caller: DutyCaller) {
    this.#context = context;
    this.#records = records;
    this.#caller = caller;
  }

  async storeRecord(request: Parameters<StoreRecord>[0]): ReturnType<StoreRecord> {
    const { record, envelope, salt, receiptsWanted, ownerSignature = null } = request;
    const cid = cidBytes(request.cid);
    if (cid === undefined) return refuse('duty.cid-invalid');
    const body = checkDuty('storeRecord', { record, cid, envelope, salt, ownerSignature });
    if (!body.ok) return body;
    const own = await this.#records.store(body.value, null);
    if (!own.ok) return own;

    const { hospital } = this.#context;
    const { envelopeHash, ciphertextBytes, words } = own.value;
    const asked = this.#context
      .connected()
      .map((peer) =>
        this.#receipt(
          peer,
          { duty: 'storeRecord', body: body.value },
          NODE_LIMITS.storeRecordTimeoutMs + transferMs(ciphertextBytes),
          'storage-receipt',
          words,
        ),
      );
    const others = await gather(asked, receiptsWanted - 1);
    const first: DutyReceipt = { hospital, signature: own.value.signature };
    return ok({ envelopeHash, ciphertextBytes, receipts: [first, ...others] });
  }

  async storeFragments(request: Parameters<StoreFragments>[0]): ReturnType<StoreFragments> {
    const { grantId, patient, grantee } = request;
    const asks: (() => Promise<FragmentsReceipt | undefined>)[] = [];
    for (const [holder, fragments] of byHolder(request.fragments)) {
      if (fragments.length > NODE_LIMITS.fragmentsPerGrantMax)
        return refuse('duty.too-many-fragments', { fragmentsMax: NODE_LIMITS.fragmentsPerGrantMax });
      const body = checkDuty('storeFragments', { grantId, patient, grantee, fragments });
      if (!body.ok) return body;
      const words = receiptWords(this.#context, body.value);
      if (!words.ok) return words;
      asks.push(() => this.#holderReceipt(holder, body.value, words.value));
    }
    // Nothing leaves before all of it is known to be well-formed.
    const asked = asks.map((ask) => ask());
    return ok(await gather(asked, asked.length));
  }

  async #holderReceipt(
    holder: Address,
    body: DutyBody<'storeFragments'>,
    { fragmentsHash, bytes }: ReceiptWords,
  ): Promise<FragmentsReceipt | undefined> {
    const { hospital, logger } = this.#context;
    if (equal(holder, hospital)) {
      const own = await storeFragments(this.#context, body, null);
      if (!own.ok) logger.debug('fragments refused', { code: own.rejection.code });
      return own.ok ? { hospital, ...own.value } : undefined;
    }
    const request: DutyRequest = { duty: 'storeFragments', body };
    const timeoutMs = NODE_LIMITS.storeFragmentsTimeoutMs;
    const receipt = await this.#receipt(holder, request, timeoutMs, 'fragment-receipt', bytes);
    return receipt === undefined ? undefined : { ...receipt, fragmentsHash };
  }

  /** A hospital's signed word, or nothing: one that its duty key on chain did not sign is none. */
  async #receipt(
    peer: Address,
    request: DutyRequest,
    timeoutMs: number,
    tag: SigningTag,
    words: Uint8Array,
  ): Promise<DutyReceipt | undefined> {
    const { env, state, logger } = this.#context;
    const answer = await this.#caller.call(peer, request, timeoutMs);
    if (!answer.ok) {
      logger.warn('duty not done', { peer, duty: request.duty, code: answer.rejection.code });
      return undefined;
    }
    const signature = answer.value as Signature;
    const dutyKey = hospitals.get(state, toHex(peer))?.record.dutyKey as PublicKey | undefined;
    const signed = signingDigest(env.primitives, tag, words);
    if (dutyKey !== undefined && env.primitives.verify(signed, signature, dutyKey))
      return { hospital: peer, signature };
    logger.warn('duty not done', { peer, duty: request.duty, code: 'duty.receipt-invalid' });
    return undefined;
  }
}

/** How long a blob may travel from one hospital to another. */
const transferMs = (bytes: number): number => Math.ceil((bytes * 1_000) / NETWORK_LIMITS.paceBytesPerSecond);

type ClientFragment = Parameters<StoreFragments>[0]['fragments'][number];

/** Each holder's fragments, without the holder: what it is sent. */
function byHolder(
  fragments: readonly ClientFragment[],
): readonly (readonly [Address, readonly Omit<ClientFragment, 'holder'>[]])[] {
  const groups = new Map<string, [Address, Omit<ClientFragment, 'holder'>[]]>();
  for (const { holder, ...fragment } of fragments) {
    const group = groups.get(toHex(holder)) ?? [holder, []];
    groups.set(toHex(holder), group);
    group[1].push(fragment);
  }
  return [...groups.values()];
}
