import type { Address } from '../base/brand.ts';
import { equal, fromHex, toHex } from '../base/bytes.ts';
import { ok, type Result } from '../base/result.ts';
import { categoryName, type RecordHint } from '../fhir/index.ts';
import { ensureCategory } from './ensure-category.ts';
import { grantAccess } from './grant.ts';
import type { Session } from './session.ts';
import type { Wallet } from './wallet.ts';

/*
 * Records with recipients of their own (F40, F49): an order to one laboratory, a prescription to one pharmacy, bills to one insurer. A category is
 * what a grant covers, so each set of recipients gets one: the laboratory opens its orders, and nothing that goes to the pharmacy.
 */

export interface ChannelWish {
  /** What goes through it and for what: `describeResource` suggests it. */
  readonly hint: Pick<RecordHint, 'category' | 'label' | 'purposes'>;
  readonly recipients: readonly Address[];
  /** Who writes, beside the patient: the doctor who orders, the hospital's clerk who bills. */
  readonly author: Address | null;
  /** Block time from which nobody writes or reads, ms. */
  readonly expires: number;
}

export interface Channel {
  /** The wallet's own label: keep it, as every label beyond the standard ones. */
  readonly label: string;
  /** To be handed to the author. */
  readonly category: Uint8Array;
}

/** `name`: the wallet's name for the kind of record. The same recipients of the same kind have one channel, in whichever order they are named. */
export const channelLabel = (name: string, recipients: readonly Address[]): string =>
  `${name} for ${[...new Set(recipients.map(toHex))].sort().join('+')}`;

/** The category, where it is not there yet, and the grants: to read for each recipient, to write for the author. */
export async function openChannel(session: Session, wallet: Wallet, wish: ChannelWish): Promise<Result<Channel>> {
  const { hint, recipients, author, expires } = wish;
  const label = channelLabel(categoryName(hint.category, hint.label), recipients);
  const category = await ensureCategory(session, wallet, label, hint.label);
  if (!category.ok) return category;
  for (const person of author === null ? recipients : [...recipients.filter((one) => !equal(one, author)), author]) {
    const access = accessOf(person, wish);
    const terms = { purposes: hint.purposes, access, expires, uses: null, request: null };
    const grantee = { type: 'person' as const, id: toHex(person) };
    const granted = await grantAccess(session, wallet, { grantee, labels: [label], ...terms });
    if (!granted.ok) return granted;
  }
  return ok({ label, category: category.value });
}

/**
 * A new device has the roots and no labels: it finds the channels again by whom the standing grants name. One whose recipients were all revoked
 * is not found; `names` are the kinds to try.
 */
export async function findChannels(
  { api }: Session,
  wallet: Wallet,
  names: readonly string[],
): Promise<readonly Channel[]> {
  const recipients = new Map<string, Address[]>();
  for (const { grantee, category, row } of await api.grants(wallet.id)) {
    const id = toHex(category);
    if (wallet.labelOf(category) !== undefined || grantee.type !== 'person' || row.access === 'write') continue;
    recipients.set(id, [...(recipients.get(id) ?? []), fromHex(grantee.id) as Address]);
  }
  return [...recipients].flatMap(([id, named]) => {
    const label = names.map((name) => channelLabel(name, named)).find((one) => toHex(wallet.categoryOf(one)) === id);
    return label === undefined ? [] : [{ label, category: fromHex(id) as Uint8Array }];
  });
}

function accessOf(person: Address, { author, recipients }: ChannelWish): 'read' | 'write' | 'read-write' {
  const isAuthor = author !== null && equal(person, author);
  const isRecipient = recipients.some((one) => equal(one, person));
  return isAuthor && isRecipient ? 'read-write' : isAuthor ? 'write' : 'read';
}

/** Whom a device knows under the references and identifiers of resources: `Organization/pharmacy`, `system|value`. */
export type AddressBook = ReadonlyMap<string, Address>;

export interface ResolvedRecipients {
  readonly recipients: readonly Address[];
  /** Named by the resource, and unknown to this device: a person is asked. */
  readonly unknown: readonly RecordHint['recipients'][number][];
}

/** A recipient who is named by an address of this chain needs no book. */
export function resolveRecipients(hint: Pick<RecordHint, 'recipients'>, book: AddressBook): ResolvedRecipients {
  const found = hint.recipients.map((recipient) => ({ recipient, address: addressOf(recipient, book) }));
  return {
    recipients: found.flatMap(({ address }) => (address === undefined ? [] : [address])),
    unknown: found.flatMap(({ recipient, address }) => (address === undefined ? [recipient] : [])),
  };
}

const OWN_ADDRESS = /^urn:carechain:address\|([0-9a-f]{40})$/;

function addressOf(
  { identifier, reference }: RecordHint['recipients'][number],
  book: AddressBook,
): Address | undefined {
  const own = OWN_ADDRESS.exec(identifier)?.[1];
  if (own !== undefined) return fromHex(own) as Address;
  return book.get(identifier) ?? book.get(reference);
}
