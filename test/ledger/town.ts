import { readdirSync, readFileSync } from 'node:fs';
import type { Address, Hash, Height, PublicKey, SecretKey, TimestampMs } from '../../src/base/brand.ts';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { addressOf, signingDigest } from '../../src/base/digest.ts';
import type { Rejection } from '../../src/base/result.ts';
import type { Validator } from '../../src/base/validators.ts';
import { REASON_BOX_BYTES, SEALED_REASON_BYTES, type SealedReason } from '../../src/crypto/break-glass-reason.ts';
import { buildBlock } from '../../src/ledger/build-block.ts';
import { categoryOf } from '../../src/ledger/category.ts';
import type { ExecutedBlock, LedgerEnv, Tip } from '../../src/ledger/chain.ts';
import type { ShareJudge } from '../../src/ledger/evaluation/share-judge.ts';
import type { KindName, Payload } from '../../src/ledger/families/payloads.ts';
import { createEnv, type Genesis, parseGenesis, renderGenesis } from '../../src/ledger/genesis.ts';
import { genesisBlock, tipOf } from '../../src/ledger/genesis-block.ts';
import { DEFAULT_PARAMETERS, type Parameters } from '../../src/ledger/parameters.ts';
import type { Receipt } from '../../src/ledger/receipt.ts';
import {
  deskPossessionBytes,
  enrolmentBytes,
  fragmentReceiptBytes,
  fragmentsHashOf,
  grantedKeysHashOf,
  storageReceiptBytes,
} from '../../src/ledger/signed-words.ts';
import { desks } from '../../src/ledger/state/desk-tables.ts';
import { records } from '../../src/ledger/state/tables.ts';
import { type SignedTransaction, signTransaction } from '../../src/ledger/transaction.ts';
import type { Purpose, Role } from '../../src/ledger/vocabulary.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';

export const primitives = nativePrimitives();
export const GENESIS_MS = 1_700_000_000_000 as TimestampMs;
export const HOUR_MS = 3_600_000;

/** A key that a name stands for: the same in every run. */
export const secretOf = (name: string): SecretKey =>
  primitives.hash(utf8(`test key of ${name}`)) as Uint8Array as SecretKey;
export const publicOf = (name: string): PublicKey => primitives.publicKeyOf(secretOf(name));
export const idOf = (name: string): Address => addressOf(primitives, publicOf(name));
export const hash = (text: string): Hash => primitives.hash(utf8(text));

const POLICIES = new URL('../../policies/', import.meta.url);
export const policyFiles = (): Genesis['policies'] =>
  readdirSync(POLICIES)
    .filter((name) => name.endsWith('.cedar'))
    .sort()
    .map((name) => ({ id: name.replace('.cedar', ''), text: readFileSync(new URL(name, POLICIES), 'utf8') }));

const NO_DELIVERY: Payload<'grant'>['delivery'] = {
  scheme: 'none',
  grantId: new Uint8Array(32),
  threshold: 0,
  oraclesMin: 0,
  oraclesMax: 0,
  holders: [],
};

export const hospitalName = (n: number): string => `hospital ${n}`;

export const genesisOf = (hospitals: number, parameters: Partial<Parameters> = {}): Genesis => ({
  version: 1,
  name: 'A consortium for tests',
  engine: 'qbft',
  timestampMs: GENESIS_MS,
  parameters: { ...DEFAULT_PARAMETERS, ...parameters },
  hospitals: Array.from({ length: hospitals }, (_, i) => {
    const name = hospitalName(i + 1);
    return {
      name,
      tier: 'tertiary' as const,
      accountKey: publicOf(name),
      validatorKey: publicOf(`${name} validator`),
      dutyKey: publicOf(`${name} duty`),
      peerId: `12D3KooWTest${'123456789'.slice(i, i + 1)}`,
      addresses: [],
    };
  }),
  policies: policyFiles(),
});

export interface Point {
  readonly tip: Tip;
  readonly blocks: number;
  readonly nonces: ReadonlyMap<string, number>;
}

const genesisRead = new Map<string, ReturnType<typeof parseGenesis>>();

/** Validating a constitution against its schema takes longer than most tests: done once for each. */
function readGenesis(genesis: Genesis): ReturnType<typeof parseGenesis> {
  const text = renderGenesis(genesis);
  const read = genesisRead.get(text) ?? parseGenesis(primitives, text);
  genesisRead.set(text, read);
  return read;
}

/** A chain without consensus: each block is built, then judged as a peer would. */
export class Town {
  readonly env: LedgerEnv;
  tip: Tip;
  readonly blocks: (ExecutedBlock & { readonly bytes: Uint8Array })[];
  readonly #nonces = new Map<string, number>();

  constructor(genesis: Genesis = genesisOf(4), judgeShare?: ShareJudge) {
    const parsed = readGenesis(genesis);
    if (!parsed.ok) throw new Error(parsed.rejection.code);
    this.env = createEnv(primitives, parsed.value, judgeShare);
    const first = genesisBlock(this.env);
    this.blocks = [first];
    this.tip = tipOf(this.env, first.block.header, first.execution.view);
  }

