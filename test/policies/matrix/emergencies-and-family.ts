import { type Case, denied, permitted } from '../case.ts';
import { EXPIRES_MS, PATIENT } from '../names.ts';
import { reads } from './acts.ts';

const BROKEN = permitted('practitioner-breaks-glass');
const CHOSEN = permitted('chosen-person-reads-under-grant');

/** Break-glass (F50), and those whom the patient chose: family, friends, representatives (F42, F56). */
export const EMERGENCIES_AND_FAMILY: readonly Case[] = [
  ['a doctor breaks glass at a desk that the patient chose', reads('Dr at a desk', 'first', 'BTG'), BROKEN],
  ['break-glass opens a restricted record', reads('Dr at a desk', 'restricted', 'BTG'), BROKEN],
  ['break-glass opens a very restricted record at a desk', reads('Dr at a desk', 'very restricted', 'BTG'), BROKEN],
  ['a grant for treatment to a hospital makes no desk of it', reads('Dr in a ward', 'first', 'BTG'), denied()],
  ['a desk opens nothing for treatment', reads('Dr at a desk', 'first', 'TREAT'), denied()],
  ['a desk opens nothing for emergency treatment', reads('Dr at a desk', 'first', 'ETREAT'), denied()],
  ['a doctor of a hospital that is no desk breaks no glass', reads('Dr A', 'first', 'BTG'), denied()],
  ['a doctor of a hospital without any grant breaks no glass', reads('Dr A', 'restricted', 'BTG'), denied()],
  ['a personal grant is no desk, though it names break-glass', reads('Dr of every purpose', 'first', 'BTG'), denied()],
  [
    'a grant to all doctors is no desk, though it names break-glass',
    reads('Dr without a grant', 'first', 'BTG'),
    denied(),
  ],
  ['a suspended doctor breaks no glass', reads('Dr at a desk, suspended', 'first', 'BTG'), denied()],
  ['no glass is broken over a shredded record', reads('Dr at a desk', 'shredded', 'BTG'), denied()],
  [
    'no glass is broken at a suspended hospital',
    reads('Dr of a barred hospital', 'first', 'BTG'),
    denied('barred-hospital-reads-nothing'),
  ],
  ['a desk is open up to the last millisecond', reads('Dr at a desk', 'first', 'BTG', EXPIRES_MS - 1), BROKEN],
  ['a desk closes when its grant ends', reads('Dr at a desk', 'first', 'BTG', EXPIRES_MS), denied()],
  ['a desk whose uses are spent is closed', reads('Dr at a desk used up', 'first', 'BTG'), denied()],
  [
    'a desk does not reach behind its first epoch',
    reads('Dr at a desk for the second epoch', 'first', 'BTG'),
    denied(),
  ],
  ['a desk covers its epoch', reads('Dr at a desk for the second epoch', 'second', 'BTG'), BROKEN],
  ['a desk does not reach beyond its last epoch', reads('Dr at a desk for the second epoch', 'third', 'BTG'), denied()],
  ['a grant that only writes makes no desk', reads('Dr at a desk used up', 'restricted', 'BTG'), denied()],
  ['a patient of the desk hospital breaks no glass', reads('another patient', 'first', 'BTG'), denied()],
  [
    'an administrator of the desk hospital breaks no glass',
    reads('an administrator elsewhere', 'first', 'BTG'),
    denied(),
  ],

  ['a relative reads at the request of the family', reads('a relative', 'first', 'FAMRQT'), CHOSEN],
  ['a relative reads a restricted record that the grant names', reads('a relative', 'restricted', 'FAMRQT'), CHOSEN],
  [
    'a relative reads a very restricted record that the grant names',
    reads('a relative', 'very restricted', 'FAMRQT'),
    CHOSEN,
  ],
  ['a relative does not treat, whatever the grant says', reads('a relative', 'first', 'TREAT'), denied()],
  ['a relative asks for the family, not for the patient', reads('a relative', 'first', 'PATRQT'), denied()],
  ['a representative reads at the request of the patient', reads('a representative', 'second', 'PATRQT'), CHOSEN],
  [
    'a representative asks for the patient, not for the family',
    reads('a representative', 'second', 'FAMRQT'),
    denied(),
  ],
  ['what a representative reads begins with an epoch', reads('a representative', 'first', 'PATRQT'), denied()],
  ['what a representative reads ends with an epoch', reads('a representative', 'third', 'PATRQT'), denied()],
  ['nobody is family by role', reads('another patient', 'first', 'FAMRQT'), denied()],
  ['nobody is family by hospital', reads('a neighbour', 'first', 'FAMRQT'), denied()],
  ['a suspended relative reads nothing', reads('a suspended relative', 'first', 'FAMRQT'), denied()],
  ['a relative reads no shredded record', reads('a relative', 'shredded', 'FAMRQT'), denied()],
  ['a relative reads under a read-write grant', reads('a relative who may read and write', 'first', 'FAMRQT'), CHOSEN],
  ['a relative who may only write reads nothing', reads('a relative who may only write', 'first', 'FAMRQT'), denied()],
  ['a relative whose uses are spent reads nothing', reads('a relative who has read', 'first', 'FAMRQT'), denied()],
  ['a relative reads up to the last millisecond', reads('a relative', 'first', 'FAMRQT', EXPIRES_MS - 1), CHOSEN],
  ['a relative reads nothing when the grant has ended', reads('a relative', 'first', 'FAMRQT', EXPIRES_MS), denied()],
  [
    "a patient is not family to one's own relative without a grant",
    reads(PATIENT, "the suspended patient's", 'FAMRQT'),
    denied(),
  ],
];
