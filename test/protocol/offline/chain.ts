import { readdirSync, readFileSync } from 'node:fs';
import type { Address, Hash, Height, PublicKey, Round, SecretKey, TimestampMs } from '../../../src/base/brand.ts';
import { compareBytes, toHex, utf8 } from '../../../src/base/bytes.ts';
import { addressOf, type SigningTag, signingDigest } from '../../../src/base/digest.ts';
import { encodeCertificate } from '../../../src/consensus/certificate.ts';
import type { Certificate } from '../../../src/consensus/engine.ts';
import { voteDigest } from '../../../src/consensus/vote.ts';
import type { Block } from '../../../src/ledger/block.ts';
import { buildBlock } from '../../../src/ledger/build-block.ts';
import { categoryOf } from '../../../src/ledger/category.ts';
import type { LedgerEnv, StateView, Tip } from '../../../src/ledger/chain.ts';
import type { KindName, Payload } from '../../../src/ledger/families/payloads.ts';
import { createEnv, type Genesis, parseGenesis, renderGenesis } from '../../../src/ledger/genesis.ts';
import { genesisBlock, tipOf } from '../../../src/ledger/genesis-block.ts';
import { DEFAULT_PARAMETERS } from '../../../src/ledger/parameters.ts';
import { encodeReceipts, type Receipt } from '../../../src/ledger/receipt.ts';
import {
  enrolmentBytes,
  fragmentReceiptBytes,
  grantedKeysHashOf,
  storageReceiptBytes,
} from '../../../src/ledger/signed-words.ts';
import { type SignedTransaction, signTransaction, TRANSACTION_VERSION } from '../../../src/ledger/transaction.ts';
import { nativePrimitives } from '../../../src/node/primitives.ts';
import type { ChainEntry } from '../../../src/protocol/offline/verify-chain.ts';

/** A small real chain: four hospitals, the consortium's own policies, real signatures, every kind of outcome. */
export const primitives = nativePrimitives();

export const hashOf = (name: string): Hash => primitives.hash(utf8(name));
export const secretOf = (name: string): SecretKey => hashOf(`secret of ${name}`) as Uint8Array as SecretKey;
export const keyOf = (name: string): PublicKey => primitives.publicKeyOf(secretOf(name));
export const idOf = (name: string): Address => addressOf(primitives, keyOf(name));
export const heightOf = (n: number): Height => n as Height;

const POLICIES = new URL('../../../policies/', import.meta.url);
const policies = readdirSync(POLICIES)
  .filter((name) => name.endsWith('.cedar'))
  .sort()
  .map((name) => ({ id: name.replace('.cedar', ''), text: readFileSync(new URL(name, POLICIES), 'utf8') }));

const HOSPITALS = ['north', 'east', 'south', 'west'] as const;

export const genesisOf = (name: string): Genesis => ({
  version: 1,
  name,
  engine: 'qbft',
  timestampMs: 1_700_000_000_000 as TimestampMs,
  parameters: DEFAULT_PARAMETERS,
  hospitals: HOSPITALS.map((hospital, i) => ({
    name: `Hospital ${hospital}`,
    tier: 'tertiary',
    accountKey: keyOf(hospital),
    validatorKey: keyOf(`${hospital} validator`),
    dutyKey: keyOf(`${hospital} duty`),
    peerId: `12D3KooW${'ABCD'[i]}`,
    addresses: [],
  })),
  policies,
});

export const genesisText = renderGenesis(genesisOf('test consortium'));

export function envOf(text: string): LedgerEnv {
  const parsed = parseGenesis(primitives, text);
  if (!parsed.ok) throw new Error(parsed.rejection.code);
  return createEnv(primitives, parsed.value);
}

export const env = envOf(genesisText);
const { chainId } = env;

export const signWords = (signer: string, tag: SigningTag, bytes: Uint8Array) =>
  primitives.sign(signingDigest(primitives, tag, bytes), secretOf(signer));

interface Step {
  readonly entry: ChainEntry;
  readonly block: Block;
  readonly receipts: readonly Receipt[];
  /** The state after the block: overlays on overlays, so every height stays readable. */
  readonly view: StateView;
}

export class Chain {
  readonly steps: Step[] = [];
  readonly env: LedgerEnv;
  tip: Tip;
  readonly #nonces = new Map<string, number>();

  constructor(ledger: LedgerEnv = env) {
    this.env = ledger;
    const first = genesisBlock(ledger);
    this.tip = tipOf(ledger, first.block.header, first.execution.view);
  }

  transaction<K extends KindName>(sender: string, kind: K, payload: Payload<K>): SignedTransaction {
    const nonce = this.#nonces.get(sender) ?? 0;
    this.#nonces.set(sender, nonce + 1);
    const { chainId } = this.env;
    return signTransaction(
      primitives,
      {
        version: TRANSACTION_VERSION,
        chainId,
        publicKey: keyOf(sender),
        nonce,
        validUntilHeight: this.tip.header.height + 100,
        gasLimit: 200_000,
        kind,
        payload,
      },
      secretOf(sender),
    );
  }

  block(...candidates: readonly SignedTransaction[]): Step {
    const height = heightOf(this.tip.header.height + 1);
    const { bytes, block, execution, hash } = buildBlock(this.env, this.tip, {
      candidates,
      timestampMs: (this.tip.header.timestampMs + 1_000) as TimestampMs,
      proposer: (this.tip.validators[height % 4] as { id: Address }).id,
      evidence: [],
    });
    if (execution.receipts.length !== candidates.length) throw new Error('every candidate fits');
    const receipts = execution.receipts;
    const certificate = encodeCertificate(certify(this.env.chainId, height, hash));
    const entry = { height, block: bytes, certificate, receipts: encodeReceipts(receipts) };
    const step = { entry, block, receipts, view: execution.view };
    this.steps.push(step);
    this.tip = tipOf(this.env, block.header, execution.view);
    return step;
  }
}

