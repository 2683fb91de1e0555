import type { Payload } from '../../../src/ledger/families/payloads.ts';
import type { Purpose } from '../../../src/ledger/vocabulary.ts';
import { hash, idOf, publicOf, reasonFor } from '../../ledger/town.ts';
import { type Asking, does } from '../case.ts';
import { type GrantPlan, LAST_EPOCH, PATIENT, type RecordPlan, recordId } from '../names.ts';

/** The acts of the matrix, in few words. Records are the patient's, and in the normal category's last epoch, where nothing else is said. */
export const reads = (who: string, record: string, purpose: Purpose, atMs?: number): Asking =>
  does(
    who,
    'readRecord',
    {
      record: recordId(record),
      purpose,
      freshKey: publicOf('fresh'),
      ...(purpose === 'BTG' ? { reason: reasonFor(PATIENT) } : {}),
    },
    atMs,
  );

export const requests = (who: string, record: string, purpose: Purpose): Asking =>
  does(who, 'requestAccess', {
    record: recordId(record),
    doctorPublicKey: publicOf(who),
    purpose,
    oraclesMin: 1,
    oraclesMax: 3,
  });

export const registers = (who: string, plan: Partial<RecordPlan> = {}, atMs?: number): Asking => {
  const whole = { name: 'a new one', author: who, epoch: LAST_EPOCH, ...plan };
  return does(who, 'registerRecord', (world) => world.newRecord(whole), atMs);
};

export const amends = (who: string, record: string, plan: Partial<RecordPlan> = {}, atMs?: number): Asking =>
  does(
    who,
    'amendRecord',
    (world): Payload<'amendRecord'> => {
      const whole = { name: record, author: who, epoch: LAST_EPOCH, ...plan };
      const { owner: _owner, category: _category, ...version } = world.newRecord(whole);
      return version;
    },
    atMs,
  );

export const shreds = (who: string, record: string): Asking => does(who, 'shred', { record: recordId(record) });

/** Only the permission is at stake here: the receipts are nobody's. */
export const rewraps = (who: string, record: string): Asking =>
  does(who, 'rewrap', { record: recordId(record), epoch: LAST_EPOCH, envelopeHash: hash('another'), storage: [] });

export const grants = (who: string, plan: GrantPlan): Asking =>
  does(who, 'grant', (world) => world.newGrant({ from: who, ...plan }));

export const decidesOver = (who: string, kind: 'admit' | 'suspend' | 'reinstate', whom: string): Asking =>
  does(who, kind, { participant: idOf(whom) });

export const disputesUndelivered = (who: string, read: string): Asking =>
  does(who, 'dispute', (world) => ({
    read: world.transaction(read),
    holder: idOf('hospital 1'),
    claim: { kind: 'undelivered' as const },
  }));

export const participant = (name: string) => ({ type: 'Participant' as const, id: idOf(name) });
