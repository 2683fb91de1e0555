#!/usr/bin/env node
import process from 'node:process';
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { BENCH_FLAGS, type BenchFlags, runBench } from '../src/bench/flags.ts';
import type { ChaosFlags } from '../src/consortium/commands/chaos.ts';
import type { ChangeOptions } from '../src/consortium/commands/governance.ts';
import type { ListOptions } from '../src/consortium/commands/governance-list.ts';
import { PROPOSALS } from '../src/consortium/commands/governance-words.ts';
import type { HospitalNewOptions } from '../src/consortium/commands/hospital.ts';
import type { HospitalHandleOptions } from '../src/consortium/commands/hospital-handle.ts';
import { EMERGENCY_COMMANDS, REVIEW_COMMANDS } from '../src/consortium/commands/hospital-words.ts';
import type { NodeOptions } from '../src/consortium/commands/node.ts';
import { FHIR_COMMANDS, RECORD_COMMANDS } from '../src/consortium/commands/person.ts';
import { POLICY_COMMANDS } from '../src/consortium/commands/policy.ts';
import type { RotateOptions } from '../src/consortium/commands/rotate-validator-key.ts';
import { SIM_FLAGS, type SimOptions } from '../src/consortium/commands/sim/flags.ts';
import type { UpOptions } from '../src/consortium/commands/up.ts';
import { EXIT, type ExitCode } from '../src/consortium/exit-codes.ts';
import type { DeskOptions } from '../src/consortium/governance/hospital-desk.ts';
import { CommandError, createOutput, errorLine, type Output } from '../src/consortium/output.ts';

/** Commands are loaded when they are called: asking for help loads none. */
type Run = (output: Output) => Promise<ExitCode>;

const JSON_FLAG = ['--json', 'print results as JSON'] as const;
const DATA_FLAG = '--data <folder>';

let chosen: { readonly json: boolean; readonly run: Run } | undefined;
const choose = (options: { readonly json?: boolean }, run: Run): void => {
  chosen = { json: options.json === true, run };
};

const whole =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
const port = whole(0, 65_535);

const cli = new Command('carechain')
  .description('A Proof-of-Authority consortium blockchain for health records.')
  .helpCommand(true)
  .addHelpText(
    'after',
    '\nResults go to stdout, all else to stderr. Exit codes: 0 holds, 1 violated, 2 unknown, 64 usage, 70 internal.',
  )
  .configureOutput({ writeErr: (text) => void process.stderr.write(text) })
  .exitOverride();

cli
  .command('up')
  .description('run a consortium of hospitals on this machine, each as a process of its own')
  .option(DATA_FLAG, 'data folder; made at the first start, continued at later ones', '.carechain')
  .option('--hospitals <n>', 'how many hospitals a new consortium has (default: 4)', whole(1, 64))
  .option('--api-port <port>', "hospital 1's API; the others follow; the next free one where it is taken", port, 8_701)
  .option('--peer-port <port>', "hospital 1's peer port in a new consortium", port, 9_701)
  .option(
    '--tls-cert <file>',
    'certificate of the APIs, in PEM form; NODE_EXTRA_CA_CERTS must name it where it is self-signed',
  )
  .option('--tls-key <file>', 'its key')
  .option(...JSON_FLAG)
  .action((options: UpOptions & { json?: boolean }) =>
    choose(options, async (output) => (await import('../src/consortium/commands/up.ts')).up(options, output)),
  );

cli
  .command('node')
  .description("run one hospital's node")
  .requiredOption(DATA_FLAG, "the hospital's data folder: genesis.json, node.json, keys.json")
  .option('--record <folder>', 'write all application traffic, above encryption, into this folder')
  .option('--no-rate-limits', 'answer clients however often they ask: for benchmarks on one machine')
  .option(...JSON_FLAG)
  .action((options: NodeOptions & { json?: boolean }) =>
    choose(options, async (output) => (await import('../src/consortium/commands/node.ts')).node(options, output)),
  );

