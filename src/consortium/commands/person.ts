import { PURPOSES } from '../../ledger/vocabulary.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';

/** A command that a person gives: its words, its flags, and the file that is loaded when it is called. */
export interface PersonCommand {
  readonly name: string;
  readonly description: string;
  readonly argument?: readonly [name: string, about: string];
  readonly flags: readonly PersonFlag[];
  run(word: string, options: object, output: Output): Promise<ExitCode>;
}

interface PersonFlag {
  readonly flags: string;
  readonly about: string;
  readonly isNeeded?: true;
  readonly choices?: readonly string[];
  /** What is meant where nothing is said. */
  readonly initial?: string | number;
  /** A whole number from 1 to this. */
  readonly wholeMax?: number;
}

const WHO: readonly PersonFlag[] = [
  { flags: '--key <file>', about: "the person's key file", isNeeded: true },
  {
    flags: '--password-file <file>',
    about: 'the first line of this file is its password; else CARECHAIN_PASSWORD, else asked',
  },
  { flags: '--node <url>', about: "a hospital's API", initial: 'http://127.0.0.1:8701' },
  { flags: '--genesis <file>', about: "the chain's genesis file", initial: '.carechain/genesis.json' },
];
const category = (about: string): PersonFlag => ({ flags: '--category <name>', about });
const purpose = (initial: string): PersonFlag => ({
  flags: '--purpose <code>',
  about: 'HL7 purpose of use',
  choices: PURPOSES,
  initial,
});

/** Options are what the flags above make of the command line. */
const command = <Options>(
  described: Omit<PersonCommand, 'run'>,
  run: (word: string, options: Options, output: Output) => Promise<ExitCode>,
): PersonCommand => ({ ...described, run: (word, options, output) => run(word, options as Options, output) });

export const RECORD_COMMANDS: readonly PersonCommand[] = [
  command<import('./record/put.ts').PutOptions>(
    {
      name: 'put',
      description: 'encrypt a file here, have hospitals store it, and register it: any file, byte for byte',
      argument: ['<file>', 'the file'],
      flags: [
        {
          flags: '--patient <id>',
          about: "whose record it is, under that patient's grant to write (default: the own)",
        },
        category("the own category's name (default: general); of another's record, its id"),
        ...WHO,
      ],
    },
    async (file, options, output) => (await import('./record/put.ts')).recordPut(file, options, output),
  ),
  command<import('./record/get.ts').GetOptions>(
    {
      name: 'get',
      description: 'read a record through the chain, and open it here',
      argument: ['<record>', "the record's id"],
      flags: [
        { flags: '--out <file>', about: 'the file to write; it must not exist', isNeeded: true },
        purpose('PATRQT'),
        category('the name of an own category, where it is none that this program gives'),
        ...WHO,
      ],
    },
    async (record, options, output) => (await import('./record/get.ts')).recordGet(record, options, output),
  ),
  command<import('./record/grant.ts').GrantOptions>(
    {
      name: 'grant',
      description: 'let a person read, or write, the own records of one category',
      flags: [
        { flags: '--to <id>', about: 'whom', isNeeded: true },
        category('which category (default: general)'),
        { flags: '--access <what>', about: 'what', choices: ['read', 'write', 'read-write'], initial: 'read' },
        purpose('TREAT'),
        { flags: '--hours <n>', about: 'for how long', wholeMax: 87_600, initial: 1 },
        { flags: '--uses <n>', about: 'how many reads (default: any number)', wholeMax: 1_000_000 },
        ...WHO,
      ],
    },
    async (_word, options, output) => (await import('./record/grant.ts')).recordGrant(options, output),
  ),
  command<import('../person-device.ts').PersonOptions>(
    { name: 'list', description: 'the own records', flags: WHO },
    async (_word, options, output) => (await import('./record/list.ts')).recordList(options, output),
  ),
  command<import('./record/news.ts').NewsOptions>(
    {
      name: 'news',
      description: 'what happened to this account, and which grants are to be made again, and why',
      flags: [
        { flags: '--after <height>', about: 'since this height (default: the beginning)', wholeMax: 4_294_967_295 },
        { flags: '--reissue', about: 'make those grants again' },
        category('the name of an own category, where it is none that this program gives'),
        ...WHO,
      ],
    },
    async (_word, options, output) => (await import('./record/news.ts')).recordNews(options, output),
  ),
];

export const FHIR_COMMANDS: readonly PersonCommand[] = [
  command<import('../person-device.ts').PersonOptions>(
    {
      name: 'import',
      description: 'split a FHIR R4 Bundle by category, and register a record for each part',
      argument: ['<file>', 'a Bundle: transaction, batch, collection or document'],
      flags: WHO,
    },
    async (file, options, output) => (await import('./fhir/import.ts')).fhirImport(file, options, output),
  ),
  command<object>(
    {
      name: 'consents',
      description:
        'what FHIR R4 Consents would become: grants, refusals, and the reason for each part that is not imported',
      argument: ['<folder>', 'a folder of .json files'],
      flags: [],
    },
    async (folder, _options, output) => (await import('./fhir/consents.ts')).fhirConsents(folder, output),
  ),
];
