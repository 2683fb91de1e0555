import type { PublicKey } from '../../base/brand.ts';
import { toHex } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import type { TransactionSeen } from './read-block.ts';

interface Grant {
  readonly expires: number;
  readonly access: string;
}
interface Person {
  readonly role: string;
  readonly home: string;
}
interface Record {
  readonly owner: string;
  readonly category: string;
}

const READING = ['read', 'read-write'];
const WRITING = ['write', 'read-write'];

/** Who may do what under whose grant, from applied transactions alone: no policies, no state tree, only who said what until when. */
export class GrantReplay {
  readonly #primitives: Primitives;
  readonly #idOfKey = new Map<string, string>();
  readonly #people = new Map<string, Person>();
  readonly #records = new Map<string, Record>();
  /** owner, grantee and category → the newest grant. */
  readonly #grants = new Map<string, Grant>();

  constructor(primitives: Primitives) {
    this.#primitives = primitives;
  }

  /** Takes one applied transaction; says what is wrong where it needed a live grant and had none. */
  apply({ publicKey, kind, payload }: TransactionSeen, timestampMs: number): string | null {
    const key = this.#addressOf(publicKey);
    const sender = this.#idOfKey.get(key) ?? key;
    switch (kind) {
      case 'enrol':
        this.#people.set(sender, { role: String(payload.role), home: hex(payload.hospital) });
        return null;
      case 'rotateKey':
        this.#idOfKey.set(this.#addressOf(payload.newKey as Uint8Array), sender);
        return null;
      case 'grant':
        this.#grant(sender, payload);
        return null;
      case 'revoke':
        this.#grants.delete(`${sender} ${granteeOf(payload)} ${hex(payload.category)}`);
        return null;
      case 'registerRecord':
        return this.#register(sender, payload, timestampMs);
      case 'amendRecord':
        return this.#use(sender, payload, WRITING, timestampMs);
      case 'readRecord':
        return this.#use(sender, payload, READING, timestampMs);
      default:
        return null;
    }
  }

  #grant(owner: string, payload: TransactionSeen['payload']): void {
    const grant = { expires: Number(payload.expires), access: String(payload.access) };
    for (const { category } of payload.categories as readonly { category: Uint8Array }[])
      this.#grants.set(`${owner} ${granteeOf(payload)} ${hex(category)}`, grant);
  }

  #register(sender: string, payload: TransactionSeen['payload'], timestampMs: number): string | null {
    const row = { owner: hex(payload.owner), category: hex(payload.category) };
    this.#records.set(hex(payload.record), row);
    return row.owner === sender ? null : this.#covered(sender, row, WRITING, timestampMs);
  }

  #use(sender: string, payload: TransactionSeen['payload'], access: readonly string[], timestampMs: number) {
    const row = this.#records.get(hex(payload.record));
    if (row === undefined) return 'no such record';
    return row.owner === sender ? null : this.#covered(sender, row, access, timestampMs);
  }

  #covered(sender: string, { owner, category }: Record, access: readonly string[], timestampMs: number): string | null {
    const person = this.#people.get(sender);
    const grantees = [`person:${sender}`, `hospital:${person?.home}`, `role:${person?.role}`];
    const grants = grantees
      .map((grantee) => this.#grants.get(`${owner} ${grantee} ${category}`))
      .filter((grant) => grant !== undefined && access.includes(grant.access));
    if (grants.length === 0) return 'no grant covers it';
    const expires = Math.max(...grants.map((grant) => (grant as Grant).expires));
    return timestampMs < expires ? null : `its grant expired ${timestampMs - expires} ms before the block's time`;
  }

  #addressOf(publicKey: Uint8Array): string {
    return toHex(this.#primitives.hash(publicKey as PublicKey).slice(12));
  }
}

const hex = (bytes: unknown): string => (bytes instanceof Uint8Array ? toHex(bytes) : '');

const granteeOf = (payload: TransactionSeen['payload']): string => {
  const { type, id } = payload.grantee as { type: string; id: string };
  return `${type}:${id}`;
};
