import type { Address, PublicKey } from '../base/brand.ts';
import { equal, fromHex, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { faultsOf } from '../base/validators.ts';
import { DIRECT_SCHEME } from '../crypto/envelope.ts';
import type { Grantee, Payload } from '../ledger/families/payloads.ts';
import { grantKeyOf } from '../ledger/grant-key.ts';
import { hospitalIds, hospitals, participants } from '../ledger/state/tables.ts';
import type { GrantAnswer } from './api.ts';
import { provenDelegatingKey } from './categories.ts';
import { type IssuedFragments, issueForGrant } from './fragments.ts';
import { provenRow, provenRows } from './proven.ts';
import { applied, type Sent, type Session } from './session.ts';
import type { Wallet } from './wallet.ts';

type Delivery = Payload<'grant'>['delivery'];
type GrantedCategory = Payload<'grant'>['categories'][number];

/** What the patient decides. */
export interface GrantWish {
  readonly grantee: Grantee;
  /** The wallet's own labels. Each is granted from its first epoch to its current one. */
  readonly labels: readonly string[];
  readonly purposes: Payload<'grant'>['purposes'];
  readonly access: Payload<'grant'>['access'];
  /** Block time from which it covers nothing, ms. */
  readonly expires: number;
  /** Null: any number of reads. */
  readonly uses: number | null;
  /** The access request that it answers. */
  readonly request?: Payload<'grant'>['request'];
}

/** What the patient's device shows before it signs: the grants that stand, and those that the new one would replace. */
export interface GrantPreview {
  readonly standing: readonly GrantAnswer[];
  readonly replaced: readonly GrantAnswer[];
}

/** A second grant for the same grantee and category replaces the first; the device shows both (CHAIN.md, "Policy and gas"). */
export async function previewGrant(
  { api }: Session,
  wallet: Wallet,
  { grantee, labels }: Pick<GrantWish, 'grantee' | 'labels'>,
): Promise<GrantPreview> {
  const keys = new Set(labels.map((label) => grantKeyOf(grantee, wallet.categoryOf(label))));
  const standing = await api.grants(wallet.id);
  return { standing, replaced: standing.filter((one) => keys.has(grantKeyOf(one.grantee, one.category))) };
}

export interface Granted {
  readonly sent: Sent;
  readonly grantId: Uint8Array;
  /** Hospitals that hold fragments of it. */
  readonly holders: readonly Address[];
  /** Records that it opens now. */
  readonly records: readonly Uint8Array[];
}

/** Issues what opens the records, has hospitals take it, and signs the grant. */
export async function grantAccess(session: Session, wallet: Wallet, wish: GrantWish): Promise<Result<Granted>> {
  const categories = await grantedCategories(session, wallet, wish.labels);
  if (!categories.ok) return categories;
  const opens = wish.access !== 'write';
  const delivered = opens ? await deliver(session, wallet, wish, categories.value) : ok(NOTHING_DELIVERED);
  if (!delivered.ok) return delivered;
  const { delivery, records } = delivered.value;

  const { grantee, purposes, access, expires, uses, request = null } = wish;
  const payload = { grantee, categories: categories.value, purposes, access, expires, uses, request, delivery };
  const sent = applied(await session.send('grant', payload));
  if (!sent.ok) return sent;
  const holders = delivery.holders.map(({ hospital }) => hospital);
  return ok({ sent: sent.value, grantId: delivery.grantId, holders, records });
}

interface Delivered {
  readonly delivery: Delivery;
  readonly records: readonly Uint8Array[];
}

/** A grant to write opens nothing. */
const NOTHING_DELIVERED: Delivered = {
  delivery: { scheme: 'none', grantId: new Uint8Array(32), threshold: 0, oraclesMin: 0, oraclesMax: 0, holders: [] },
  records: [],
};

async function grantedCategories(
  session: Session,
  wallet: Wallet,
  labels: readonly string[],
): Promise<Result<readonly GrantedCategory[]>> {
  const categories: GrantedCategory[] = [];
  for (const label of labels) {
    const category = wallet.categoryOf(label);
    const key = await provenDelegatingKey(session, wallet.id, category);
    if (!key.ok) return key;
    categories.push({ category, epochFrom: 0, epochTo: key.value.epoch });
  }
  return ok(categories);
}

async function deliver(
  session: Session,
  wallet: Wallet,
  { grantee }: GrantWish,
  categories: readonly GrantedCategory[],
): Promise<Result<Delivered>> {
  const receivingKey = await provenReceivingKey(session, grantee);
  if (!receivingKey.ok) return receivingKey;
  const holders = await activeHospitals(session);
  if (!holders.ok) return holders;
  const records = await liveRecords(session, wallet, categories);
  if (records.length === 0) return refuse('client-grant.no-record');

  const grantId = session.device.random(32);
  const wish = { grantId, grantee: receivingKey.value, holders: holders.value, records };
  const issued = await issueForGrant(session, wallet, wish);
  if (!issued.ok) return issued;
  const taken = await handOut(session, grantId, issued.value);
  return taken.ok ? ok({ delivery: deliveryOf(grantId, holders.value.length, taken.value), records }) : taken;
}

/** t = n − ⌊(n − 1)/3⌋ of the hospitals there are: that many must answer each read, and no fewer may have taken fragments. */
function deliveryOf(grantId: Uint8Array, hospitalCount: number, holders: Delivery['holders']): Delivery {
  const threshold = thresholdOf(hospitalCount);
  return { scheme: DIRECT_SCHEME, grantId, threshold, oraclesMin: threshold, oraclesMax: holders.length, holders };
}

export const thresholdOf = (hospitalCount: number): number => hospitalCount - faultsOf(hospitalCount);

/** A hospital that is down is left out, as long as enough have signed for the very fragments that were sent. */
async function handOut(
  { api }: Session,
  grantId: Uint8Array,
  { fragments, expected }: IssuedFragments,
): Promise<Result<Delivery['holders']>> {
  const receipts = await api.storeFragments({ grantId, fragments });
  const taken = new Map<string, Delivery['holders'][number]>();
  for (const { hospital, fragmentsHash, signature: receipt } of receipts) {
    const hash = expected.get(toHex(hospital));
    if (hash !== undefined && equal(hash, fragmentsHash))
      taken.set(toHex(hospital), { hospital, fragmentsHash, receipt });
  }
  const needed = thresholdOf(expected.size);
  return taken.size >= needed
    ? ok([...taken.values()])
    : refuse('client-grant.too-few-receipts', { taken: taken.size, needed });
}

/** Proven like the delegating key: sealed to another key, the records would open for somebody else. */
async function provenReceivingKey(session: Session, grantee: Grantee): Promise<Result<PublicKey>> {
  if (grantee.type !== 'person') return refuse('client-grant.grantee-kind');
  const row = await provenRow(session, participants, grantee.id);
  if (!row.ok) return row;
  return row.value === undefined ? refuse('client-grant.grantee-unknown') : ok(row.value.receivingKey);
}

async function activeHospitals(session: Session): Promise<Result<readonly Address[]>> {
  const ids = await provenRow(session, hospitalIds, 'all');
  if (!ids.ok) return ids;
  const keys = (ids.value ?? []).map((id) => [toHex(id)] as [string]);
  const rows = await provenRows(session, hospitals, keys);
  if (!rows.ok) return rows;
  const active = keys.filter((_key, index) => rows.value[index]?.status === 'active');
  if (active.length === 0) return refuse('client-grant.no-holder');
  return ok(active.map(([id]) => fromHex(id) as Address));
}

/** What the grant would open: the patient's own list names the records, and each is read through the chain before it is shared. */
async function liveRecords(
  { api }: Session,
  wallet: Wallet,
  categories: readonly GrantedCategory[],
): Promise<readonly Uint8Array[]> {
  const covered = (category: Uint8Array, epoch: number): boolean =>
    categories.some((one) => equal(one.category, category) && one.epochFrom <= epoch && epoch <= one.epochTo);
  const own = await api.records(wallet.id);
  return own.filter(({ row }) => row.status === 'live' && covered(row.category, row.epoch)).map(({ record }) => record);
}