  get nextHeight(): Height {
    return (this.tip.header.height + 1) as Height;
  }

  sign<K extends KindName>(
    name: string,
    kind: K,
    payload: Payload<K>,
    change: Partial<SignedTransaction['transaction']> = {},
  ): SignedTransaction {
    const nonce = this.#nonces.get(name) ?? 0;
    const transaction = {
      version: 1,
      chainId: this.env.chainId,
      publicKey: publicOf(name),
      nonce,
      validUntilHeight: this.nextHeight + 10,
      gasLimit: 100_000,
      kind,
      payload: payload as Readonly<Record<string, unknown>>,
      ...change,
    };
    return signTransaction(primitives, transaction, secretOf(name));
  }

  /** A block of these on the tip, `afterMs` later. What is left out has no receipt. */
  seal(
    candidates: readonly SignedTransaction[],
    afterMs = 1_000,
    evidence: readonly Uint8Array[] = [],
  ): readonly Receipt[] {
    const timestampMs = (this.tip.header.timestampMs + afterMs) as TimestampMs;
    const proposer = (this.tip.validators[0] as Validator).id;
    const block = buildBlock(this.env, this.tip, { candidates, timestampMs, proposer, evidence });
    this.blocks.push(block);
    this.tip = tipOf(this.env, block.block.header, block.execution.view);
    return block.execution.receipts;
  }