cli
  .command('demo')
  .description('the whole story on a throw-away consortium: from upload to revocation, with proofs; it ends by itself')
  .option('--records <folder>', 'FHIR R4 bundles, DICOM and PDF files: each becomes a record of a patient')
  .option('--keep <folder>', 'leave data folders, proofs, exported chains and recordings there, with a manifest.json')
  .option('--marker <text>', 'plant this text in a record; it must be found on no disk and no wire')
  .option(...JSON_FLAG)
  .action((options: { records?: string; keep?: string; marker?: string; json?: boolean }) =>
    choose(options, async (output) => (await import('../src/consortium/commands/demo.ts')).demo(options, output)),
  );

cli
  .command('chaos')
  .description(
    'kill, pause, stop and restart the processes of a throw-away consortium under load; then compare everything',
  )
  .option('--seconds <n>', 'how long faults are made', whole(1, 604_800), 120)
  .option('--seed <n>', 'chooses the faults; random if not given, and printed', whole(0, 999_999))
  .addOption(
    new Option('--engine <name>', 'the consensus engine').choices(['qbft', 'simplex', 'clique']).default('qbft'),
  )
  .option('--keep <folder>', 'leave data folders, logs and exported chains there')
  .option(...JSON_FLAG)
  .action((options: ChaosFlags & { json?: boolean }) =>
    choose(options, async (output) => (await import('../src/consortium/commands/chaos.ts')).chaos(options, output)),
  );

const bench = cli
  .command('bench')
  .description('how fast a throw-away consortium of real processes commits signed transactions on this machine');
for (const { flags, description, wholeOf, initial } of BENCH_FLAGS)
  if (wholeOf === undefined) bench.option(flags, description, initial as string);
  else bench.option(flags, description, whole(...wholeOf), initial as number);
bench
  .option(...JSON_FLAG)
  .action((options: BenchFlags & { json?: boolean }) => choose(options, (output) => runBench(options, output)));

cli
  .command('status')
  .description('what a hospital has finalised, and how it stands')
  .option('--api <url>', "a hospital's API", 'http://127.0.0.1:8701')
  .option(...JSON_FLAG)
  .action((options: { api: string; json?: boolean }) =>
    choose(options, async (output) => (await import('../src/consortium/commands/status.ts')).status(options, output)),
  );

cli
  .command('export')
  .description("write a hospital's chain as a CAR file: from its folder, or through its API while it runs")
  .argument('<file>', 'the CAR file to write')
  .option(DATA_FLAG, 'data folder of the consortium', '.carechain')
  .option('--hospital <n>', 'which hospital, from 1', whole(1, 1_024), 1)
  .option(...JSON_FLAG)
  .action((file: string, options: { data: string; hospital: number; json?: boolean }) =>
    choose(options, async (output) =>
      (await import('../src/consortium/commands/export.ts')).exportChain({ ...options, file }, output),
    ),
  );

cli
  .command('verify')
  .description('check an exported chain or a proof file against the genesis file, and nothing else')
  .argument('<file>', 'a CAR file or a proof file')
  .requiredOption('--genesis <file>', 'the genesis file')
  .option(...JSON_FLAG)
  .action((file: string, options: { genesis: string; json?: boolean }) =>
    choose(options, async (output) =>
      (await import('../src/consortium/commands/verify.ts')).verify({ ...options, file }, output),
    ),
  );

cli
  .command('vectors')
  .description('check a file of Umbral test vectors: every value of a suite against every other')
  .argument('<file>', 'a JSON file of the form of umbral-pre-0.10.0-e2e.json')
  .option(...JSON_FLAG)
  .action((file: string, options: { json?: boolean }) =>
    choose(options, async (output) =>
      (await import('../src/consortium/commands/vectors.ts')).vectors({ file }, output),
    ),
  );

const HOSPITAL_DATA = "the hospital's data folder; its account key signs";
const API_FLAG = ['--api <url>', "the API to go through (default: the hospital's own, as in its node.json)"] as const;
const AT_FLAG = [
  '--at <height>',
  'the first height that the change decides (default: late enough for an hour of votes)',
  whole(1, Number.MAX_SAFE_INTEGER),
] as const;

