import type { ViewResource } from '../../../src/ledger/authorize.ts';
import { type Case, denied, permitted, sees } from '../case.ts';
import { PATIENT } from '../names.ts';
import { participant } from './acts.ts';

const ALL: ViewResource = { type: 'Consortium' };
const BARRED = 'an administrator of a barred hospital';
const SUSPENDED = 'a suspended administrator';
/** Ids that stand for nobody: what a hospital asks about where it finds no one under a handle. */
const NOBODY = participant('nobody at all');

/** Sessions with a hospital, and handles of identifiers. The patient is at home at hospital 1. */
export const HANDLES: readonly Case[] = [
  ['a patient has a session', sees(PATIENT, 'openSession', ALL), permitted('members-have-sessions')],
  ['a doctor has a session', sees('Dr A', 'openSession', ALL), permitted('members-have-sessions')],
  ['a hospital has a session', sees('hospital 6', 'openSession', ALL), permitted('members-have-sessions')],
  ['a pending patient has no session', sees('a pending patient', 'openSession', ALL), denied()],
  ['a stranger has no session', sees('a stranger', 'openSession', ALL), denied()],

  ['a hospital asks for handles', sees('hospital 6', 'evaluateHandle', ALL), permitted('hospital-asks-for-handles')],
  ['a suspended hospital asks for none', sees('hospital 7', 'evaluateHandle', ALL), denied()],
  [
    'an administrator asks for handles',
    sees('an administrator', 'evaluateHandle', ALL),
    permitted('administrator-asks-for-handles'),
  ],
  ['a suspended administrator asks for none', sees(SUSPENDED, 'evaluateHandle', ALL), denied()],
  ['an administrator of a suspended hospital asks for none', sees(BARRED, 'evaluateHandle', ALL), denied()],
  ['a doctor asks for none', sees('Dr A', 'evaluateHandle', ALL), denied()],
  ['a patient asks for none', sees(PATIENT, 'evaluateHandle', ALL), denied()],

  [
    'a hospital finds that another knows somebody',
    sees('hospital 6', 'findHandle', participant(PATIENT)),
    permitted('hospital-finds-duplicates'),
  ],
  ['a hospital finds nobody where there is none', sees('hospital 6', 'findHandle', NOBODY), denied()],
  ['a suspended hospital finds nobody', sees('hospital 7', 'findHandle', participant(PATIENT)), denied()],
  [
    'an administrator elsewhere finds that a hospital knows somebody',
    sees('an administrator elsewhere', 'findHandle', participant(PATIENT)),
    permitted('administrator-finds-duplicates'),
  ],
  ['an administrator finds nobody where there is none', sees('an administrator', 'findHandle', NOBODY), denied()],
  ['a suspended administrator finds nobody', sees(SUSPENDED, 'findHandle', participant(PATIENT)), denied()],
  ['an administrator of a suspended hospital finds nobody', sees(BARRED, 'findHandle', participant(PATIENT)), denied()],
  ['a doctor finds nobody, not even a patient', sees('Dr A', 'findHandle', participant(PATIENT)), denied()],
  ['a patient finds nobody, not even herself', sees(PATIENT, 'findHandle', participant(PATIENT)), denied()],

  [
    'a hospital resolves a handle of its own patient',
    sees('hospital 1', 'resolveHandle', participant(PATIENT)),
    permitted('hospital-resolves-own-handles'),
  ],
  ["a hospital resolves no other's", sees('hospital 6', 'resolveHandle', participant(PATIENT)), denied()],
  ['a hospital resolves none where there is none', sees('hospital 1', 'resolveHandle', NOBODY), denied()],
  [
    'a suspended hospital resolves none of its own',
    sees('hospital 7', 'resolveHandle', participant('a patient of a barred hospital')),
    denied(),
  ],
  [
    'an administrator resolves a handle of the own hospital',
    sees('an administrator', 'resolveHandle', participant(PATIENT)),
    permitted('administrator-resolves-own-handles'),
  ],
  [
    "an administrator resolves no other hospital's",
    sees('an administrator elsewhere', 'resolveHandle', participant(PATIENT)),
    denied(),
  ],
  ['an administrator resolves none where there is none', sees('an administrator', 'resolveHandle', NOBODY), denied()],
  ['a suspended administrator resolves none', sees(SUSPENDED, 'resolveHandle', participant(PATIENT)), denied()],
  [
    'an administrator of a suspended hospital resolves none',
    sees(BARRED, 'resolveHandle', participant('a patient of a barred hospital')),
    denied(),
  ],
  ["a doctor resolves no colleague's patient", sees('Dr A', 'resolveHandle', participant(PATIENT)), denied()],
];
