import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../base/assert.ts';
import { timestampMs } from '../base/brand.ts';
import { LIMITS } from '../base/limits.ts';
import type { Primitives } from '../base/primitives.ts';
import type { HospitalRecord } from '../ledger/families/payloads.ts';
import { type Genesis, parseGenesis, renderGenesis } from '../ledger/genesis.ts';
import { DEFAULT_PARAMETERS, type Parameters } from '../ledger/parameters.ts';
import type { Tier } from '../ledger/vocabulary.ts';
import { peerIdOf } from '../network/peer-key.ts';
import { NODE_CONFIG_VERSION, type NodeConfig, writeNodeConfig } from '../node/config.ts';
import { type HandleSecrets, newSaltKey, writeHandleSecrets } from '../node/handle-file.ts';
import { generateHospitalKeys, type HospitalKeys, writeHospitalKeys } from '../node/keys.ts';
import { replaceFile } from '../storage/durable-file.ts';
import { type MadeHandleKey, makeHandleKey } from './handle-ceremony.ts';
import { GENESIS_FILE, genesisPath, hospitalFolder, KEYS_FILE, NODE_FILE } from './layout.ts';
import { readPolicyFiles, readSchemaFile } from './policy-files.ts';

export const HOSPITALS_MAX = LIMITS.validatorsMax;
const LOOPBACK = '127.0.0.1';
const OWNER_ONLY = 0o700;

export interface ConsortiumPlan {
  readonly name: string;
  readonly hospitals: number;
  /** Public names, the first hospital's first; those without one are numbered. */
  readonly hospitalNames?: readonly string[];
  /** Where each hospital's node listens for its peers; these addresses stand in the genesis file. */
  readonly peerPorts: readonly number[];
  /** 0: any free port at each start. */
  readonly apiPorts: readonly number[];
  readonly timestampMs: number;
  /** 'qbft' unless said otherwise. */
  readonly engine?: Genesis['engine'];
  /** What differs from the default parameters. */
  readonly parameters?: Partial<Parameters>;
  readonly tls?: NodeConfig['api']['tls'];
}

/**
 * The first four validate, which is the smallest consortium that survives one hospital's failure; beyond, every third is a
 * community hospital, which follows and serves and does not vote.
 */
export function tierOf(number: number): Tier {
  if (number <= 4) return number % 2 === 1 ? 'tertiary' : 'secondary';
  return (['community', 'secondary', 'tertiary'] as const)[(number - 5) % 3] as Tier;
}

/** Keys, configuration and genesis of a new consortium in `data`. The genesis file comes last: with it, the consortium exists. */
export async function makeConsortium(primitives: Primitives, data: string, plan: ConsortiumPlan): Promise<string> {
  assert(plan.hospitals >= 1 && plan.hospitals <= HOSPITALS_MAX, 'a consortium has 1 to 64 hospitals');
  assert(
    plan.peerPorts.length === plan.hospitals && plan.apiPorts.length === plan.hospitals,
    'a port for each hospital',
  );
  const keys = Array.from({ length: plan.hospitals }, generateHospitalKeys);
  const handleKey = makeHandleKey(primitives, plan.hospitals);
  const text = renderGenesis({ ...(await genesisOf(primitives, plan, keys)), handleKey: handleKey.key });
  const parsed = parseGenesis(primitives, text);
  assert(parsed.ok, `the genesis that we make is one that we read: ${parsed.ok ? '' : parsed.rejection.code}`);

  await mkdir(data, { recursive: true });
  for (const [index, hospitalKeys] of keys.entries()) {
    await writeHospital(data, plan, index, hospitalKeys, text);
    await writeHandleSecrets(hospitalFolder(data, index + 1), secretsOf(handleKey, index + 1));
  }
  await replaceFile(genesisPath(data), async (file) => void (await file.writeFile(text)));
  return text;
}

const secretsOf = ({ shares }: MadeHandleKey, holder: number): HandleSecrets => {
  const secret = shares[holder - 1];
  return { saltKey: newSaltKey(), share: secret === undefined ? null : { holder, secret } };
};

async function genesisOf(
  primitives: Primitives,
  plan: ConsortiumPlan,
  keys: readonly HospitalKeys[],
): Promise<Genesis> {
  return {
    version: 1,
    name: plan.name,
    engine: plan.engine ?? 'qbft',
    timestampMs: timestampMs(plan.timestampMs),
    parameters: { ...DEFAULT_PARAMETERS, ...plan.parameters },
    hospitals: keys.map((key, index) => recordOf(primitives, plan, key, index + 1)),
    policies: await readPolicyFiles(),
    schema: await readSchemaFile(),
  };
}

function recordOf(primitives: Primitives, plan: ConsortiumPlan, keys: HospitalKeys, number: number): HospitalRecord {
  const tier = tierOf(number);
  return {
    name: hospitalName(plan, number),
    tier,
    accountKey: primitives.publicKeyOf(keys.account),
    validatorKey: tier === 'community' ? null : primitives.publicKeyOf(keys.validator),
    dutyKey: primitives.publicKeyOf(keys.duty),
    peerId: peerIdOf(keys.peerSeed),
    addresses: [peerAddress(plan.peerPorts[number - 1] as number)],
  };
}

/** Of a hospital's record (`hospitalRecordShape`). */
const NAME_UNITS_MAX = 120;

const hospitalName = ({ hospitalNames }: ConsortiumPlan, number: number): string =>
  hospitalNames?.[number - 1]?.slice(0, NAME_UNITS_MAX) ?? `Hospital ${number}`;

export const peerAddress = (port: number): string => `/ip4/${LOOPBACK}/tcp/${port}`;

async function writeHospital(
  data: string,
  plan: ConsortiumPlan,
  index: number,
  keys: HospitalKeys,
  genesisText: string,
): Promise<void> {
  const folder = hospitalFolder(data, index + 1);
  await mkdir(folder, { recursive: true });
  await chmod(folder, OWNER_ONLY);
  await writeHospitalKeys(join(folder, KEYS_FILE), keys);
  await writeNodeConfig(join(folder, NODE_FILE), {
    version: NODE_CONFIG_VERSION,
    name: hospitalName(plan, index + 1),
    listen: [peerAddress(plan.peerPorts[index] as number)],
    api: { host: LOOPBACK, port: plan.apiPorts[index] as number, tls: plan.tls ?? null },
    peers: [],
    logLevel: 'info',
  });
  await writeFile(join(folder, GENESIS_FILE), genesisText, { mode: 0o600 });
}
