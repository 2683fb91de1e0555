import type { Address, Hash, PublicKey } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { decode, encode } from '../base/canonical.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import { BOX_OVERHEAD_BYTES } from '../crypto/committed-box.ts';
import { SCALAR_ENTROPY_BYTES } from '../crypto/keys.ts';
import { type BoxLabel, openBox, sealBox } from '../crypto/sealed-box.ts';
import { normaliseKeyword } from '../crypto/search/keyword.ts';
import { openMatches, trapdoorShape } from '../crypto/search/trapdoor.ts';
import { participants } from '../ledger/state/tables.ts';
import { CLIENT_LIMITS } from './limits.ts';
import { type MedicalIndex, searchAt } from './medical-index.ts';
import { provenRow } from './proven.ts';
import { refusedAtDoor, type Session } from './session.ts';
import type { Wallet } from './wallet.ts';

/*
 * One keyword, handed by the patient to one grantee: the trapdoor for the hospital and the key for its answer, sealed to the
 * grantee's receiving key (SE-11). It goes from device to device and stands nowhere on chain.
 */
const labelOf = (chainId: Hash): BoxLabel => ({ purpose: 'search-token', context: encode({ chainId }) });

const boxShape = shape.struct({
  capsule: shape.publicKey,
  sealed: shape.bytes(BOX_OVERHEAD_BYTES + 1, CLIENT_LIMITS.searchTokenBytesMax),
});
const tokenShape = shape.struct({
  patient: shape.address,
  category: shape.bytes(16),
  trapdoor: trapdoorShape,
  valueKey: shape.bytes(32),
});

export interface HandOver {
  readonly keyword: string;
  readonly grantee: Address;
  /** The category whose grant to them the hospital will look for. */
  readonly label: string;
}

/** On the patient's device. The answer's bytes go to the grantee by any way. */
export async function handOverSearch(
  session: Session,
  wallet: Wallet,
  index: MedicalIndex,
  { keyword, grantee, label }: HandOver,
): Promise<Result<Uint8Array>> {
  const { api, device, trust } = session;
  const state = searchAt(index, (await api.status()).hospital);
  if (state === undefined) return refuse('client-index.none-here');
  const normal = normaliseKeyword(keyword);
  if (!normal.ok) return normal;
  const row = await provenRow(session, participants, toHex(grantee));
  if (!row.ok) return row;
  const recipient = row.value?.receivingKey as PublicKey | undefined;
  if (recipient === undefined) return refuse('client-grant.grantee-unknown');
  const { trapdoor, keys } = wallet.trapdoor({ chainId: trust.chainId, ...state }, normal.value);
  const { valueKey } = keys;
  const { name, labelKey } = trapdoor;
  const token = encode({
    patient: wallet.id,
    category: wallet.categoryOf(label),
    trapdoor: { name: { ...name }, labelKey },
    valueKey,
  });
  const entropy = device.random(SCALAR_ENTROPY_BYTES);
  const box = sealBox(device.primitives, { recipient, entropy, label: labelOf(trust.chainId) }, token);
  return box.ok ? ok(encode({ ...box.value })) : box;
}

/** On the grantee's device, at the hospital that the token is for. The ids are the patient's claim: a read of each goes through the chain. */
export async function searchWithToken(
  session: Session,
  wallet: Wallet,
  bytes: Uint8Array,
): Promise<Result<readonly Uint8Array[]>> {
  const { api, device, trust } = session;
  const value = decode(bytes, CLIENT_LIMITS.searchTokenBytesMax);
  const box = value.ok ? boxShape(value.value, 'token') : value;
  if (!box.ok) return refuse('client-index.malformed');
  const { secretKey } = wallet.receiving;
  const opened = openBox(device.primitives, { secretKey, label: labelOf(trust.chainId) }, box.value);
  if (!opened.ok) return opened;
  const inside = decode(opened.value, CLIENT_LIMITS.searchTokenBytesMax);
  const token = inside.ok ? tokenShape(inside.value, 'token') : inside;
  if (!token.ok) return refuse('client-index.malformed');
  const { patient, category, trapdoor, valueKey } = token.value;
  const { name, labelKey } = trapdoor;
  const isHere = equal(name.hospital, (await api.status()).hospital) && equal(name.chainId, trust.chainId);
  if (!isHere) return refuse('client-index.none-here');
  const question = { epoch: name.epoch, build: name.build, labelKey, category };
  const matches = await refusedAtDoor(api.search(patient, question));
  return matches.ok ? openMatches(device.primitives, { name, keys: { labelKey, valueKey } }, matches.value) : matches;
}
