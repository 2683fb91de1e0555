import type { Case } from '../case.ts';
import { CONSENT } from './consent.ts';
import { EMERGENCIES_AND_FAMILY } from './emergencies-and-family.ts';
import { GOVERNANCE } from './governance.ts';
import { GUARDIANS } from './guardians.ts';
import { HANDLES } from './handles.ts';
import { ORACLES } from './oracles.ts';
import { PARTICIPANTS } from './participants.ts';
import { PAYERS } from './payers.ts';
import { READING } from './reading.ts';
import { RECORDS } from './records.ts';
import { REVIEWS } from './reviews.ts';
import { SEARCH } from './search.ts';
import { VIEWS } from './views.ts';

/** Who does what, on what, in which state, and what the constitution answers by which policies: in plain words, one case a line. */
export const MATRIX: Readonly<Record<string, readonly Case[]>> = {
  'who joins, and who decides over accounts': PARTICIPANTS,
  'who puts records on the chain': RECORDS,
  'who asks, grants and revokes': CONSENT,
  'who reads': READING,
  'emergencies, and those whom the patient chose': EMERGENCIES_AND_FAMILY,
  'broken glass, and its review': REVIEWS,
  insurers: PAYERS,
  'who answers reads, and who disputes': ORACLES,
  'who proposes and votes': GOVERNANCE,
  'who sees what': VIEWS,
  'who searches': SEARCH,
  'guardians, and who acts for a patient': GUARDIANS,
  'sessions, and handles of identifiers': HANDLES,
};

export const CASES: readonly Case[] = Object.values(MATRIX).flat();
