import { defineCodes } from '../base/result.ts';

/** Every refusal and failure of this folder: what `StorageError` throws and what a `Result` of storage carries. */
export const STORAGE_CODES = defineCodes({
  'storage.closed': { status: 503, meaning: 'The store is closed.' },
  'storage.read-failed': { status: 503, meaning: 'The disk or the database refused a read.' },
  'storage.write-failed': { status: 503, meaning: 'The disk or the database refused a write.' },
  'storage.poisoned': {
    status: 503,
    meaning: 'A write failed earlier; nothing is read or written until the store is reopened and verified.',
  },
  'storage.corrupt': { status: 500, meaning: 'A stored value does not match its checksum or its format.' },
  'storage.missing': { status: 500, meaning: 'The database folder holds no database.' },
  'storage.locked': { status: 503, meaning: 'Another process uses this data folder.' },
  'storage.not-initialised': { status: 500, meaning: 'The data folder was never initialised, or not to the end.' },
  'storage.already-initialised': { status: 409, meaning: 'The data folder is initialised already.' },
  'storage.folder-not-empty': { status: 409, meaning: 'The folder to initialise holds other files.' },
  'storage.format-newer': { status: 500, meaning: 'The data folder was written by a newer version of the software.' },
  'storage.format-unknown': { status: 500, meaning: 'The format or chain file of the data folder cannot be read.' },
  'storage.foreign-chain': { status: 500, meaning: 'The data folder belongs to another chain.' },
  'storage.tip-damaged': { status: 500, meaning: 'The last blocks or the state root do not hold together.' },
  'storage.pruned': { status: 410, meaning: 'This node no longer keeps the state of that height.' },
  'storage.height-unknown': { status: 404, meaning: 'That height is above the last finalised block.' },
  'storage.too-many-views': { status: 503, meaning: 'Too many consistent reads are open at once.' },
  'signing-state.missing': {
    status: 500,
    meaning: 'The signing state is gone although the chain has blocks: this key must not sign again.',
  },
  'signing-state.damaged': {
    status: 500,
    meaning: 'The signing state is damaged: this key must not sign again.',
  },
  'signing-state.too-large': { status: 500, meaning: 'The signing state is larger than its slot.' },
  'blob.cid-invalid': { status: 400, meaning: 'Not a CIDv1 (raw or dag-pb, SHA-256) in base32.' },
  'blob.cid-mismatch': { status: 422, meaning: 'The uploaded bytes have another CID than announced.' },
  'blob.not-found': { status: 404, meaning: 'No such blob is stored here.' },
  'blob.corrupt': { status: 500, meaning: 'A block of the blob does not match its hash.' },
  'blob.too-large': { status: 413, meaning: 'The blob is larger than its limit.' },
  'blob.quota': { status: 429, meaning: 'The uploader has too many bytes that no record names yet.' },
  'blob.busy': { status: 503, meaning: 'Too many uploads are running.' },
  'envelope.too-large': { status: 413, meaning: 'The envelope or fragment is larger than its limit.' },
  'envelope.id-invalid': { status: 400, meaning: 'A record or grant id is empty or too long.' },
  'car.empty': { status: 400, meaning: 'There is no block to export.' },
  'car.truncated': { status: 400, meaning: 'The CAR file ends too early.' },
  'car.damaged': {
    status: 400,
    meaning: 'A section of the CAR file does not match its hash, or is not the one expected.',
  },
  'car.malformed': { status: 400, meaning: 'The CAR file does not have the form of an exported chain.' },
  'car.version-unknown': { status: 400, meaning: 'The exported chain has a format version unknown here.' },
  'car.too-large': { status: 413, meaning: 'A section of the CAR file is larger than its limit.' },
  'car.trailing-bytes': { status: 400, meaning: 'The CAR file goes on after its last block.' },
});
export type StorageCode = keyof typeof STORAGE_CODES;
