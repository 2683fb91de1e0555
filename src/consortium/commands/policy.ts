import type { ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';

/** One of the commands of `carechain policy`: its words, its flags, and the file that is loaded when it is called. */
export interface PolicyCommand {
  readonly name: string;
  readonly description: string;
  /** `<file...>` takes many. */
  readonly argument?: readonly [name: string, about: string];
  readonly flags: readonly PolicyFlag[];
  run(words: readonly string[], options: object, output: Output): Promise<ExitCode>;
}

interface PolicyFlag {
  readonly flags: string;
  readonly about: string;
  readonly isNeeded?: true;
}

const FILES = ['<file...>', 'files of policies'] as const;
const SCHEMA: PolicyFlag = { flags: '--schema <file>', about: 'a schema, in Cedar syntax or JSON' };
const POLICIES: PolicyFlag = { flags: '--policies <file...>', about: 'files of policies' };
const WORLD: readonly PolicyFlag[] = [
  { flags: '--entities <file>', about: "entities, in Cedar's JSON" },
  SCHEMA,
  { flags: '--gas <n>', about: 'what deciding may cost (default: 1000000)' },
];
const QUESTION: readonly PolicyFlag[] = [
  { ...POLICIES, isNeeded: true },
  { flags: '--request <file>', about: 'JSON with principal, action, resource and context' },
  { flags: '--principal <uid>', about: 'Type::"id", in place of the one in --request' },
  { flags: '--action <uid>', about: 'likewise' },
  { flags: '--resource <uid>', about: 'likewise' },
  { flags: '--context <json>', about: 'JSON or a file of it; likewise' },
  ...WORLD,
];

/** Options are what the flags above make of the command line. */
const command = <Options>(
  described: Omit<PolicyCommand, 'run'>,
  run: (words: readonly string[], options: Options, output: Output) => Promise<ExitCode>,
): PolicyCommand => ({ ...described, run: (words, options, output) => run(words, options as Options, output) });

export const POLICY_COMMANDS: readonly PolicyCommand[] = [
  command<import('./policy/check.ts').CheckOptions>(
    {
      name: 'check',
      description: 'read policies and tell every problem at its place',
      argument: FILES,
      flags: [SCHEMA],
    },
    async (files, options, output) => (await import('./policy/check.ts')).policyCheck(files, options, output),
  ),
  command<import('./policy/fmt.ts').FmtOptions>(
    {
      name: 'fmt',
      description: 'print policies in canonical layout',
      argument: FILES,
      flags: [
        { flags: '--check', about: 'only say which files are not in it' },
        { flags: '--write', about: 'write the files' },
      ],
    },
    async (files, options, output) => (await import('./policy/fmt.ts')).policyFmt(files, options, output),
  ),
  command<import('./policy/question.ts').QuestionOptions>(
    { name: 'eval', description: 'decide a request: 0 allowed, 1 denied', flags: QUESTION },
    async (_words, options, output) => (await import('./policy/eval.ts')).policyEval(options, output),
  ),
  command<import('./policy/explain.ts').ExplainOptions>(
    {
      name: 'explain',
      description: 'decide a request, and say why',
      flags: [...QUESTION, { flags: '--for <audience>', about: 'patient, reviewer or requester (default: reviewer)' }],
    },
    async (_words, options, output) => (await import('./policy/explain.ts')).policyExplain(options, output),
  ),
  command<import('./policy/can.ts').CanOptions>(
    {
      name: 'can',
      description:
        'which records somebody could read, or who could read a record: at the end of an exported chain, or now, as a node tells who may know',
      argument: ['[file]', 'an exported chain'],
      flags: [
        { flags: '--genesis <file>', about: "the chain's genesis file", isNeeded: true },
        { flags: '--principal <id>', about: 'the records that this one could read; with --node, oneself by default' },
        { flags: '--record <id>', about: 'who could read this record' },
        { flags: '--node <url>', about: "in place of a file: ask a hospital's API" },
        { flags: '--key <file>', about: 'with --node: the key file of who asks' },
        {
          flags: '--password-file <file>',
          about: 'the first line of this file is its password; else CARECHAIN_PASSWORD, else asked',
        },
      ],
    },
    async ([file], options, output) => (await import('./policy/can.ts')).policyCan(file, options, output),
  ),
  command<import('./policy/repl.ts').ReplOptions>(
    { name: 'repl', description: 'expressions and requests, line by line', flags: [POLICIES, ...WORLD] },
    async (_words, options, output) => (await import('./policy/repl.ts')).policyRepl(options, output),
  ),
  command<import('./policy/test.ts').TestOptions>(
    {
      name: 'test',
      description: 'run a folder in the format of the official Cedar corpus, and count where we disagree with it',
      argument: ['<folder>', 'paths inside the tests begin there'],
      flags: [{ flags: '--validation', about: 'also compare the verdicts of `<test>.validation.json` files' }],
    },
    async ([folder = ''], options, output) => (await import('./policy/test.ts')).policyTest(folder, options, output),
  ),
];