  /** Where the chain stands now; `back` to it forgets what came after, so that many tests share one beginning. */
  get point(): Point {
    return { tip: this.tip, blocks: this.blocks.length, nonces: new Map(this.#nonces) };
  }

  back({ tip, blocks, nonces }: Point): void {
    this.tip = tip;
    this.blocks.length = blocks;
    this.#nonces.clear();
    for (const [name, nonce] of nonces) this.#nonces.set(name, nonce);
  }

  /** One transaction in one block. */
  act<K extends KindName>(
    name: string,
    kind: K,
    payload: Payload<K>,
    afterMs?: number,
    change: Partial<SignedTransaction['transaction']> = {},
  ): Receipt {
    const [receipt] = this.seal([this.sign(name, kind, payload, change)], afterMs);
    if (receipt === undefined) throw new Error(`${kind} by ${name} was left out of the block`);
    this.#nonces.set(name, (this.#nonces.get(name) ?? 0) + 1);
    return receipt;
  }

  /** One transaction each of several senders, in one block. */
  together<K extends KindName>(kind: K, payloads: ReadonlyMap<string, Payload<K>>): readonly Receipt[] {
    const receipts = this.seal([...payloads].map(([name, payload]) => this.sign(name, kind, payload)));
    if (receipts.length !== payloads.size) throw new Error(`a ${kind} was left out of the block`);
    for (const name of payloads.keys()) this.#nonces.set(name, (this.#nonces.get(name) ?? 0) + 1);
    return receipts;
  }

  enrolment(
    name: string,
    role: Role,
    hospital = hospitalName(1),
    handle = hash(`handle of ${name}`),
  ): Payload<'enrol'> {
    const unsigned = {
      role,
      hospital: idOf(hospital),
      handle,
      signingKey: publicOf(`${name} signing`),
      receivingKey: publicOf(`${name} receiving`),
    };
    const bytes = enrolmentBytes(this.env.chainId, publicOf(name), unsigned);
    const digest = signingDigest(primitives, 'enrolment-sponsor', bytes);
    return { ...unsigned, sponsorSignature: primitives.sign(digest, secretOf(hospital)) };
  }

  join(name: string, role: Role, hospital = hospitalName(1)): void {
    expectApplied(this.act(name, 'enrol', this.enrolment(name, role, hospital)));
    expectApplied(this.act(hospital, 'admit', { participant: idOf(name) }));
  }

  category(patient: string): Uint8Array {
    return categoryOf(primitives, publicOf(`${patient} delegating`));
  }

  openCategory(patient: string): void {
    const payload = {
      category: this.category(patient),
      epoch: 0,
      publicKey: publicOf(`${patient} delegating`),
      label: 'N' as const,
    };
    expectApplied(this.act(patient, 'publishDelegatingKey', payload));
  }

  recordPayload(patient: string, name: string, keepers = 2, author = patient): Payload<'registerRecord'> {
    const stored = {
      record: hash(`record ${name}`) as Uint8Array,
      cid: Uint8Array.of(1, 0x55, 0x12, 0x20, ...hash(`content ${name}`)),
      ciphertextBytes: 1_000,
      envelopeHash: hash(`envelope ${name}`),
    };
    const bound = { ...stored, version: 1, author: idOf(author), category: this.category(patient), epoch: 0 };
    const digest = signingDigest(primitives, 'storage-receipt', storageReceiptBytes(this.env.chainId, bound));
    const storage = Array.from({ length: keepers }, (_, i) => {
      const hospital = hospitalName(i + 1);
      return { hospital: idOf(hospital), signature: primitives.sign(digest, secretOf(`${hospital} duty`)) };
    });
    return { ...stored, owner: idOf(patient), category: this.category(patient), epoch: 0, storage };
  }

  grantPayload(patient: string, grantee: string, change: Partial<Payload<'grant'>> = {}): Payload<'grant'> {
    const access = change.access ?? 'read';
    const terms = {
      grantee: { type: 'person' as const, id: toHex(idOf(grantee)) },
      categories: [{ category: this.category(patient), epochFrom: 0, epochTo: 0 }],
      purposes: ['TREAT' as const],
      access,
      expires: this.tip.header.timestampMs + HOUR_MS,
      uses: null,
      request: null,
      ...change,
    };
    const opens = access !== 'write' && (terms.grantee.type === 'person' || terms.grantee.type === 'desk');
    const grantId = hash(`grant ${patient} ${grantee}`);
    // A desk's own hospital holds nothing of it.
    const holding = [1, 2, 3, 4].filter((n) => toHex(idOf(hospitalName(n))) !== terms.grantee.id).slice(0, 3);
    const held = { patient, grantId, ...terms, holders: holding, fragmentIds: [hash('fragment')] };
    const holders = opens ? this.receipts(held) : [];
    const opening = { scheme: 'direct-v1', grantId, threshold: 3, oraclesMin: 3, oraclesMax: 4, holders };
    const delivery = opens ? opening : NO_DELIVERY;
    return { delivery, ...terms };
  }

  /** Of hospitals, by their numbers, that all hold the same fragments. */
  receipts(held: {
    readonly patient: string;
    readonly grantId: Uint8Array;
    readonly grantee: Payload<'grant'>['grantee'];
    readonly categories: Payload<'grant'>['categories'];
    readonly holders: readonly number[];
    readonly fragmentIds: readonly Hash[];
    /** What they open to, where not to the key of the desk that stands. */
    readonly deskKey?: PublicKey;
  }): Payload<'grant'>['delivery']['holders'] {
    const { grantId, grantee, categories, holders, fragmentIds } = held;
    const fragmentsHash = fragmentsHashOf(primitives, fragmentIds);
    const keysHash = grantedKeysHashOf(primitives, categories);
    const standing = grantee.type === 'desk' ? desks.get(this.tip.view, grantee.id)?.receivingKey : undefined;
    const deskKey = held.deskKey ?? standing;
    const words = { grantId, patient: idOf(held.patient), grantee, deskKey, keysHash, fragmentsHash };
    const digest = signingDigest(primitives, 'fragment-receipt', fragmentReceiptBytes(this.env.chainId, words));
    return holders.map((n) => ({
      hospital: idOf(hospitalName(n)),
      fragmentsHash,
      receipt: primitives.sign(digest, secretOf(`${hospitalName(n)} duty`)),
    }));
  }

  read(name: string, record: string, purpose: Purpose = 'TREAT', afterMs?: number): Receipt {
    const id = hash(`record ${record}`);
    const owner = records.get(this.tip.view, toHex(id))?.owner;
    const reason = purpose === 'BTG' ? { reason: sealedTo(owner ?? idOf('nobody')) } : {};
    return this.act(name, 'readRecord', { record: id, purpose, freshKey: publicOf('fresh'), ...reason }, afterMs);
  }

  /** A hospital publishes the key of its emergency desk. */
  openDesk(hospital: string, key = `${hospital} desk`): Receipt {
    const receipt = this.act(hospital, 'publishDeskKey', this.deskKey(hospital, key));
    expectApplied(receipt);
    return receipt;
  }

  deskKey(hospital: string, key = `${hospital} desk`): Payload<'publishDeskKey'> {
    const receivingKey = publicOf(key);
    const bytes = deskPossessionBytes(this.env.chainId, idOf(hospital), receivingKey);
    return {
      receivingKey,
      possession: primitives.sign(signingDigest(primitives, 'desk-possession', bytes), secretOf(key)),
    };
  }
}

/** Of the form of a sealed reason, to a patient and two hospitals: the ledger opens none. */
const sealedTo = (owner: Address): SealedReason => ({
  sealed: new Uint8Array(SEALED_REASON_BYTES),
  boxes: [owner, idOf(hospitalName(1)), idOf(hospitalName(3))].map((to) => ({
    to,
    capsule: publicOf('capsule'),
    sealed: new Uint8Array(REASON_BOX_BYTES),
  })),
});
export const reasonFor = (patient: string): SealedReason => sealedTo(idOf(patient));

export function expectApplied(receipt: Receipt): void {
  if (receipt.outcome !== 'applied') throw new Error(`${receipt.outcome}: ${receipt.code}`);
}

export const codeOf = (rejection: Rejection | null): string | null => rejection?.code ?? null;
