import { FINDINGS, type Finding } from '../../ledger/vocabulary.ts';
import type { DeskOptions } from '../governance/hospital-desk.ts';
import type { EmergencyDeskOptions } from './hospital-emergency-desk.ts';
import type { PersonCommand } from './person.ts';

const AT_HOSPITAL: PersonCommand['flags'] = [
  { flags: '--data <folder>', about: "the hospital's data folder; its account key signs", isNeeded: true },
  { flags: '--api <url>', about: "the API to go through (default: the hospital's own, as in its node.json)" },
];

/** `carechain hospital …`: its emergency desk. */
export const EMERGENCY_COMMANDS: readonly PersonCommand[] = [
  {
    name: 'emergency-desk',
    description:
      "make the key of the hospital's emergency desk, split it among the staff (any two open it), and publish it",
    argument: ['<folder>', 'where the shares are written, one file for each of the staff'],
    flags: [
      ...AT_HOSPITAL,
      {
        flags: '--staff <file...>',
        about: "for each of the staff, a file whose first line is that one's password",
        isNeeded: true,
      },
    ],
    run: async (folder, options, output) =>
      (await import('./hospital-emergency-desk.ts')).emergencyDesk(folder, options as EmergencyDeskOptions, output),
  },
];

/** `carechain hospital review …` */
export const REVIEW_COMMANDS: readonly PersonCommand[] = [
  {
    name: 'list',
    description: 'what waits for a review, with its reason where it is for this hospital',
    flags: AT_HOSPITAL,
    run: async (_, options, output) =>
      (await import('./hospital-review.ts')).reviewList(options as DeskOptions, output),
  },
  {
    name: 'close',
    description: "this hospital's finding on a break of the glass; the desk's own hospital has none",
    argument: ['<read>', 'the id of the read'],
    flags: [...AT_HOSPITAL, { flags: '--finding <word>', about: 'what was found', choices: FINDINGS, isNeeded: true }],
    run: async (read, options, output) => {
      const { finding, ...desk } = options as DeskOptions & { readonly finding: Finding };
      return (await import('./hospital-review.ts')).reviewClose(read, finding, desk, output);
    },
  },
];
