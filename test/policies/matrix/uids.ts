import { toHex } from '../../../src/base/bytes.ts';
import { type EntityUid, entity } from '../../../src/vm/index.ts';
import { hospitalName, idOf } from '../../ledger/town.ts';
import { recordId } from '../names.ts';

/** Entities by the names of the world. */
export const uid = {
  patient: (name: string): EntityUid => entity('Patient', toHex(idOf(name))),
  practitioner: (name: string): EntityUid => entity('Practitioner', toHex(idOf(name))),
  hospital: (n: number): EntityUid => entity('Hospital', toHex(idOf(hospitalName(n)))),
  record: (name: string): EntityUid => entity('Record', toHex(recordId(name))),
};
