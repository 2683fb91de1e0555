import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Height } from '../../src/base/brand.ts';
import { concat, toHex } from '../../src/base/bytes.ts';
import { Random } from '../../src/consortium/chaos/random.ts';
import { decodeReceipts } from '../../src/ledger/receipt.ts';
import { NODE_CONFIG_VERSION, readNodeConfig, writeNodeConfig } from '../../src/node/config.ts';
import { readHospitalKeys, writeHospitalKeys } from '../../src/node/keys.ts';
import { SILENT_LOGGER } from '../../src/node/logger.ts';
import { type CarechainNode, createNode } from '../../src/node/node.ts';
import {
  type Consortium,
  type Hospital,
  makeConsortium,
  memoryNetworks,
  primitives,
  RunningConsortium,
  temporaryFolder,
} from '../support/consortium.ts';
import { accepted, apply, join as enrol, person, register, type StoredRecord, upload } from '../support/person.ts';
import { noise } from './support.ts';

/** Bytes flipped in each file. */
const FLIPS = 6;

/** A hospital's folder with a record in it, closed as kill -9 leaves it, and all that its node answered. */
interface Original {
  readonly consortium: Consortium;
  readonly folder: string;
  readonly answers: ReadonlyMap<string, string>;
  readonly record: StoredRecord;
  readonly readId: Uint8Array;
  readonly subject: Uint8Array;
}

async function makeOriginal(): Promise<Original> {
  const consortium = makeConsortium(1, { parameters: { storageReceiptsMin: 1 } });
  const running = await RunningConsortium.make(consortium);
  await running.startAll();
  const { service } = running.node(1);
  const hospital = consortium.hospitals[0] as Hospital;
  const patient = person('patient');
  await enrol(service, hospital, 'patient', patient);
  const record = await upload(service, patient, noise(7, 300_000));
  await register(service, patient, record);
  const freshKey = primitives.publicKeyOf(patient.receiving);
  const readId = await apply(service, patient.account, 'readRecord', {
    record: record.record,
    purpose: 'TREAT',
    freshKey,
  });
  // A start makes a table of what was in the log; what comes after it is in a log again.
  await running.stop();
  await running.start(1);
  await running.reached(running.heightOf(1) + 8);
  await running.stop();

  const folder = running.folderOf(1);
  await writeFile(join(folder, 'genesis.json'), consortium.genesisText, { mode: 0o600 });
  await writeHospitalKeys(join(folder, 'keys.json'), hospital.keys);
  await writeNodeConfig(join(folder, 'node.json'), {
    version: NODE_CONFIG_VERSION,
    name: 'Hospital 1',
    listen: ['/ip4/127.0.0.1/tcp/9701'],
    api: { host: '127.0.0.1', port: 8701, tls: null },
    peers: [],
    logLevel: 'info',
  });
  // A process of this pid is long gone, whoever has the pid now.
  await writeFile(join(folder, 'LOCK'), '4194000 1\n');
  const original = { consortium, folder, answers: new Map(), record, readId, subject: patient.id };
  const copy = await copyOf(folder);
  const node = await open(original, copy);
  const answers = await answersOf(original, node);
  await node.stop();
  expect([...answers.values()].filter((answer) => answer.startsWith('refused'))).toEqual([]);
  return { ...original, answers };
}

async function copyOf(folder: string): Promise<string> {
  const copy = join(await temporaryFolder(), 'hospital-1');
  await cp(folder, copy, { recursive: true });
  return copy;
}

/** Opens a folder as the command line does: configuration, keys and genesis first, from their files. */
async function open({ consortium }: Pick<Original, 'consortium'>, folder: string): Promise<CarechainNode> {
  await readNodeConfig(join(folder, 'node.json'));
  const keys = await readHospitalKeys(join(folder, 'keys.json'));
  const genesisText = await readFile(join(folder, 'genesis.json'), 'utf8');
  const hospital = { ...(consortium.hospitals[0] as Hospital), keys };
  const network = memoryNetworks()(consortium, hospital);
  return createNode({ dataFolder: folder, genesisText, keys, primitives, network, logger: SILENT_LOGGER });
}

/** Everything that the node serves, question by question, as text; a refusal or an error by its code. */
async function answersOf(original: Original, { service }: CarechainNode): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  const ask = async (question: string, answer: () => unknown): Promise<void> => {
    answers.set(question, await textOf(answer));
  };
  const { height } = service.tip().header;
  for (let at = 0 as Height; at <= height; at++) {
    await ask(`block ${at}`, () => service.block(at));
    for (const id of await idsIn(service, at)) await ask(`receipt ${toHex(id)}`, () => service.receipt(id));
  }
  const states = [
    ['state', () => service.view()],
    ['state at 3', () => accepted(service.viewAt(3 as Height))],
  ] as const;
  await ask('keys', () => service.stateKeys('', null, 1_000));
  const keys = await service.stateKeys('', null, 1_000).catch(() => []);
  for (const [name, view] of states)
    for (const key of keys)
      await ask(`${name} ${key}`, () => {
        const opened = view();
        try {
          return opened.get(key) ?? 'nothing';
        } finally {
          opened.close();
        }
      });
  await ask('audit', () => service.audit(original.subject as never, 0 as Height, 100));
  await ask('envelope', () => service.readEnvelope(original.readId as never));
  await ask('ciphertext', async () => {
    const read = await service.readCiphertext(original.readId as never);
    if (!read.ok) return read;
    const pieces: Uint8Array[] = [];
    for await (const piece of read.value.stream) pieces.push(piece);
    return concat(...pieces);
  });
  return answers;
}

