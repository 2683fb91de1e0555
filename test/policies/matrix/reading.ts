import { type Case, denied, erring, permitted } from '../case.ts';
import { EXPIRES_MS, PATIENT } from '../names.ts';
import { reads } from './acts.ts';

const UNDER_GRANT = permitted('practitioner-reads-under-grant');
/** Reading a record: whose, by whom, for what, under which grant, when. */
export const READING: readonly Case[] = [
  // The owner.
  ['a patient reads an own record', reads(PATIENT, 'first', 'PATRQT'), permitted('patient-reads-own-record')],
  [
    'a patient reads an own record for any purpose',
    reads(PATIENT, 'first', 'TREAT'),
    permitted('patient-reads-own-record'),
  ],
  [
    'a patient reads an own very restricted record',
    reads(PATIENT, 'very restricted', 'PATRQT'),
    permitted('patient-reads-own-record'),
  ],
  [
    'a patient reads what a doctor wrote',
    reads(PATIENT, 'written by Dr Writer', 'PATRQT'),
    permitted('patient-reads-own-record'),
  ],
  ['a patient reads no shredded record', reads(PATIENT, 'shredded', 'PATRQT'), denied()],
  ['a suspended patient reads nothing', reads('a suspended patient', "the suspended patient's", 'PATRQT'), denied()],
  ["a patient does not read another's record", reads('another patient', 'first', 'PATRQT'), denied()],
  [
    'nobody reads a record that is not there',
    reads(PATIENT, 'of nobody', 'PATRQT'),
    erring(denied(), 'chosen-person-reads-under-grant', 'patient-reads-own-record'),
  ],

  // A practitioner under a grant to that person (F21, F22, F29, F30).
  ['a doctor reads for treatment under a grant', reads('Dr A', 'first', 'TREAT'), UNDER_GRANT],
  ['a doctor without a grant reads nothing', reads('Dr without a grant', 'first', 'TREAT'), denied()],
  ['a doctor reads a restricted record under a personal grant', reads('Dr A', 'restricted', 'TREAT'), UNDER_GRANT],
  [
    'a doctor reads a very restricted record under a personal grant',
    reads('Dr A', 'very restricted', 'TREAT'),
    UNDER_GRANT,
  ],
  [
    'a grant covers the categories that it names, and no other',
    reads('Dr of every purpose', 'restricted', 'TREAT'),
    denied(),
  ],
  [
    'a doctor reads for emergency treatment where the grant says so',
    reads('Dr of every purpose', 'first', 'ETREAT'),
    UNDER_GRANT,
  ],
  ['a doctor reads for payment where the grant says so', reads('Dr of every purpose', 'first', 'HPAYMT'), UNDER_GRANT],
  [
    'a doctor reads for operations where the grant says so',
    reads('Dr of every purpose', 'first', 'HOPERAT'),
    UNDER_GRANT,
  ],
  ['a doctor reads for research where the grant says so', reads('Dr of every purpose', 'first', 'HRESCH'), UNDER_GRANT],
  ['a doctor is no family, whatever the grant says', reads('Dr of every purpose', 'first', 'FAMRQT'), denied()],
  ['a doctor is not the patient, whatever the grant says', reads('Dr of every purpose', 'first', 'PATRQT'), denied()],
  ['a grant for treatment is not one for emergency treatment', reads('Dr A', 'first', 'ETREAT'), denied()],
  ['a grant for treatment is not one for research', reads('Dr A', 'first', 'HRESCH'), denied()],
  ['a doctor reads under a read-write grant', reads('Dr who reads and writes', 'first', 'TREAT'), UNDER_GRANT],
  [
    'a doctor who may only write reads nothing, not even what he wrote',
    reads('Dr Writer', 'written by Dr Writer', 'TREAT'),
    denied(),
  ],
  ['a doctor reads in the last millisecond of a grant', reads('Dr A', 'first', 'TREAT', EXPIRES_MS - 1), UNDER_GRANT],
  ['a doctor reads nothing from the moment that a grant ends', reads('Dr A', 'first', 'TREAT', EXPIRES_MS), denied()],
  ['a doctor reads nothing after a grant has ended', reads('Dr A', 'first', 'TREAT', EXPIRES_MS + 1), denied()],
  ['a doctor reads nothing under a grant that is used up', reads('Dr Once', 'first', 'TREAT'), denied()],
  ['a doctor reads while a use is left', reads('Dr Twice', 'first', 'TREAT'), UNDER_GRANT],
  ['a doctor reads nothing under a revoked grant', reads('Dr Revoked', 'first', 'TREAT'), denied()],
  ['a grant does not reach behind its first epoch', reads('Dr of the second epoch', 'first', 'TREAT'), denied()],
  ['a grant covers its epoch', reads('Dr of the second epoch', 'second', 'TREAT'), UNDER_GRANT],
  ['a grant does not reach beyond its last epoch', reads('Dr of the second epoch', 'third', 'TREAT'), denied()],
  ['a doctor reads no shredded record', reads('Dr A', 'shredded', 'TREAT'), denied()],
  ['a suspended doctor reads nothing', reads('Dr Suspended', 'first', 'TREAT'), denied()],
  ['a doctor who is not admitted yet reads nothing', reads('Dr who is pending', 'first', 'TREAT'), denied()],
  [
    'a doctor of a suspended hospital reads nothing',
    reads('Dr of a barred hospital', 'first', 'TREAT'),
    denied('barred-hospital-reads-nothing'),
  ],
  [
    'a doctor of a removed hospital reads nothing',
    reads('Dr of a removed hospital', 'first', 'TREAT'),
    denied('barred-hospital-reads-nothing'),
  ],
  ['a grant outlives the suspension of who gave it', reads('Dr A', "the suspended patient's", 'TREAT'), UNDER_GRANT],
  [
    'a doctor finds nothing to read where there is no record',
    reads('Dr A', 'of nobody', 'TREAT'),
    erring(denied(), 'practitioner-reads-under-grant'),
  ],

  // Under a grant to a hospital or a role, as far as the label lets it (F22).
  ['a doctor reads under a grant to the own hospital', reads('Dr in a ward', 'first', 'TREAT'), UNDER_GRANT],
  ["a doctor reads nothing under another hospital's grant", reads('Dr at a desk', 'first', 'TREAT'), denied()],
  ['a restricted record is opened to a hospital', reads('Dr in a ward', 'restricted', 'TREAT'), UNDER_GRANT],
  ['a very restricted record is opened to no hospital', reads('Dr in a ward', 'very restricted', 'TREAT'), denied()],
  ['a doctor reads under a grant to all doctors', reads('Dr without a grant', 'first', 'HOPERAT'), UNDER_GRANT],
  ['a restricted record is opened to no role', reads('Dr without a grant', 'restricted', 'HOPERAT'), denied()],
  [
    'a very restricted record is opened to no role',
    reads('Dr without a grant', 'very restricted', 'HOPERAT'),
    denied(),
  ],

  [
    'a denial tells a doctor nothing of a restricted record',
    reads('Dr without a grant', 'restricted', 'TREAT'),
    denied(),
  ],
  [
    'a denial tells a doctor nothing of a very restricted record',
    reads('Dr without a grant', 'very restricted', 'TREAT'),
    denied(),
  ],
  ['a denial tells a doctor nothing of a shredded record', reads('Dr without a grant', 'shredded', 'TREAT'), denied()],

  // Others than patients and practitioners.
  [
    'an administrator reads nothing, also where all doctors may',
    reads('an administrator', 'first', 'HOPERAT'),
    denied(),
  ],
  ['a hospital reads nothing', reads('hospital 3', 'first', 'TREAT'), denied()],
];
