import type { Address, PublicKey } from '../base/brand.ts';
import { equal, fromHex, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { faultsOf } from '../base/validators.ts';
import { UMBRAL_SCHEME } from '../crypto/envelope.ts';
import type { Holder } from '../crypto/grant-fragment.ts';
import type { Grantee, Payload } from '../ledger/families/payloads.ts';
import { grantKeyOf } from '../ledger/grant-key.ts';
import { desks } from '../ledger/state/desk-tables.ts';
import { grants, hospitalIds, hospitals, participants } from '../ledger/state/tables.ts';
import type { FragmentsRequest, GrantAnswer } from './api.ts';
import { provenDelegatingKey } from './categories.ts';
import { chooseHolders } from './choose-holders.ts';
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
  /** As far as the hospital names them, each as the chain proves it: a hospital can leave one out, and invent or alter none. */
  readonly standing: readonly GrantAnswer[];
  /** All of them, whatever the hospital names. */
  readonly replaced: readonly GrantAnswer[];
}

/**
 * A second grant for the same grantee and category replaces the first; the device shows both (CHAIN.md, "Policy and gas"). Which that would be, the
 * device knows by itself, and asks the chain.
 */
export async function previewGrant(
  session: Session,
  wallet: Wallet,
  { grantee, labels }: Pick<GrantWish, 'grantee' | 'labels'>,
): Promise<Result<GrantPreview>> {
  const wished = labels.map((label) => ({ grantee, category: wallet.categoryOf(label) }));
  const replaced = await provenGrants(session, wallet, wished);
  if (!replaced.ok) return replaced;
  const replacedKeys = new Set(replaced.value.map((one) => grantKeyOf(one.grantee, one.category)));
  const listed = (await session.api.grants(wallet.id)).filter(
    (one) => !replacedKeys.has(grantKeyOf(one.grantee, one.category)),
  );
  const others = await provenGrants(session, wallet, listed);
  return others.ok ? ok({ standing: [...replaced.value, ...others.value], replaced: replaced.value }) : others;
}

/** Those of them that stand. */
async function provenGrants(
  session: Session,
  wallet: Wallet,
  named: readonly Pick<GrantAnswer, 'grantee' | 'category'>[],
): Promise<Result<readonly GrantAnswer[]>> {
  const keys = named.map(({ grantee, category }) => [toHex(wallet.id), grantKeyOf(grantee, category)] as const);
  const rows = await provenRows(session, grants, keys);
  if (!rows.ok) return rows;
  return ok(
    named.flatMap(({ grantee, category }, i) => {
      const row = rows.value[i];
      return row === undefined ? [] : [{ grantee, category, row }];
    }),
  );
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
  if (grantee.type !== 'person' && grantee.type !== 'desk') return refuse('client-grant.grantee-kind');
  const receivingKey = await provenReceivingKey(session, grantee);
  if (!receivingKey.ok) return receivingKey;
  const active = await activeHospitals(session);
  // A desk's own hospital holds nothing of it (PRIVACY.md, "Emergencies").
  const possible = active.ok ? withoutDesk(active.value, grantee) : active;
  if (!possible.ok) return possible;
  const holders = chooseHolders(session.device, possible.value);

  const grantId = session.device.random(32);
  const threshold = thresholdOf(holders.length);
  const wish = { grantId, grantee: receivingKey.value, threshold, holders, categories };
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
  const row =
    grantee.type === 'desk'
      ? await provenRow(session, desks, grantee.id)
      : await provenRow(session, participants, grantee.id);
  if (!row.ok) return row;
  return row.value === undefined ? refuse('client-grant.grantee-unknown') : ok(row.value.receivingKey);
}

function withoutDesk(holders: readonly Holder[], { type, id }: Grantee): Result<readonly Holder[]> {
  const others = type === 'desk' ? holders.filter(({ hospital }) => toHex(hospital) !== id) : holders;
  return others.length === 0 ? refuse('client-grant.no-holder') : ok(others);
}

/** With their duty keys, which fragments are sealed to. */
export async function activeHospitals(session: Session): Promise<Result<readonly Holder[]>> {
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
