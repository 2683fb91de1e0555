import { readdirSync, readFileSync } from 'node:fs';
import { assert } from '../base/assert.ts';
import type { Address, Hash, PublicKey, SecretKey, TimestampMs } from '../base/brand.ts';
import { compareBytes, utf8 } from '../base/bytes.ts';
import { addressOf } from '../base/digest.ts';
import type { Primitives } from '../base/primitives.ts';
import type { EngineName } from '../consensus/engine.ts';
import type { ExecutedBlock, LedgerEnv, Tip } from '../ledger/chain.ts';
import { createEnv, type Genesis, parseGenesis, renderGenesis } from '../ledger/genesis.ts';
import { genesisBlock, tipOf } from '../ledger/genesis-block.ts';
import { DEFAULT_PARAMETERS, type Parameters } from '../ledger/parameters.ts';
import { parametersOf } from '../ledger/parameters-of.ts';
import { policiesOf } from '../ledger/policies.ts';
import { DEFAULT_REPLICA_CONFIG } from '../protocol/defaults.ts';
import type { ReplicaConfig } from '../protocol/io.ts';
import type { Plan } from './plan.ts';
import type { SimulatedRows } from './rows.ts';
import { genesisRows } from './stored-disk.ts';

export const GENESIS_MS = 1_700_000_000_000 as TimestampMs;

/** The pace of a simulated chain. The shortest interval, delays and patience are those of a real consortium: virtual time costs nothing. */
const PARAMETERS: Parameters = {
  ...DEFAULT_PARAMETERS,
  blockIntervalMs: 1_000,
  heartbeatMs: 4_000,
  roundTimeoutMs: 2_000,
  roundTimeoutCapMs: 10_000,
  proposalExpiryHeights: 200,
  validatorChangeDelayMin: 3,
  confirmationDepth: 6,
};

/** A hospital with all its keys: the simulator plays everyone. */
export interface Hospital {
  readonly name: string;
  readonly id: Address;
  readonly account: SecretKey;
  readonly duty: SecretKey;
}

/** What many runs share: the genesis of so many hospitals, with everything worked out that no run changes. */
export interface Town {
  readonly primitives: Primitives;
  readonly genesis: Genesis;
  readonly chainId: Hash;
  readonly config: ReplicaConfig;
  readonly block: ExecutedBlock & { readonly bytes: Uint8Array };
  readonly tip: Tip;
  /** What a node's first start writes. */
  readonly rows: SimulatedRows;
  /** Validators first, in validator order: a node's number is its place here. */
  readonly hospitals: readonly Hospital[];
  /** A ledger of its own for one node: nothing but messages connects nodes. */
  newEnv(): LedgerEnv;
}

export type TownPlan = Pick<Plan, 'engine' | 'validators' | 'followers'>;

/** A key that a name stands for: the same in every run. */
export const secretOf = (primitives: Primitives, name: string): SecretKey =>
  primitives.hash(utf8(`simulated key of ${name}`)) as Uint8Array as SecretKey;

/** A node's validator key. Its first has generation 0; each rotation brings the next. */
export const validatorSecret = (primitives: Primitives, node: number, generation: number): SecretKey =>
  secretOf(primitives, `validator ${node}, generation ${generation}`);

export function townOf(primitives: Primitives, plan: TownPlan, policies: Genesis['policies']): Town {
  const hospitals = hospitalsOf(primitives, plan);
  const genesis = genesisOf(primitives, plan.engine, hospitals, plan.validators, policies);
  const parsed = parseGenesis(primitives, renderGenesis(genesis));
  assert(parsed.ok, 'the simulated genesis is one');
  const env = createEnv(primitives, parsed.value);
  const block = genesisBlock(env);
  const tip = tipOf(env, block.block.header, block.execution.view);
  policiesOf(env, tip.view);
  parametersOf(env, tip.view);
  return {
    primitives,
    genesis: parsed.value.genesis,
    chainId: parsed.value.chainId,
    config: configOf(genesis.parameters),
    block,
    tip,
    rows: genesisRows(env, block),
    hospitals,
    // Rows of the genesis were decoded before, its policies parsed: doing it again for each node would change no answer.
    newEnv: () => ({
      ...createEnv(primitives, parsed.value),
      policyMemo: { current: env.policyMemo.current },
      rowMemo: new Map(env.rowMemo),
    }),
  };
}

function hospitalsOf(primitives: Primitives, { validators, followers }: TownPlan): readonly Hospital[] {
  const made = Array.from({ length: validators + followers }, (_, i): Hospital => {
    const name = `hospital ${i + 1}`;
    const account = secretOf(primitives, `${name} account`);
    const id = addressOf(primitives, primitives.publicKeyOf(account));
    return { name, id, account, duty: secretOf(primitives, `${name} duty`) };
  });
  const byId = (a: Hospital, b: Hospital) => compareBytes(a.id, b.id);
  return [...made.slice(0, validators).sort(byId), ...made.slice(validators).sort(byId)];
}

/** What a peer id may be spelled with. */
const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZ';

function genesisOf(
  primitives: Primitives,
  engine: EngineName,
  hospitals: readonly Hospital[],
  validators: number,
  policies: Genesis['policies'],
): Genesis {
  const key = (secret: SecretKey): PublicKey => primitives.publicKeyOf(secret);
  return {
    version: 1,
    name: 'A simulated consortium',
    engine,
    timestampMs: GENESIS_MS,
    parameters: PARAMETERS,
    hospitals: hospitals.map(({ name, account, duty }, node) => ({
      name,
      tier: 'tertiary' as const,
      accountKey: key(account),
      validatorKey: node < validators ? key(validatorSecret(primitives, node, 0)) : null,
      dutyKey: key(duty),
      peerId: `12D3KooWNode${BASE58.charAt(node)}`,
      addresses: [],
    })),
    policies,
  };
}

const configOf = (parameters: Parameters): ReplicaConfig => ({
  ...DEFAULT_REPLICA_CONFIG,
  blockIntervalMs: parameters.blockIntervalMs,
  heartbeatMs: parameters.heartbeatMs,
  clockAheadMaxMs: parameters.clockAheadMaxMs,
  clockBehindMaxMs: parameters.clockBehindMaxMs,
  roundTimeoutMs: parameters.roundTimeoutMs,
  roundTimeoutCapMs: parameters.roundTimeoutCapMs,
  confirmationDepth: parameters.confirmationDepth,
  resendMs: 3_000,
  sync: { requestTimeoutMs: 3_000, peerPauseMs: 1_000, graceMs: 500 },
});

const POLICY_FOLDER_LEVELS = ['../../policies/', '../../../policies/'];

/** The shipped constitution, each file under its name. From sources and from compiled output, which lies one folder deeper. */
export function shippedPolicies(): Genesis['policies'] {
  for (const level of POLICY_FOLDER_LEVELS) {
    const folder = new URL(level, import.meta.url);
    const names = namesIn(folder).filter((name) => name.endsWith('.cedar'));
    if (names.length > 0)
      return names
        .sort()
        .map((name) => ({ id: name.replace('.cedar', ''), text: readFileSync(new URL(name, folder), 'utf8') }));
  }
  throw new Error('the shipped policies are not beside the program');
}

function namesIn(folder: URL): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
