import type { Hash, Height } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import type { KindName, Payload } from '../ledger/families/payloads.ts';
import { signTransaction } from '../ledger/transaction.ts';
import type { Person } from './people.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { Town } from './town.ts';

/** What clients need of the network of nodes. */
export interface Doors {
  /** Nodes that run, honest or not: a client cannot tell. */
  readonly open: () => readonly number[];
  readonly submit: (node: number, transaction: Uint8Array) => void;
  /** The newest height that clients have heard of. */
  readonly height: () => Height;
}

/** A transaction that somebody wants on the chain. */
interface Errand {
  readonly person: Person;
  readonly kind: KindName;
  readonly payload: () => Payload<KindName>;
  readonly done: (transactionId: Hash) => void;
}

interface Sender {
  nonce: number;
  readonly waiting: Errand[];
  current: Errand | null;
  /** The ids under which the errand may come back: one each time it was signed. */
  ids: string[];
  bytes: Uint8Array | null;
  validUntil: number;
}

/** How long a client waits for a block before it goes to another door. */
const PATIENCE_MS = 4_000;
const VALID_HEIGHTS = 40;
const GAS_LIMIT = 200_000;

/**
 * People who sign and send, one transaction after another. A node may crash, forget or never pass on what it was given: whoever sees no block
 * tries another one, with the same bytes while they are valid.
 */
export class Clients {
  readonly #town: Town;
  readonly #doors: Doors;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #senders = new Map<string, Sender>();
  /** Whose errand a transaction is. */
  readonly #byId = new Map<string, Sender>();
  submitted = 0;
  finished = 0;

  constructor(town: Town, doors: Doors, scheduler: Scheduler, random: Random) {
    this.#town = town;
    this.#doors = doors;
    this.#scheduler = scheduler;
    this.#random = random;
  }

  /** The newest height that clients have heard of. */
  get height(): Height {
    return this.#doors.height();
  }

  send<K extends KindName>(
    person: Person,
    kind: K,
    payload: () => Payload<K>,
    done: (transactionId: Hash) => void,
  ): void {
    const sender = this.#senderOf(person);
    sender.waiting.push({ person, kind, payload, done });
    if (sender.current === null) this.#next(sender);
  }

  /** A block is final: these transactions are on the chain. */
  settled(transactionId: Hash): void {
    const id = toHex(transactionId);
    const sender = this.#byId.get(id);
    const errand = sender?.current;
    if (sender === undefined || errand === null || errand === undefined || !sender.ids.includes(id)) return;
    for (const each of sender.ids) this.#byId.delete(each);
    sender.nonce++;
    sender.current = null;
    sender.bytes = null;
    sender.ids = [];
    this.finished++;
    errand.done(transactionId);
    if (sender.current === null) this.#next(sender);
  }

  #senderOf(person: Person): Sender {
    const key = toHex(person.id);
    const known = this.#senders.get(key);
    if (known !== undefined) return known;
    const sender: Sender = { nonce: 0, waiting: [], current: null, ids: [], bytes: null, validUntil: 0 };
    this.#senders.set(key, sender);
    return sender;
  }

  #next(sender: Sender): void {
    sender.current = sender.waiting.shift() ?? null;
    if (sender.current !== null) this.#attempt(sender, sender.current);
  }

  #attempt(sender: Sender, errand: Errand): void {
    if (sender.current !== errand) return;
    const open = this.#doors.open();
    if (open.length > 0) {
      this.submitted++;
      this.#doors.submit(this.#random.pick(open), this.#bytesOf(sender, errand));
    }
    this.#scheduler.after(PATIENCE_MS, () => this.#attempt(sender, errand));
  }

  #bytesOf(sender: Sender, { person, kind, payload }: Errand): Uint8Array {
    const height = this.#doors.height();
    if (sender.bytes !== null && height < sender.validUntil) return sender.bytes;
    const { primitives, chainId } = this.#town;
    sender.validUntil = height + VALID_HEIGHTS;
    const transaction = {
      version: 1,
      chainId,
      publicKey: person.publicKey,
      nonce: sender.nonce,
      validUntilHeight: sender.validUntil,
      gasLimit: GAS_LIMIT,
      kind,
      payload: payload() as Readonly<Record<string, unknown>>,
    };
    const signed = signTransaction(primitives, transaction, person.secret);
    sender.ids.push(toHex(signed.id));
    this.#byId.set(toHex(signed.id), sender);
    sender.bytes = signed.bytes;
    return signed.bytes;
  }
}