/** A certificate of a quorum, of all but the validator that `height` leaves out. */
export function certify(chain: Hash, height: Height, blockHash: Hash, round = 0 as Round): Certificate {
  const signers = HOSPITALS.filter((_, i) => i !== height % 4);
  const vote = { chainId: chain, engine: 'qbft', height, round, type: 'commit', blockHash } as const;
  const digest = voteDigest(primitives, { ...vote, preparedRound: null, preparedHash: null });
  const signatures = signers
    .map((name) => ({ validator: idOf(name), signature: primitives.sign(digest, secretOf(`${name} validator`)) }))
    .sort((a, b) => compareBytes(a.validator, b.validator));
  return { engine: 'qbft', height, round, blockHash, signatures, path: [] };
}

function enrolment(name: string, role: 'patient' | 'practitioner', hospital: string): Payload<'enrol'> {
  const words = {
    role,
    hospital: idOf(hospital),
    handle: hashOf(`handle of ${name}`),
    signingKey: keyOf(`${name} signing`),
    receivingKey: keyOf(`${name} receiving`),
  };
  const sponsorSignature = signWords(hospital, 'enrolment-sponsor', enrolmentBytes(chainId, keyOf(name), words));
  return { ...words, sponsorSignature };
}

export const record = hashOf('the record');
export const category = categoryOf(primitives, keyOf('patient delegating'));

function registration(): Payload<'registerRecord'> {
  const stored = {
    record,
    cid: new Uint8Array([1, 0x70, 0x12, 0x20, ...hashOf('ciphertext')]),
    ciphertextBytes: 4_096,
    envelopeHash: hashOf('salted envelope'),
  };
  const storage = (['north', 'east'] as const).map((name) => ({
    hospital: idOf(name),
    signature: signWords(
      `${name} duty`,
      'storage-receipt',
      storageReceiptBytes(chainId, { ...stored, version: 1, author: idOf('patient'), category, epoch: 0 }),
    ),
  }));
  return { ...stored, owner: idOf('patient'), category, epoch: 0, storage };
}

export const grantee = { type: 'person', id: toHex(idOf('doctor')) } as const;

function grantPayload(expires: number): Payload<'grant'> {
  const grantId = hashOf('grant');
  const categories = [{ category, epochFrom: 0, epochTo: 0 }];
  const keysHash = grantedKeysHashOf(primitives, categories);
  const holders = (['north', 'east', 'south'] as const).map((name) => {
    const fragmentsHash = hashOf(`fragments of ${name}`);
    const bytes = fragmentReceiptBytes(chainId, {
      grantId,
      patient: idOf('patient'),
      grantee,
      keysHash,
      fragmentsHash,
    });
    return { hospital: idOf(name), fragmentsHash, receipt: signWords(`${name} duty`, 'fragment-receipt', bytes) };
  });
  return {
    grantee,
    categories,
    purposes: ['TREAT'],
    access: 'read',
    expires,
    uses: 3,
    request: null,
    delivery: { scheme: 'direct-v1', grantId, threshold: 3, oraclesMin: 3, oraclesMax: 3, holders },
  };
}

const reading = (): Payload<'readRecord'> => ({ record, purpose: 'TREAT', freshKey: keyOf('fresh') });

/** 1 enrol · 2 admit, once applied and once denied · 3 nothing: few enough bytes to flip every one of them. */
export function shortChain(): Chain {
  const chain = new Chain();
  chain.block(chain.transaction('patient', 'enrol', enrolment('patient', 'patient', 'north')));
  chain.block(
    chain.transaction('east', 'admit', { participant: idOf('patient') }),
    chain.transaction('north', 'admit', { participant: idOf('patient') }),
  );
  chain.block();
  return chain;
}

/**
 * 1 enrol · 2 admit, publish · 3 register; the doctor is denied · 4 grant · 5 the doctor reads · 6 nothing · 7 revoke;
 * the doctor is denied again, and a second registration fails.
 */
export function smallChain(): Chain {
  const chain = new Chain();
  chain.block(
    chain.transaction('patient', 'enrol', enrolment('patient', 'patient', 'north')),
    chain.transaction('doctor', 'enrol', enrolment('doctor', 'practitioner', 'east')),
  );
  chain.block(
    chain.transaction('north', 'admit', { participant: idOf('patient') }),
    chain.transaction('east', 'admit', { participant: idOf('doctor') }),
    chain.transaction('patient', 'publishDelegatingKey', {
      category,
      epoch: 0,
      publicKey: keyOf('patient delegating'),
      label: 'N',
    }),
  );
  chain.block(
    chain.transaction('patient', 'registerRecord', registration()),
    chain.transaction('doctor', 'readRecord', reading()),
  );
  chain.block(chain.transaction('patient', 'grant', grantPayload(chain.tip.header.timestampMs + 86_400_000)));
  chain.block(chain.transaction('doctor', 'readRecord', reading()));
  chain.block();
  chain.block(
    chain.transaction('patient', 'revoke', { grantee, category }),
    chain.transaction('doctor', 'readRecord', reading()),
    chain.transaction('patient', 'registerRecord', registration()),
  );
  return chain;
}