const hospital = cli.command('hospital').description('a hospital that asks to join, and its registrars');
hospital
  .command('new')
  .description(
    "make a hospital's data folder: its keys, its configuration, and the candidate.json that a member proposes",
  )
  .argument('<folder>', 'the data folder to make')
  .requiredOption('--genesis <file>', "the consortium's genesis file")
  .requiredOption('--name <text>', 'its public name')
  .addOption(
    new Option('--tier <tier>', 'what it may do').choices(['tertiary', 'secondary', 'community']).default('secondary'),
  )
  .requiredOption('--listen <multiaddr...>', 'where its node listens for others, such as /ip4/0.0.0.0/tcp/9701')
  .option('--address <multiaddr...>', 'where others reach it, if not there')
  .option('--api-host <host>', 'where its API listens', '127.0.0.1')
  .option('--api-port <port>', 'and at which port', port, 8_701)
  .option(...JSON_FLAG)
  .action((folder: string, options: HospitalNewOptions & { json?: boolean }) =>
    choose(options, async (output) =>
      (await import('../src/consortium/commands/hospital.ts')).hospitalNew(folder, options, output),
    ),
  );

hospital
  .command('handle')
  .description(
    'where a person is enrolled, by an identifier that no hospital sees: none (0), somewhere (1), not all answered (2)',
  )
  .requiredOption(DATA_FLAG, HOSPITAL_DATA)
  .option(...API_FLAG)
  .requiredOption('--type <system>', 'the naming system of the identifier')
  .requiredOption('--value-file <file>', 'its first line is the identifier')
  .requiredOption('--ask <url...>', 'APIs of the hospitals to ask, the own among them')
  .option(...JSON_FLAG)
  .action((options: HospitalHandleOptions & { json?: boolean }) =>
    choose(options, async (output) =>
      (await import('../src/consortium/commands/hospital-handle.ts')).hospitalHandle(options, output),
    ),
  );

const governance = cli.command('governance').description('what hospitals decide together, by their votes');
const proposes = governance.command('propose').description('put a change to the vote');
for (const { name, description, words } of PROPOSALS) {
  const command = proposes.command(name).description(description);
  for (const [word, about] of words) command.argument(word, about);
  command.requiredOption(DATA_FLAG, HOSPITAL_DATA).option(...API_FLAG);
  if (name.endsWith('-validator') || name === 'policies') command.option(...AT_FLAG);
  if (name === 'policies') command.option('--retire <id...>', 'policies that go');
  if (name === 'add-validator') command.option('--new-key', 'with a new key: for one that validated before');
  command.option(...JSON_FLAG).action((...called: unknown[]) => {
    const options = command.opts<ChangeOptions & { json?: boolean }>();
    const given = called.slice(0, words.length).flat() as string[];
    choose(options, async (output) =>
      (await import('../src/consortium/commands/governance.ts')).governancePropose(name, given, options, output),
    );
  });
}
governance
  .command('vote')
  .description("a validator's vote on a proposal")
  .argument('<proposal>', 'its id, or the beginning of it')
  .addArgument(new Argument('<choice>').choices(['yes', 'no']))
  .requiredOption(DATA_FLAG, HOSPITAL_DATA)
  .option(...API_FLAG)
  .option(...JSON_FLAG)
  .action((proposal: string, choice: 'yes' | 'no', options: DeskOptions & { json?: boolean }) =>
    choose(options, async (output) =>
      (await import('../src/consortium/commands/governance.ts')).governanceVote(proposal, choice, options, output),
    ),
  );
governance
  .command('list')
  .description('the hospitals, the change of the validators that is to come, and what is under vote')
  .requiredOption(DATA_FLAG, HOSPITAL_DATA)
  .option(...API_FLAG)
  .option('--all', 'what is decided, too')
  .option(...JSON_FLAG)
  .action((options: ListOptions & { json?: boolean }) =>
    choose(options, async (output) =>
      (await import('../src/consortium/commands/governance-list.ts')).governanceList(options, output),
    ),
  );

cli
  .command('rotate-validator-key')
  .description("make a new validator key in the hospital's key file, and put it to the vote")
  .requiredOption(DATA_FLAG, HOSPITAL_DATA)
  .option(...API_FLAG)
  .option(...AT_FLAG)
  .option(...JSON_FLAG)
  .action((options: RotateOptions & { json?: boolean }) =>
    choose(options, async (output) =>
      (await import('../src/consortium/commands/rotate-validator-key.ts')).rotateValidatorKey(options, output),
    ),
  );

