import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Hash } from '../base/brand.ts';
import { equal, fromHex, toHex } from '../base/bytes.ts';
import { shareHashOf } from '../crypto/read-share.ts';
import { ANSWERS_MAX } from '../ledger/evaluation/limits.ts';
import { waitingReads } from '../ledger/evaluation/queues.ts';
import type { Payload } from '../ledger/families/payloads.ts';
import { type Evaluation, evaluations, hospitals, reads } from '../ledger/state/tables.ts';
import { Serial } from '../storage/serial.ts';
import type { NodeCode } from './codes.ts';
import { NODE_LIMITS } from './limits.ts';
import type { NodeContext } from './node-context.ts';
import type { OwnTransactions } from './own-transactions.ts';
import { makeShare } from './read-duty.ts';

const EVALUATION_PREFIX = 'evaluation/';
/** Why a share is never owed again; every other refusal may pass, as while an envelope is still on its way. */
const FINAL: ReadonlySet<string> = new Set<NodeCode>([
  'duty.grant-ended',
  'duty.no-shares',
  'duty.not-holder',
  'duty.read-closed',
  'duty.read-unknown',
  'duty.fragment-missing',
  'duty.record-unknown',
  'duty.envelope-replaced',
  'duty.share-unknown',
  'duty.envelope-foreign',
  'duty.fragment-foreign',
]);
const isFinal = (code: string): boolean => FINAL.has(code) || code.startsWith('crypto-');

type Committed = Payload<'respond'>['answers'][number];
type Published = Payload<'publishShare'>;

/**
 * This hospital as an oracle (F34): the hashes of its shares, in one `respond` a block, and a share for all to see where a reader says that it
 * never came. What is still owed is read off the chain, so nothing is lost by a crash or a refused transaction.
 */
export class OracleDesk {
  readonly #context: NodeContext;
  readonly #own: OwnTransactions;
  readonly #failed: (error: unknown) => void;
  /** Reads that may want something of this hospital. */
  readonly #open = new Set<string>();
  readonly #steps = new Serial();
  #sending = false;
  /** A block came while something was being sent. */
  #again = false;

  constructor(context: NodeContext, own: OwnTransactions, failed: (error: unknown) => void) {
    this.#context = context;
    this.#own = own;
    this.#failed = failed;
  }

  /** Takes up what was open when the node stopped: every open evaluation waits in a queue for its end, and what is closed is not looked at. */
  async scan(): Promise<void> {
    const { state } = this.#context;
    let looked = 0;
    for (const read of waitingReads(state)) {
      if (evaluations.get(state, read)?.state === 'open') this.#open.add(read);
      if (++looked % NODE_LIMITS.scanPageKeys === 0) await nextTurn();
    }
  }

  /** A block is final: what it opened or claimed is answered, and what an earlier answer did not reach is answered again. */
  async committed(changes: ReadonlyMap<string, Uint8Array | null>): Promise<void> {
    for (const key of changes.keys())
      if (key.startsWith(EVALUATION_PREFIX)) this.#open.add(key.slice(EVALUATION_PREFIX.length));
    await this.#steps.run(() => this.#answer());
  }

  /** One at a time, for blocks and for what was sent alike: two at once would make each share twice, and send it twice. */
  async #answer(): Promise<void> {
    if (this.#sending) {
      this.#again = true;
      return;
    }
    const { env, state } = this.#context;
    const answers: Committed[] = [];
    const published: Published[] = [];
    if (hospitals.get(state, toHex(this.#context.hospital))?.status !== 'active') return;
    let tried = 0;
    for (const id of this.#open) {
      // What is left is the next block's: making shares holds up what follows from a block.
      if (tried >= ANSWERS_MAX) break;
      const owed = this.#owed(evaluations.get(state, id));
      const read = fromHex(id) as Hash;
      const row = owed === 'nothing' ? undefined : reads.get(state, id);
      if (row !== undefined) tried++;
      const made = row === undefined ? undefined : await makeShare(this.#context, read, row);
      if (made === undefined || (!made.ok && isFinal(made.rejection.code))) this.#open.delete(id);
      if (made === undefined || !made.ok) continue;
      const { share } = made.value;
      if (owed === 'share') published.push({ read, share });
      else answers.push({ read, shareHash: shareHashOf(env.primitives, share) });
    }
    if (answers.length + published.length > 0) this.#send(answers, published);
  }

  /** Not awaited: a commit waits for what follows from earlier blocks, and a submission for the commit. */
  #send(answers: readonly Committed[], published: readonly Published[]): void {
    this.#sending = true;
    this.#again = false;
    const send = async (): Promise<void> => {
      try {
        let sent = 0;
        if (answers.length > 0 && (await this.#own.send('respond', { answers }))) sent++;
        for (const share of published) if (await this.#own.send('publishShare', share, sent)) sent++;
      } finally {
        this.#sending = false;
      }
      if (this.#again) await this.#steps.run(() => this.#answer());
    };
    send().catch(this.#failed);
  }

  #owed(evaluation: Evaluation | undefined): 'answer' | 'share' | 'nothing' {
    const { hospital, tip } = this.#context;
    if (evaluation === undefined || evaluation.state !== 'open') return 'nothing';
    if (evaluation.closesMs < tip().header.timestampMs) return 'nothing';
    if (!evaluation.holders.some((holder) => equal(holder.hospital, hospital))) return 'nothing';
    const answer = evaluation.answers.find((each) => toHex(each.hospital) === toHex(hospital));
    if (answer === undefined) return evaluation.answers.length < evaluation.oraclesMax ? 'answer' : 'nothing';
    return answer.claim === 'undelivered' ? 'share' : 'nothing';
  }
}
