import type { ViewResource } from '../../../src/ledger/authorize.ts';
import { type Case, denied, permitted, sees } from '../case.ts';
import { EXPIRES_MS } from '../names.ts';
import type { World } from '../world.ts';
import { disputesUndelivered, participant, reads, registers, requests } from './acts.ts';

const PAID = permitted('payer-reads-under-payment-grant');
const FETCHED = permitted('reader-fetches-own-read');
const ALL: ViewResource = { type: 'Consortium' };
const readOf =
  (who: string) =>
  (world: World): ViewResource => ({ type: 'Read', id: world.transaction(`${who} reads first`) });

/** Insurers (F49): the bills that a patient granted to one of them by name, for payment, and nothing else of anybody. */
export const PAYERS: readonly Case[] = [
  ['an insurer reads for payment under a grant', reads('an insurer', 'second', 'HPAYMT'), PAID],
  ['an insurer reads under a read-write grant', reads('an insurer who may read and write', 'second', 'HPAYMT'), PAID],
  [
    'an insurer reads nothing under a write grant',
    reads('an insurer who may only write', 'second', 'HPAYMT'),
    denied(),
  ],
  ['an insurer reads nothing for treatment, whatever the grant says', reads('an insurer', 'second', 'TREAT'), denied()],
  ['an insurer reads nothing for operations', reads('an insurer', 'second', 'HOPERAT'), denied()],
  [
    'an insurer reads nothing where the grant is for treatment',
    reads('an insurer granted for treatment', 'second', 'HPAYMT'),
    denied(),
  ],
  ['an insurer reads nothing without a grant', reads('an insurer without a grant', 'second', 'HPAYMT'), denied()],
  [
    'an insurer reads under a grant to itself, not to all insurers',
    reads('an insurer without a grant', 'first', 'HPAYMT'),
    denied(),
  ],
  ['a suspended insurer reads nothing', reads('a suspended insurer', 'first', 'HPAYMT'), denied()],
  ['an insurer reads no shredded record', reads('an insurer who may read and write', 'shredded', 'HPAYMT'), denied()],
  ['an insurer reads up to the last millisecond', reads('an insurer', 'second', 'HPAYMT', EXPIRES_MS - 1), PAID],
  ['an insurer reads nothing when the grant has ended', reads('an insurer', 'second', 'HPAYMT', EXPIRES_MS), denied()],
  ['an insurer whose uses are spent reads nothing', reads('an insurer who has read', 'first', 'HPAYMT'), denied()],
  ['an insurer reads nothing before the first epoch of the grant', reads('an insurer', 'first', 'HPAYMT'), denied()],
  ['an insurer reads nothing after the last epoch of the grant', reads('an insurer', 'third', 'HPAYMT'), denied()],
  ['an administrator is no insurer', reads('an administrator', 'second', 'HPAYMT'), denied()],
  [
    'a relative pays nothing, whatever was granted to all insurers',
    reads('another patient', 'first', 'HPAYMT'),
    denied(),
  ],

  ['an insurer writes nothing, not even under a write grant', registers('an insurer who may only write'), denied()],
  ['an insurer asks for no access: the patient sends the bill', requests('an insurer', 'second', 'HPAYMT'), denied()],
  [
    'an insurer fetches what an own read opened',
    sees('an insurer who has read', 'fetchRead', readOf('an insurer who has read'), {}, (world) =>
      world.heightOf('an insurer who has read reads first'),
    ),
    FETCHED,
  ],
  [
    "an insurer does not fetch what a doctor's read opened",
    sees('an insurer who has read', 'fetchRead', readOf('Dr A')),
    denied(),
  ],
  [
    'an insurer disputes a share of an own read',
    disputesUndelivered('an insurer who has read', 'an insurer who has read reads first'),
    permitted('reader-disputes-share'),
  ],
  ['an insurer hears events', sees('an insurer', 'viewEvents', ALL), permitted('members-hear-events')],
  [
    'an insurer sees the own account',
    sees('an insurer', 'viewParticipant', participant('an insurer')),
    permitted('person-sees-self'),
  ],
  [
    "an insurer sees nothing of a patient's list of records",
    sees('an insurer', 'viewRecords', participant('the patient')),
    denied(),
  ],
  ['an insurer sees no whole blocks', sees('an insurer', 'viewChain', ALL), denied()],
  ['an insurer looks up no keys', sees('an insurer', 'lookUpKeys', participant('the patient')), denied()],
  ['an insurer uploads nothing', sees('an insurer', 'uploadBlob', ALL), denied()],
];
