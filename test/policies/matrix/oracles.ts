import type { Hash } from '../../../src/base/brand.ts';
import { hash, idOf } from '../../ledger/town.ts';
import { type Case, denied, does, permitted } from '../case.ts';
import type { World } from '../world.ts';

const ANSWERED = permitted('hospital-answers-reads');
const DISPUTED = permitted('reader-disputes-share');

const of = (world: World, read: string): Hash => world.transaction(read);
const responds = (who: string) =>
  does(who, 'respond', (world) => ({ answers: [{ read: of(world, 'Dr A reads first'), shareHash: hash('share') }] }));
const publishes = (who: string, read = (world: World) => of(world, 'Dr A reads first')) =>
  does(who, 'publishShare', (world) => ({ read: read(world), share: Uint8Array.of(1) }));
const disputes = (who: string, read = (world: World) => of(world, 'Dr A reads first')) =>
  does(who, 'dispute', (world) => ({
    read: read(world),
    holder: idOf('hospital 1'),
    claim: { kind: 'undelivered' as const },
  }));

/** Answering reads with shares, and disputing them (Alg. 3, F34, F35). */
export const ORACLES: readonly Case[] = [
  ['a hospital answers reads', responds('hospital 1'), ANSWERED],
  ['a hospital that does not validate answers reads', responds('hospital 6'), ANSWERED],
  ['a suspended hospital answers nothing', responds('hospital 7'), denied()],
  ['a doctor answers no read', responds('Dr A'), denied()],
  ['an administrator answers no read', responds('an administrator'), denied()],
  ['a patient answers no read', responds('the patient'), denied()],

  ['a hospital publishes a share', publishes('hospital 1'), ANSWERED],
  ['a suspended hospital publishes no share', publishes('hospital 7'), denied()],
  ['a doctor publishes no share', publishes('Dr A'), denied()],
  ['whether there is such a read is no matter of policy', publishes('hospital 1', () => hash('no read')), ANSWERED],

  ['a doctor disputes a share of an own read', disputes('Dr A'), DISPUTED],
  [
    'a relative disputes a share of an own read',
    disputes('a relative', (w) => of(w, 'a relative reads first')),
    DISPUTED,
  ],
  ["a doctor disputes nothing of another's read", disputes('Dr Writer'), denied()],
  ["a patient disputes nothing of a doctor's read", disputes('the patient'), denied()],
  ["a reader's hospital disputes nothing for its doctor", disputes('hospital 1'), denied()],
  ['an administrator disputes nothing', disputes('an administrator'), denied()],
  ['a suspended doctor disputes nothing', disputes('Dr Suspended', (w) => of(w, 'Dr Suspended reads first')), denied()],
  ['nobody disputes what nobody has read', disputes('Dr A', () => hash('no read')), denied()],
];
