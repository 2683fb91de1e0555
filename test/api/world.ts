import type { Hash } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { listCommitment } from '../../src/crypto/guardians.ts';
import type { Receipt } from '../../src/ledger/receipt.ts';
import { expectApplied, genesisOf, hash, hospitalName, idOf, primitives, publicOf, Town } from '../ledger/town.ts';
import { TownService } from './town-service.ts';

/** Who asks, in the order of the matrix. `unsigned` signs nothing; `stranger` signs with a key that nobody knows. */
export const ROLES = [
  'unsigned',
  'stranger',
  'patient',
  'other patient',
  'doctor',
  'hospital 1',
  'administrator',
] as const;
export type RoleName = (typeof ROLES)[number];
/** Who signs for a role. */
export const signerOf = (role: RoleName): string | null => (role === 'unsigned' ? null : role);

export interface World {
  readonly service: TownService;
  readonly patient: string;
  readonly record: string;
  /** Transactions: the patient registered, the doctor asked, the patient granted, the doctor read, the patient read. */
  readonly registered: string;
  readonly requested: string;
  readonly granted: string;
  readonly read: string;
  readonly selfRead: string;
  /** What the other patient asked for as the patient's guardian, and may have now. */
  readonly guardianship: string;
  /** The doctor broke the glass. */
  readonly broken: string;
  /** Of an uploaded ciphertext. */
  readonly cid: string;
}

/** Everybody of hospital 1; a patient with one record, which a doctor asked for, was granted and read. */
export async function buildWorld(): Promise<World> {
  const town = new Town(genesisOf(4, { guardianMaturingMinMs: 1_000 }));
  town.join('patient', 'patient');
  town.join('other patient', 'patient');
  town.join('doctor', 'practitioner');
  town.join('administrator', 'administrator');
  town.openCategory('patient');
  const registered = applied(town.act('patient', 'registerRecord', town.recordPayload('patient', 'one')));
  const requested = applied(
    town.act('doctor', 'requestAccess', {
      record: hash('record one'),
      doctorPublicKey: publicOf('doctor'),
      purpose: 'TREAT',
      oraclesMin: 3,
      oraclesMax: 4,
    }),
  );
  const granted = applied(town.act('patient', 'grant', town.grantPayload('patient', 'doctor', { request: requested })));
  const read = applied(town.read('doctor', 'one'));
  const selfRead = applied(town.read('patient', 'one', 'PATRQT'));

  // The doctor breaks the glass at the desk of hospital 1.
  town.openDesk(hospitalName(1));
  const desk = { type: 'desk' as const, id: toHex(idOf(hospitalName(1))) };
  applied(town.act('patient', 'grant', town.grantPayload('patient', 'desk', { grantee: desk, purposes: ['BTG'] })));
  const broken = applied(town.read('doctor', 'one', 'BTG'));

  const guardianship = guardedBy(town, 'patient', 'other patient');

  const service = await TownService.over(town);
  service.opened = { envelope: Uint8Array.of(1, 2, 3), ciphertext: Uint8Array.of(4, 5, 6) };
  const stored = await service.putBlob(pieces(Uint8Array.of(4, 5, 6)), { uploader: 'test', bytesMax: 100 });
  if (!stored.ok) throw new Error(stored.rejection.code);
  const index = { epoch: 0, build: new Uint8Array(16), entries: new Uint8Array(69) };
  const left = await service.storeSearchIndex(idOf('patient'), index);
  if (!left.ok) throw new Error(left.rejection.code);
  return {
    service,
    patient: toHex(idOf('patient')),
    record: toHex(hash('record one')),
    registered: toHex(registered),
    requested: toHex(requested),
    granted: toHex(granted),
    read: toHex(read),
    selfRead: toHex(selfRead),
    guardianship: toHex(guardianship),
    broken: toHex(broken),
    cid: stored.value.cid,
  };
}

/** A request of the one guardian, matured. */
function guardedBy(town: Town, patient: string, guardian: string): Hash {
  const salt = hash('salt') as Uint8Array;
  const list = { threshold: 1, members: [idOf(guardian)] };
  const commitment = listCommitment(primitives, salt, list);
  const part = { purpose: 'recovery' as const, list: commitment, kit: hash('kit'), maturingMs: 1_000 };
  applied(town.act(patient, 'setGuardians', { parts: [part] }));
  const asked = { owner: idOf(patient), purpose: part.purpose, key: publicOf('a new device'), ...list, salt };
  const request = applied(town.act(guardian, 'requestGuardianship', asked));
  town.seal([], 1_000);
  return request;
}

function applied(receipt: Receipt): Hash {
  expectApplied(receipt);
  return receipt.transactionId;
}

export async function* pieces(...all: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* all;
}

export { hospitalName };
