import type { Hash } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import type { Receipt } from '../../src/ledger/receipt.ts';
import { expectApplied, hash, hospitalName, idOf, publicOf, Town } from '../ledger/town.ts';
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
  /** Transactions: the patient registered, the doctor asked, the doctor read, the patient read. */
  readonly registered: string;
  readonly requested: string;
  readonly read: string;
  readonly selfRead: string;
  /** Of an uploaded ciphertext. */
  readonly cid: string;
}

/** Everybody of hospital 1; a patient with one record, which a doctor asked for, was granted and read. */
export async function buildWorld(): Promise<World> {
  const town = new Town();
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
  applied(town.act('patient', 'grant', town.grantPayload('patient', 'doctor', { request: requested })));
  const read = applied(town.read('doctor', 'one'));
  const selfRead = applied(town.read('patient', 'one', 'PATRQT'));

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
    read: toHex(read),
    selfRead: toHex(selfRead),
    cid: stored.value.cid,
  };
}

function applied(receipt: Receipt): Hash {
  expectApplied(receipt);
  return receipt.transactionId;
}

export async function* pieces(...all: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* all;
}

export { hospitalName };