const sim = cli
  .command('sim')
  .description('run the consortium in a simulator under thousands of faults, with checkers that watch every promise');
for (const { flags, description, parse, initial } of SIM_FLAGS)
  if (parse === undefined) sim.option(flags, description);
  else sim.option(flags, description, parse, initial);
sim
  .option(...JSON_FLAG)
  .action((options: SimOptions & { json?: boolean }) =>
    choose(options, async (output) => (await import('../src/consortium/commands/sim.ts')).sim(options, output)),
  );

const policy = cli.command('policy').description('Cedar policies: check, format, try and explain them');
for (const { name, description, argument, flags, run } of POLICY_COMMANDS) {
  const command = policy.command(name).description(description);
  if (argument !== undefined) command.argument(...argument);
  for (const { flags: words, about, isNeeded } of flags)
    if (isNeeded === true) command.requiredOption(words, about);
    else command.option(words, about);
  command.option(...JSON_FLAG).action((...called: unknown[]) => {
    const given = argument === undefined ? [] : ([called[0]].flat() as string[]);
    choose(command.opts(), (output) => run(given, command.opts(), output));
  });
}

for (const [group, commands] of [
  [cli.command('record').description("a person's records, encrypted and opened on this machine"), RECORD_COMMANDS],
  [cli.command('fhir').description('FHIR R4 into the chain'), FHIR_COMMANDS],
  [hospital, EMERGENCY_COMMANDS],
  [hospital.command('review').description('breaks of the glass that other hospitals answer for'), REVIEW_COMMANDS],
] as const)
  for (const { name, description, argument, flags, run } of commands) {
    const command = group.command(name).description(description);
    if (argument !== undefined) command.argument(...argument);
    for (const { flags: words, about, isNeeded, choices, initial, wholeMax } of flags) {
      const option = new Option(words, about).makeOptionMandatory(isNeeded === true);
      if (choices !== undefined) option.choices([...choices]);
      if (wholeMax !== undefined) option.argParser(whole(1, wholeMax));
      command.addOption(initial === undefined ? option : option.default(initial));
    }
    command
      .option(...JSON_FLAG)
      .action((word: unknown) =>
        choose(command.opts(), (output) => run(argument === undefined ? '' : String(word), command.opts(), output)),
      );
  }

const wallet = cli.command('wallet').description("a person's keys");
for (const [name, description] of [
  ['new', 'make new keys and write them to a key file'],
  ['show', 'show the public part of a key file'],
] as const)
  wallet
    .command(name)
    .description(description)
    .argument('<file>', 'the key file')
    .option(
      '--password-file <file>',
      'the first line of this file is the password; else CARECHAIN_PASSWORD, else asked',
    )
    .option(...JSON_FLAG)
    .action((file: string, options: { passwordFile?: string; json?: boolean }) =>
      choose(options, async (output) => {
        const { walletNew, walletShow } = await import('../src/consortium/commands/wallet.ts');
        return (name === 'new' ? walletNew : walletShow)({ ...options, file }, output);
      }),
    );

function parse(args: readonly string[]): ExitCode | undefined {
  try {
    cli.parse([...args], { from: 'user' });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.holds : EXIT.usage;
  }
}

async function main(): Promise<ExitCode> {
  const parsed = parse(process.argv.slice(2));
  if (parsed !== undefined) return parsed;
  if (chosen === undefined) return EXIT.usage;
  const output = createOutput(chosen.json);
  try {
    return await chosen.run(output);
  } catch (error) {
    return report(error, output);
  }
}

/** With `--json` the failure is a result too: whoever reads stdout finds a code there. */
function report(error: unknown, output: Output): ExitCode {
  const { code, message, detail } = error as { code?: unknown; message?: unknown; detail?: object };
  const known = typeof code === 'string' ? code : 'internal';
  output.say(`carechain: ${errorLine(known, String(message))}`);
  if (known === 'internal') output.say(String((error as Error).stack));
  if (output.json) output.result({ error: { code: known, message: String(message), ...(detail && { detail }) } }, '');
  return error instanceof CommandError ? error.exitCode : EXIT.internal;
}

// Connections that a client keeps alive for later would hold the process back: it ends once its words are out.
const exitCode = await main();
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
