import { contentIdText } from '../client/content-id.ts';
import { sealForOwner } from '../client/seal.ts';
import { applied } from '../client/session.ts';
import { must, type Person } from '../consortium/people.ts';
import { DEFAULT_PARAMETERS } from '../ledger/parameters.ts';

const RECORD_ID_BYTES = 32;
const PLAINTEXT_BYTES = 64;

/**
 * A patient's own record, written as a device writes it (client/write-record.ts) but for one proof: a device believes the owner's key under a
 * certificate alone, which an engine without finality never makes. Here the owner is the author, and knows its key.
 */
export async function writeOwnRecord({ session, wallet }: Person, label: string): Promise<Uint8Array> {
  const { api, device, trust } = session;
  const record = device.random(RECORD_ID_BYTES);
  const category = wallet.categoryOf(label);
  const sealing = {
    name: { chainId: trust.chainId, recordId: record, version: 1 },
    keyId: { category, epoch: 0 },
    delegatingKey: wallet.delegatingKey(label, 0).publicKey,
    author: wallet.account.publicKey,
  };
  const sealed = must(await sealForOwner(device, sealing, device.random(PLAINTEXT_BYTES)), 'a record is sealed');
  const { ciphertext, cid, envelope, salt, envelopeHash } = sealed;
  await api.putBlob(ciphertext);
  const receiptsWanted = DEFAULT_PARAMETERS.storageReceiptsMin;
  const { receipts } = await api.storeRecord({ record, cid: contentIdText(cid), envelope, salt, receiptsWanted });
  const payload = {
    record,
    owner: wallet.id,
    category,
    epoch: 0,
    cid,
    ciphertextBytes: ciphertext.length,
    envelopeHash,
    storage: receipts,
  };
  must(applied(await session.send('registerRecord', payload)), 'a record is registered');
  return record;
}
