import type { SecretKey } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { addressOf } from '../base/digest.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import {
  decodeEnvelope,
  ENVELOPE_SALT_BYTES,
  type Envelope,
  envelopeCommitment,
  verifyEnvelope,
} from '../crypto/envelope.ts';
import { SCALAR_ENTROPY_BYTES, scalarFromUniform } from '../crypto/keys.ts';
import type { Capsule, Verified } from '../crypto/umbral/types.ts';
import { keyBindings, type ReadRow, type RecordRow, reads, records, recordVersions } from '../ledger/state/tables.ts';
import type { Purpose } from '../ledger/vocabulary.ts';
import { type Emergency, sealedReason } from './break-glass.ts';
import type { OpenDesk } from './desk.ts';
import { provenRow, provenState } from './proven.ts';
import { applied, type Sent, type Session } from './session.ts';
import type { DelegatingKeys } from './wallet.ts';

export interface ReadWish {
  readonly record: Uint8Array;
  readonly purpose: Purpose;
  /** Where the purpose is BTG: break-glass.ts. */
  readonly emergency?: Emergency;
  /** The owner's keys, where the reader acts for the owner as a guardian. */
  readonly asGuardian?: DelegatingKeys;
}

/** A read that the chain allowed, with its envelope verified. Nothing is open yet. */
export interface AllowedRead {
  readonly sent: Sent;
  readonly read: ReadRow;
  /** The version that was read. */
  readonly row: RecordRow;
  readonly envelope: Envelope;
  /** The envelope's, verified. */
  readonly capsule: Verified<Capsule>;
  /** As it lies in storage, with the salt of what the chain commits to. */
  readonly envelopeBytes: Uint8Array;
  readonly salt: Uint8Array;
  /** Opens the shares of this one read. */
  readonly freshSecret: SecretKey;
  /** Whose secret the shares open to, where the reader's own is not it. */
  readonly desk?: OpenDesk;
}

/** A read is a transaction: it is decided and logged first, and only its applied receipt lets the envelope out. */
export async function requestRead(
  session: Session,
  { record, purpose, emergency }: ReadWish,
): Promise<Result<AllowedRead>> {
  const { api, device } = session;
  const reason = emergency === undefined ? undefined : await sealedReason(session, record, emergency);
  if (reason?.ok === false) return reason;
  const freshSecret = scalarFromUniform(device.random(SCALAR_ENTROPY_BYTES));
  const freshKey = device.primitives.publicKeyOf(freshSecret);
  const sent = applied(
    await session.send('readRecord', { record, purpose, freshKey, ...(reason && { reason: reason.value }) }),
  );
  if (!sent.ok) return sent;

  // Asked for at once; judged in this order.
  const stored = api.readEnvelope(sent.value.id);
  stored.catch(() => {});
  const facts = await provenFacts(session, sent.value, record);
  if (!facts.ok) return facts;
  const { envelope: envelopeBytes, salt } = await stored;
  const checked = checkEnvelope(session, facts.value, { record, envelopeBytes, salt });
  if (!checked.ok) return checked;
  const author = await checkAuthor(session, facts.value.row, checked.value.envelope);
  return author.ok
    ? ok({
        sent: sent.value,
        ...facts.value,
        ...checked.value,
        envelopeBytes,
        salt,
        freshSecret,
        ...(emergency && { desk: emergency.desk }),
      })
    : author;
}

interface Facts {
  readonly read: ReadRow;
  readonly row: RecordRow;
}

/** What the state says of the read and of the record's version that it opens. */
async function provenFacts(session: Session, { id }: Sent, record: Uint8Array): Promise<Result<Facts>> {
  const state = await provenState(session, [reads.key(toHex(id)), records.key(toHex(record))]);
  if (!state.ok) return state;
  const read = reads.get(state.value, toHex(id));
  const newest = records.get(state.value, toHex(record));
  if (read === undefined || newest?.status !== 'live') return refuse('client-record.unknown');
  const { version } = read;
  if (newest.version === version) return ok({ read, row: newest });
  // Amended since: the version that was allowed stands among the earlier ones.
  const earlier = await provenRow(session, recordVersions, toHex(record), String(version));
  if (!earlier.ok) return earlier;
  return earlier.value === undefined ? refuse('client-record.unknown') : ok({ read, row: earlier.value });
}

/** The envelope is the one that the chain commits to, and was made for this record, version, key and content. */
function checkEnvelope(
  { device, trust }: Session,
  { read, row }: Facts,
  stored: { readonly record: Uint8Array; readonly envelopeBytes: Uint8Array; readonly salt: Uint8Array },
): Result<Pick<AllowedRead, 'envelope' | 'capsule'>> {
  const { primitives } = device;
  const { record, envelopeBytes, salt } = stored;
  const committed =
    salt.length === ENVELOPE_SALT_BYTES && equal(envelopeCommitment(primitives, salt, envelopeBytes), row.envelopeHash);
  if (!committed) return refuse('client-read.envelope-mismatch');
  const envelope = decodeEnvelope(primitives, envelopeBytes);
  if (!envelope.ok) return envelope;
  const { recordId, version, keyId } = envelope.value;
  const fits =
    equal(row.envelopeHash, read.envelopeHash) &&
    equal(recordId, record) &&
    version === read.version &&
    equal(keyId.category, row.category) &&
    keyId.epoch === row.epoch;
  if (!fits) return refuse('client-read.envelope-mismatch');
  const capsule = verifyEnvelope(primitives, { chainId: trust.chainId, cid: row.cid }, envelope.value);
  return capsule.ok ? ok({ envelope: envelope.value, capsule: capsule.value }) : capsule;
}

/**
 * The envelope was made by whom the chain names for it: the medical author, or the owner who rewrapped it. Its key is that person's: the first
 * one, whose address is the id, or one that the chain bound to the id later.
 */
async function checkAuthor(session: Session, { sealedBy }: RecordRow, envelope: Envelope): Promise<Result<null>> {
  const keyAddress = addressOf(session.device.primitives, envelope.author);
  if (equal(keyAddress, sealedBy)) return ok(null);
  const binding = await provenRow(session, keyBindings, toHex(keyAddress));
  if (!binding.ok) return binding;
  return binding.value !== undefined && equal(binding.value.id, sealedBy)
    ? ok(null)
    : refuse('client-read.author-mismatch');
}
