import { asks, type Case, denied, does, erring, permitted } from '../case.ts';
import { categoryId, PATIENT, person } from '../names.ts';
import { grants, requests } from './acts.ts';
import { uid } from './uids.ts';

const ASKED = permitted('practitioner-requests-access');
const TO_DR_A = { to: person('Dr A'), purposes: ['TREAT'] } as const;
const revokes = (who: string) =>
  does(who, 'revoke', { grantee: person('Dr A'), category: categoryId(PATIENT, 'normal') });

/** Asking for access (Alg. 2, F27), granting it and taking it back (F28, F30). */
export const CONSENT: readonly Case[] = [
  ['a doctor asks for access for treatment', requests('Dr without a grant', 'first', 'TREAT'), ASKED],
  ['a doctor asks for access for emergency treatment', requests('Dr without a grant', 'first', 'ETREAT'), ASKED],
  ['a doctor asks for access for payment', requests('Dr without a grant', 'first', 'HPAYMT'), ASKED],
  ['a doctor asks for access for operations', requests('Dr without a grant', 'first', 'HOPERAT'), ASKED],
  ['a doctor asks for access for research', requests('Dr without a grant', 'first', 'HRESCH'), ASKED],
  ['nobody asks for break-glass', requests('Dr without a grant', 'first', 'BTG'), denied()],
  ['a doctor does not ask for the family', requests('Dr without a grant', 'first', 'FAMRQT'), denied()],
  ['a doctor does not ask for the patient', requests('Dr without a grant', 'first', 'PATRQT'), denied()],
  ['a suspended doctor asks for nothing', requests('Dr Suspended', 'first', 'TREAT'), denied()],
  ['nobody asks for a shredded record', requests('Dr without a grant', 'shredded', 'TREAT'), denied()],
  [
    'nobody asks for a record that is not there',
    requests('Dr without a grant', 'of nobody', 'TREAT'),
    erring(denied(), 'practitioner-requests-access'),
  ],
  ['a patient asks nobody for access', requests('another patient', 'first', 'TREAT'), denied()],
  ['a patient does not ask for an own record', requests(PATIENT, 'first', 'TREAT'), denied()],
  ['an administrator asks for no access', requests('an administrator', 'first', 'TREAT'), denied()],

  ['a patient grants', grants(PATIENT, TO_DR_A), permitted('patient-grants')],
  ['a suspended patient grants nothing', grants('a suspended patient', TO_DR_A), denied()],
  ['a pending patient grants nothing', grants('a pending patient', TO_DR_A), denied()],
  ['a doctor grants nothing', grants('Dr A', TO_DR_A), denied()],
  ['a hospital grants nothing', grants('hospital 1', TO_DR_A), denied()],
  [
    "nobody grants in a patient's name",
    asks({ principal: uid.patient('another patient'), action: 'grant', resource: uid.patient(PATIENT) }),
    denied(),
  ],

  ['a patient revokes', revokes(PATIENT), permitted('patient-revokes')],
  ['a suspended patient still revokes', revokes('a suspended patient'), permitted('patient-revokes')],
  ['a doctor revokes nothing', revokes('Dr A'), denied()],
  [
    "nobody revokes in a patient's name",
    asks({ principal: uid.patient('another patient'), action: 'revoke', resource: uid.patient(PATIENT) }),
    denied(),
  ],
];