async function idsIn(service: CarechainNode['service'], at: Height) {
  const block = await service.block(at).catch(() => undefined);
  const receipts = block === undefined ? undefined : decodeReceipts(block.receipts);
  return receipts?.ok ? receipts.value.map(({ transactionId }) => transactionId) : [];
}

async function textOf(answer: () => unknown): Promise<string> {
  try {
    const value = await answer();
    if ((value as { ok?: unknown } | undefined)?.ok === false)
      return `refused ${(value as { rejection: { code: string } }).rejection.code}`;
    return JSON.stringify(value ?? 'nothing', (_, each) =>
      each instanceof Uint8Array ? Buffer.from(each).toString('base64') : each,
    );
  } catch (error) {
    return `refused ${String((error as { code?: unknown }).code)}`;
  }
}

/** Every file of the folder by its path, in an order that does not depend on the system. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** What may come of a flipped byte in a file of this name. */
interface Rule {
  readonly file: RegExp;
  /** Codes of a start that is refused. */
  readonly codes: RegExp;
  /** Whether a start may succeed at all. */
  readonly mayStart: boolean;
}

const RULES: readonly Rule[] = [
  { file: /^(?:chain|blobs)\/\d+\.ldb$/, codes: /^storage\.corrupt$/, mayStart: true },
  { file: /^(?:chain|blobs)\/\d+\.log$/, codes: /^storage\.(?:corrupt|tip-damaged)$/, mayStart: true },
  { file: /^(?:chain|blobs)\/MANIFEST-\d+$/, codes: /^storage\./, mayStart: true },
  { file: /^(?:chain|blobs)\/CURRENT$/, codes: /^storage\./, mayStart: false },
  // LevelDB's own lock file is empty, and its LOG is for people.
  { file: /^(?:chain|blobs)\/(?:LOG|LOG\.old|LOCK)$/, codes: /^$/, mayStart: true },
  { file: /^(?:FORMAT|CHAIN)$/, codes: /^storage\.(?:format-unknown|format-newer|foreign-chain)$/, mayStart: false },
  { file: /^LOCK$/, codes: /^$/, mayStart: true },
  { file: /^genesis\.json$/, codes: /^(?:node-file\.malformed|storage\.foreign-chain)$/, mayStart: false },
  { file: /^node\.json$/, codes: /^node-file\.malformed$/, mayStart: true },
  { file: /^keys\.json$/, codes: /^node-(?:file\.malformed|keys\.differ)$/, mayStart: true },
  { file: /^signing-state$/, codes: /^$/, mayStart: true },
];

/** The newest block may be gone with the last batch of a log: sync brings it back. All else must be as it was. */
function expectOriginalOrRefused(found: ReadonlyMap<string, string>, original: ReadonlyMap<string, string>): void {
  const newest = [...original.keys()].filter((question) => question.startsWith('block ')).at(-1);
  for (const [question, answer] of original) {
    const now = found.get(question);
    if (now === undefined && question === newest) continue;
    if (now?.startsWith('refused')) expect(now).toMatch(/^refused (?:storage|blob|duty|signing)[a-z-]*\.[a-z-]+$/);
    else expect(now, question).toBe(answer);
  }
}

it('a flipped byte in any file of a data folder is refused with a code, or changes nothing that is served', async () => {
  const original = await makeOriginal();
  const files = await filesBelow(original.folder);
  const outcomes = new Map<string, Map<string, number>>();
  const copy = await copyOf(original.folder);
  for (const file of files) {
    const rule = RULES.find((each) => each.file.test(file));
    expect(rule, `a rule for ${file}`).toBeDefined();
    const bytes = await readFile(join(original.folder, file));
    const counts = new Map<string, number>();
    for (const at of placesIn(file, bytes.length)) {
      await rm(copy, { recursive: true, force: true });
      await mkdir(copy);
      await cp(original.folder, copy, { recursive: true });
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ (1 << (at % 7));
      await writeFile(join(copy, file), changed);
      const outcome = await outcomeOf(original, copy);
      if (outcome !== 'started') expect(outcome, `${file} at ${at}`).toMatch((rule as Rule).codes);
      else expect((rule as Rule).mayStart, `${file} at ${at} started`).toBe(true);
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    }
    outcomes.set(file, counts);
  }
  // The kinds of files that a folder has, and that each kind which can be refused was, at least once.
  for (const kind of RULES.map(({ file }) => file))
    expect(
      files.some((file) => kind.test(file)),
      `${kind}`,
    ).toBe(true);
  for (const [file, counts] of outcomes) {
    const rule = RULES.find((each) => each.file.test(file)) as Rule;
    const refused = [...counts.keys()].some((outcome) => outcome !== 'started');
    if (rule.codes.source !== '^$' && counts.size > 0) expect(refused, `${file}: ${[...counts]}`).toBe(true);
  }
}, 240_000);

/** The first and last bytes, and some between; in a sparse file, where something is written. */
function placesIn(file: string, bytes: number): readonly number[] {
  const random = new Random(file.length * 7_919 + 1);
  if (bytes === 0) return [];
  const all = [0, bytes - 1, ...Array.from({ length: FLIPS - 2 }, () => random.between(0, bytes - 1))];
  return [...new Set(file === 'signing-state' ? [...all, 10, 600, 1_100] : all)];
}

async function outcomeOf(original: Original, folder: string): Promise<string> {
  let node: CarechainNode;
  try {
    node = await open(original, folder);
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
  try {
    expectOriginalOrRefused(await answersOf(original, node), original.answers);
  } finally {
    await node.stop();
  }
  return 'started';
}
