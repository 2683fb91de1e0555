import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addressText } from '../../base/digest.ts';
import { parseGenesis } from '../../ledger/genesis.ts';
import type { Tier } from '../../ledger/vocabulary.ts';
import { NODE_CONFIG_VERSION, writeNodeConfig } from '../../node/config.ts';
import { newSaltKey, writeHandleSecrets } from '../../node/handle-file.ts';
import { hospitalOf } from '../../node/identity.ts';
import { generateHospitalKeys, writeHospitalKeys } from '../../node/keys.ts';
import { nativePrimitives } from '../../node/primitives.ts';
import { CONSORTIUM_CODES } from '../codes.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { candidateFace, candidateOf } from '../governance/candidate.ts';
import { CANDIDATE_FILE, GENESIS_FILE, KEYS_FILE, NODE_FILE } from '../layout.ts';
import { writeNewPrivateFile } from '../new-file.ts';
import { CommandError, type Output, refusalText } from '../output.ts';

export interface HospitalNewOptions {
  readonly genesis: string;
  readonly name: string;
  readonly tier: Tier;
  readonly listen: readonly string[];
  /** Where others reach it, if that is not where it listens. */
  readonly address?: readonly string[];
  readonly apiHost: string;
  readonly apiPort: number;
}

const OWNER_ONLY = 0o700;

/**
 * `carechain hospital new`: the data folder of a hospital that asks to join. Its keys are made here and stay here; what it hands to a member is
 * candidate.json, in which all is public. keys.json comes first and is never overwritten.
 */
export async function hospitalNew(folder: string, options: HospitalNewOptions, output: Output): Promise<ExitCode> {
  const { name, tier, listen, apiHost, apiPort } = options;
  const primitives = nativePrimitives();
  const genesisText = await readGenesis(options.genesis);
  const parsed = parseGenesis(primitives, genesisText);
  if (!parsed.ok)
    throw new CommandError(parsed.rejection.code, refusalText(parsed.rejection), { exitCode: EXIT.violated });
  await mkdir(folder, { recursive: true });
  await chmod(folder, OWNER_ONLY);
  await writeNewPrivateFile(join(folder, KEYS_FILE), '');
  const keys = generateHospitalKeys();
  await writeHospitalKeys(join(folder, KEYS_FILE), keys);
  // It was not there when the handle key was made: it asks for handles, and answers for its own people alone.
  await writeHandleSecrets(folder, { saltKey: newSaltKey(), share: null });
  await writeNodeConfig(join(folder, NODE_FILE), {
    version: NODE_CONFIG_VERSION,
    name,
    listen,
    api: { host: apiHost, port: apiPort, tls: null },
    peers: [],
    logLevel: 'info',
  });
  await writeNewPrivateFile(join(folder, GENESIS_FILE), genesisText);
  const candidate = candidateFace(candidateOf(primitives, keys, { name, tier, addresses: options.address ?? listen }));
  const file = join(folder, CANDIDATE_FILE);
  await writeNewPrivateFile(file, `${JSON.stringify(candidate, null, 2)}\n`);
  const hospital = addressText(hospitalOf(primitives, keys));
  output.result({ hospital, folder, candidate: file }, `hospital   ${hospital}\ncandidate  ${file}`);
  output.say(`a member proposes it: carechain governance propose admit ${CANDIDATE_FILE} --data <its folder>`);
  return EXIT.holds;
}

async function readGenesis(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    const code = 'consortium-command.file-missing';
    throw new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${file}`, { exitCode: EXIT.usage, cause });
  });
}
