import type { Address, PublicKey } from '../base/brand.ts';
import { equal, fromHex, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { faultsOf } from '../base/validators.ts';
import { UMBRAL_SCHEME } from '../crypto/envelope.ts';
import type { Holder } from '../crypto/grant-fragment.ts';
import type { Grantee, Payload } from '../ledger/families/payloads.ts';
import { grantKeyOf } from '../ledger/grant-key.ts';
import { hospitalIds, hospitals, participants } from '../ledger/state/tables.ts';
import type { FragmentsRequest, GrantAnswer } from './api.ts';
import { provenDelegatingKey } from './categories.ts';
import { type GrantedEpochs, type IssuedFragments, issueForGrant } from './fragments.ts';
import { provenRow, provenRows } from './proven.ts';
import { applied, type Sent, type Session } from './session.ts';
import type { Wallet } from './wallet.ts';

type Delivery = Payload<'grant'>['delivery'];

/** What the patient decides. */
export interface GrantWish {
  readonly grantee: Grantee;
  /** The wallet's own labels. Each is granted from `epochFrom` to its current epoch. */
  readonly labels: readonly string[];
  readonly purposes: Payload<'grant'>['purposes'];
  readonly access: Payload<'grant'>['access'];
  /** Block time from which it covers nothing, ms. */
  readonly expires: number;
  /** Null: any number of reads. */
  readonly uses: number | null;
  /** The first epoch that it covers; 0 where nothing is said. */
  readonly epochFrom?: number;
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
}

/** Issues what opens the records of these categories, has hospitals take it, and signs the grant. */
export async function grantAccess(session: Session, wallet: Wallet, wish: GrantWish): Promise<Result<Granted>> {
  const granted = await grantedCategories(session, wallet, wish);
  if (!granted.ok) return granted;
  const opens = wish.access !== 'write';
  const delivered = opens ? await deliver(session, wallet, wish, granted.value) : ok(NO_DELIVERY);
  if (!delivered.ok) return delivered;
  const delivery = delivered.value;

  const { grantee, purposes, access, expires, uses, request = null } = wish;
  const categories = granted.value.map(({ category, epochFrom, epochTo }) => ({ category, epochFrom, epochTo }));
  const payload = { grantee, categories, purposes, access, expires, uses, request, delivery };
  const sent = applied(await session.send('grant', payload));
  if (!sent.ok) return sent;
  const holders = delivery.holders.map(({ hospital }) => hospital);
  return ok({ sent: sent.value, grantId: delivery.grantId, holders });
}

/** A grant to write opens nothing. */
const NO_DELIVERY: Delivery = {
  scheme: 'none',
  grantId: new Uint8Array(32),
  threshold: 0,
  oraclesMin: 0,
  oraclesMax: 0,
  holders: [],
};

async function grantedCategories(
  session: Session,
  wallet: Wallet,
  { labels, epochFrom = 0 }: GrantWish,
): Promise<Result<readonly GrantedEpochs[]>> {
  const categories: GrantedEpochs[] = [];
  for (const label of labels) {
    const category = wallet.categoryOf(label);
    const key = await provenDelegatingKey(session, wallet.id, category);
    if (!key.ok) return key;
    categories.push({ label, category, epochFrom, epochTo: key.value.epoch });
  }
  return ok(categories);
}

async function deliver(
  session: Session,
  wallet: Wallet,
  { grantee }: GrantWish,
  categories: readonly GrantedEpochs[],
): Promise<Result<Delivery>> {
  if (grantee.type !== 'person') return refuse('client-grant.grantee-kind');
  const receivingKey = await provenReceivingKey(session, grantee);
  if (!receivingKey.ok) return receivingKey;
  const holders = await activeHospitals(session);
  if (!holders.ok) return holders;

  const grantId = session.device.random(32);
  const threshold = thresholdOf(holders.value.length);
  const wish = { grantId, grantee: receivingKey.value, threshold, holders: holders.value, categories };
  const issued = issueForGrant(session, wallet, wish);
  if (!issued.ok) return issued;
  const parties = { grantId, patient: wallet.id, grantee: fromHex(grantee.id) as Address };
  const taken = await handOut(session, parties, issued.value);
  return taken.ok ? ok(deliveryOf(grantId, threshold, taken.value)) : taken;
}

function deliveryOf(grantId: Uint8Array, threshold: number, holders: Delivery['holders']): Delivery {
  return { scheme: UMBRAL_SCHEME, grantId, threshold, oraclesMin: threshold, oraclesMax: holders.length, holders };
}

/** t = n − ⌊(n − 1)/3⌋ of the hospitals there are: that many must answer each read, and no fewer may have taken fragments. */
export const thresholdOf = (hospitalCount: number): number => hospitalCount - faultsOf(hospitalCount);

/** A hospital that is down is left out, as long as enough have signed for the very fragments that were sent. */
async function handOut(
  { api }: Session,
  parties: Omit<FragmentsRequest, 'fragments'>,
  { fragments, expected }: IssuedFragments,
): Promise<Result<Delivery['holders']>> {
  const receipts = await api.storeFragments({ ...parties, fragments });
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

/** Proven like the delegating key: made for another key, the fragments would open for somebody else. */
async function provenReceivingKey(session: Session, grantee: Grantee): Promise<Result<PublicKey>> {
  const row = await provenRow(session, participants, grantee.id);
  if (!row.ok) return row;
  return row.value === undefined ? refuse('client-grant.grantee-unknown') : ok(row.value.receivingKey);
}

/** With their duty keys, which fragments are sealed to. */
async function activeHospitals(session: Session): Promise<Result<readonly Holder[]>> {
  const ids = await provenRow(session, hospitalIds, 'all');
  if (!ids.ok) return ids;
  const keys = (ids.value ?? []).map((id) => [toHex(id)] as [string]);
  const rows = await provenRows(session, hospitals, keys);
  if (!rows.ok) return rows;
  const active = keys.flatMap(([id], index): readonly Holder[] => {
    const row = rows.value[index];
    return row?.status === 'active' ? [{ hospital: fromHex(id) as Address, dutyKey: row.record.dutyKey }] : [];
  });
  return active.length === 0 ? refuse('client-grant.no-holder') : ok(active);
}
