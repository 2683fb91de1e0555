import type { NodeService } from '../api/service.ts';
import type { Address, Hash } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { RecordRow } from '../ledger/state/tables.ts';
import { cidText } from './cid.ts';
import type { DutyCaller } from './duty-caller.ts';
import { decodeShareAnswer } from './duty-wire.ts';
import { gather } from './gather.ts';
import { NODE_LIMITS } from './limits.ts';
import type { NodeContext } from './node-context.ts';
import { answerRead, openRead, recordOfRead, standingGrant } from './read-duty.ts';
import type { RecordFetcher } from './record-fetch.ts';
import { bytesOf } from './record-rows.ts';

type ReadShares = NodeService['readShares'];
type HolderShare = Extract<Awaited<ReturnType<ReadShares>>, { ok: true }>['value'][number];

/** What an applied read opens: shares of all holders that answer, the envelope, the ciphertext. */
export class ReadService {
  readonly #context: NodeContext;
  readonly #caller: DutyCaller;
  readonly #fetcher: RecordFetcher;

  constructor(context: NodeContext, caller: DutyCaller, fetcher: RecordFetcher) {
    this.#context = context;
    this.#caller = caller;
    this.#fetcher = fetcher;
  }

  /** All holders are waited for, up to a short time each: a share may prove wrong on the device, and more than the threshold then helps. */
  async shares(readId: Hash): ReturnType<ReadShares> {
    const read = openRead(this.#context, readId);
    if (!read.ok) return read;
    const grant = standingGrant(this.#context, readId, read.value);
    if (!grant.ok) return grant;
    const { holders } = grant.value;
    const asked = holders.map(({ hospital }) => this.#share(hospital as Address, readId));
    return ok(await gather(asked, asked.length));
  }

  async envelope(readId: Hash): ReturnType<NodeService['readEnvelope']> {
    const row = await this.#record(readId);
    if (!row.ok) return row;
    const salted = await this.#context.shelf.get(row.value.envelopeHash as Hash);
    return salted === undefined ? refuse('duty.envelope-missing') : ok(salted);
  }

  async ciphertext(readId: Hash): ReturnType<NodeService['readCiphertext']> {
    const row = await this.#record(readId);
    if (!row.ok) return row;
    const cid = cidText(row.value.cid);
    const stored = await this.#context.blobs.info(cid);
    if (stored === undefined) return refuse('duty.blob-missing');
    return ok({ cid, bytes: stored.bytes, stream: this.#context.blobs.get(cid) });
  }

  /** The record of an open read. What is missing here is fetched first: a reader need not know which hospital was down. */
  async #record(readId: Hash): Promise<Result<RecordRow>> {
    const read = openRead(this.#context, readId);
    if (!read.ok) return read;
    const row = recordOfRead(this.#context, read.value);
    if (row.ok && !(await this.#fetcher.isComplete(bytesOf(row.value))))
      await this.#fetcher.fetchRegistered({ record: toHex(read.value.record), version: read.value.version });
    return row;
  }

  async #share(holder: Address, readId: Hash): Promise<HolderShare | undefined> {
    const { hospital, logger } = this.#context;
    if (equal(holder, hospital)) {
      const own = await answerRead(this.#context, readId);
      if (!own.ok) logger.debug('no share', { peer: holder, code: own.rejection.code });
      return own.ok ? { holder, ...own.value } : undefined;
    }
    const request = { duty: 'answerRead', body: { read: readId } } as const;
    const answer = await this.#caller.call(holder, request, NODE_LIMITS.answerReadTimeoutMs);
    const share = answer.ok ? decodeShareAnswer(answer.value) : undefined;
    if (share === undefined)
      logger.debug('no share', { peer: holder, code: answer.ok ? 'duty.unreachable' : answer.rejection.code });
    return share === undefined ? undefined : { holder, ...share };
  }
}
