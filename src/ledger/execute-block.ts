import type { Address, Hash, Height, TimestampMs } from '../base/brand.ts';
import { utf8 } from '../base/bytes.ts';
import type { Rejection } from '../base/result.ts';
import { type Admitted, checkAdmission } from './admission.ts';
import { BlockGas } from './block-gas.ts';
import type { AuditEntry, Execution, LedgerEnv, StateView, Tip } from './chain.ts';
import { endBlock } from './end-block.ts';
import { executeTransaction } from './execute-transaction.ts';
import type { Payload } from './families/payloads.ts';
import { provenOffence, recordOffence } from './offences.ts';
import { parametersOf } from './parameters-of.ts';
import { sponsorOf } from './principal.ts';
import type { Receipt } from './receipt.ts';
import { StateOverlay } from './state/overlay.ts';
import type { SignedTransaction } from './transaction.ts';
import { treeOver } from './tree/tree-over.ts';
import type { TreeChange, TreeUpdate } from './tree/types.ts';
import { updateTree } from './tree/update.ts';
import { epochOf, validatorsOf } from './validator-sets.ts';

/** A block under way: transactions go in one by one, each on the state that the earlier ones left. */
export class BlockExecution {
  readonly #env: LedgerEnv;
  readonly #tip: Tip;
  readonly #height: Height;
  readonly #timestampMs: TimestampMs;
  readonly #state: StateOverlay;
  readonly #gas: BlockGas;
  readonly #receipts: Receipt[] = [];
  readonly #transactions: SignedTransaction[] = [];
  readonly #audit: AuditEntry[] = [];

  constructor(env: LedgerEnv, tip: Tip, timestampMs: TimestampMs) {
    this.#env = env;
    this.#tip = tip;
    this.#height = (tip.header.height + 1) as Height;
    this.#timestampMs = timestampMs;
    this.#state = new StateOverlay(tip.view);
    this.#gas = new BlockGas(parametersOf(env, tip.view));
  }

  /** Executes a transaction, or says why no block of this height may hold it here; then nothing has changed. */
  add(signed: SignedTransaction): Rejection | null {
    const admitted = checkAdmission(this.#env, this.#state, this.#height, signed);
    if (!admitted.ok) return admitted.rejection;
    const { sender, next } = admitted.value;
    if (signed.transaction.nonce !== next) return { code: 'transaction.nonce-gap', detail: { next } };
    const place = { height: this.#height, timestampMs: this.#timestampMs, index: this.#transactions.length };
    const { receipt, writes, audit } = executeTransaction(this.#env, this.#state, place, signed, admitted.value);
    if (!this.#gas.spend(sender, payerOf(this.#state, admitted.value), receipt)) return { code: 'block.gas-allowance' };
    writes.mergeInto(this.#state);
    this.#receipts.push(receipt);
    this.#transactions.push(signed);
    this.#audit.push(...audit);
    return null;
  }

  /** Whether these bytes prove an offence that the chain does not hold yet. If so, it does now. */
  addEvidence(bytes: Uint8Array): boolean {
    const offence = provenOffence(this.#env, this.#tip.view, this.#height, bytes);
    return offence !== undefined && recordOffence(this.#state, this.#height, offence);
  }

  finish(): Execution {
    const endEvents = endBlock(this.#env, this.#state, this.#height, this.#timestampMs);
    const changes = this.#state.changes;
    const { view, tree } = layOver(this.#env, this.#tip.view, this.#height, changes);
    return {
      receipts: this.#receipts,
      transactions: this.#transactions,
      changes,
      tree,
      gasUsed: this.#gas.total,
      view,
      nextValidators: validatorsOf(this.#env, this.#state),
      nextValidatorsSince: epochOf(this.#state).since,
      audit: this.#audit,
      endEvents,
    };
  }
}

/** Whose allowance pays: an enrolment is its sponsor's, whatever becomes of it; the rest is the sender's home's. */
const payerOf = (state: StateOverlay, { act, sender }: Admitted): Address =>
  act.name === 'enrol' ? (act.payload as Payload<'enrol'>).hospital : sponsorOf(state, sender);

/** The state after `changes`, and what they do to the tree. */
export function layOver(
  env: LedgerEnv,
  below: StateView,
  height: Height,
  changes: ReadonlyMap<string, Uint8Array | null>,
): { readonly view: StateView; readonly tree: TreeUpdate } {
  const { primitives } = env;
  const treeChanges: TreeChange[] = [];
  for (const [key, value] of changes) {
    const valueHash = value === null ? null : primitives.hash(value);
    treeChanges.push({ keyHash: stateKeyHash(env, key), valueHash });
  }
  const tree = updateTree(primitives, below.tree, below.root, treeChanges, height);
  const view: StateView = {
    height,
    get: (key) => {
      const change = changes.get(key);
      return change === undefined ? below.get(key) : (change ?? undefined);
    },
    tree: treeOver(() => below.tree, tree),
    root: tree.root,
  };
  return { view, tree };
}

/** Where a key stands in the state tree: SHA-256 of its UTF-8. */
export const stateKeyHash = (env: Pick<LedgerEnv, 'primitives'>, key: string): Hash => env.primitives.hash(utf8(key));
