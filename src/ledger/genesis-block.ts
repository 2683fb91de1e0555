import type { Address, Hash, Height } from '../base/brand.ts';
import { compareBytes, utf8 } from '../base/bytes.ts';
import { addressOf } from '../base/digest.ts';
import { type ValidatorSet, validatorsHashOf } from '../base/validators.ts';
import { type Block, encodeBlock } from './block.ts';
import type { ExecutedBlock, LedgerEnv, StateView, Tip } from './chain.ts';
import { layOver } from './execute-block.ts';
import { activateHospital, writeHospital } from './families/governance/hospital-rows.ts';
import { policyTextOf } from './genesis.ts';
import { BLOCK_VERSION, type Header, headerHash } from './header.ts';
import { listRoot } from './merkle.ts';
import { receiptsRoot } from './receipt.ts';
import { StateOverlay } from './state/overlay.ts';
import { epochRows, parameterRows, policyRows, schemaRows, validatorSets } from './state/tables.ts';
import { rootHashOf } from './tree/hashing.ts';
import { epochOf, validatorsOf } from './validator-sets.ts';

const NO_HASH = new Uint8Array(32) as Hash;
const NOBODY = new Uint8Array(20) as Address;
const GENESIS_HEIGHT = 0 as Height;
/** Nobody decides the genesis: the first set begins with the block after it. */
const FIRST_EPOCH = { number: 0, since: 1 as Height, oldest: 0 };

const EMPTY_VIEW: StateView = {
  height: GENESIS_HEIGHT,
  get: () => undefined,
  tree: { node: () => undefined },
  root: null,
};

/** Block 0: the constitution as state. It has no certificate; the chain id vouches for it. */
export function genesisBlock(env: LedgerEnv): ExecutedBlock & { readonly bytes: Uint8Array } {
  const { primitives, chainId, genesis } = env;
  const state = new StateOverlay(EMPTY_VIEW);
  for (const record of genesis.hospitals) {
    const id = addressOf(primitives, record.accountKey);
    writeHospital(primitives, state, id, { record, status: 'active', admittedHeight: GENESIS_HEIGHT });
    activateHospital(state, id, record, GENESIS_HEIGHT);
  }
  const validators = genesisValidators(env);
  validatorSets.set(state, validators, 'validators');
  epochRows.set(state, FIRST_EPOCH, 'epoch');
  parameterRows.set(state, genesis.parameters, 'parameters');
  policyRows.set(state, { version: 1, text: policyTextOf(genesis) }, 'policies');
  if (genesis.schema !== undefined) schemaRows.set(state, primitives.hash(utf8(genesis.schema)), 'schema');

  const { view, tree } = layOver(env, EMPTY_VIEW, GENESIS_HEIGHT, state.changes);
  const validatorsHash = validatorsHashOf(primitives, validators);
  const header: Header = {
    version: BLOCK_VERSION,
    chainId,
    height: GENESIS_HEIGHT,
    parentHash: NO_HASH,
    timestampMs: genesis.timestampMs,
    proposer: NOBODY,
    transactionsRoot: listRoot(primitives, []),
    receiptsRoot: receiptsRoot(primitives, []),
    stateRoot: rootHashOf(tree.root),
    validatorsHash,
    nextValidatorsHash: validatorsHash,
    evidenceRoot: listRoot(primitives, []),
    gasUsed: 0,
  };
  const block: Block = { header, transactions: [], evidence: [] };
  return {
    block,
    bytes: encodeBlock(block),
    hash: headerHash(primitives, header),
    execution: {
      receipts: [],
      transactions: [],
      changes: state.changes,
      tree,
      gasUsed: 0,
      view,
      nextValidators: validators,
      nextValidatorsSince: FIRST_EPOCH.since,
      audit: [],
      endEvents: [],
    },
  };
}

/** The hospitals with a validator key, by id bytes. */
function genesisValidators({ primitives, genesis }: LedgerEnv): ValidatorSet {
  return genesis.hospitals
    .flatMap((hospital) =>
      hospital.validatorKey === null
        ? []
        : [{ id: addressOf(primitives, hospital.accountKey), publicKey: hospital.validatorKey }],
    )
    .sort((a, b) => compareBytes(a.id, b.id));
}

/** The tip that a stored header and its state make. */
export const tipOf = (env: LedgerEnv, header: Header, view: StateView): Tip => ({
  header,
  hash: headerHash(env.primitives, header),
  view,
  validators: validatorsOf(env, view),
  validatorsSince: epochOf(view).since,
});
