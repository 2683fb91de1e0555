import { CID } from 'multiformats/cid';
import type { AccessRequest, RecordRow } from '../ledger/state/tables.ts';
import type { JsonSchema } from './route.ts';
import { address, bool, category, cid, hash, hex, list, oneOf, struct, text, uint } from './schemas.ts';

/** How rows of the state look in JSON: their own fields and their id; a CID as people and IPFS tools write it. */
export const recordFace = (record: Uint8Array, row: RecordRow): object => ({
  record,
  ...row,
  cid: CID.decode(row.cid).toString(),
});

export const recordSchema: JsonSchema = struct({
  record: hex(32),
  owner: address,
  author: address,
  sealedBy: address,
  category,
  epoch: uint(),
  version: uint(),
  cid,
  ciphertextBytes: uint(),
  envelopeHash: hash,
  storedBy: list(address),
  status: oneOf('live', 'shredded'),
  registeredHeight: uint(),
  requests: uint(),
});

export const requestFace = (request: Uint8Array, row: AccessRequest): object => ({ request, ...row });

export const requestSchema: JsonSchema = struct({
  request: hash,
  record: hex(32),
  owner: address,
  requester: address,
  purpose: text(16),
  height: uint(),
  timestampMs: uint(),
  oraclesMin: uint(),
  oraclesMax: uint(),
  granted: bool,
  evaluated: bool,
});
