import type { Hash } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { signingDigest } from '../../src/base/digest.ts';
import { policiesOf } from '../../src/ledger/policies.ts';
import { possessionBytes, storageReceiptBytes } from '../../src/ledger/signed-words.ts';
import { StateOverlay } from '../../src/ledger/state/overlay.ts';
import type { StateReader } from '../../src/ledger/state/table.ts';
import { grants, reads, records } from '../../src/ledger/state/tables.ts';
import type { Purpose, Role } from '../../src/ledger/vocabulary.ts';
import type { PolicySet } from '../../src/vm/index.ts';
import { Council, candidate, keyName } from '../ledger/governance/council.ts';
import { expectApplied, hash, hospitalName, idOf, primitives, publicOf, secretOf } from '../ledger/town.ts';
import {
  type Category,
  categoryId,
  delegatingKey,
  EXPIRES_MS,
  type GrantPlan,
  LABELS,
  LAST_EPOCH,
  PATIENT,
  person,
  type RecordPlan,
  recordId,
} from './names.ts';
import { DESKS, GRANTS, PEOPLE } from './people.ts';

/**
 * A small consortium in which everybody is in some situation that a rule is about. All of it is made by real transactions, but for the
 * few rows of `beyondTransactions`.
 */
export class World extends Council {
  readonly transactions = new Map<string, Hash>();

  constructor() {
    super({ validators: 4, followers: 4, parameters: { validatorChangeDelayMin: 2, readOpenHeights: 20 } });
    for (const { name, role, home } of PEOPLE) this.enrolAt(name, role, home);
    this.#keepRecords();
    for (const n of DESKS) this.openDesk(hospitalName(n));
    for (const plan of GRANTS) this.grantTo(plan);
    this.#useGrants();
    this.#govern();
    this.#changeStandings();
    this.#readLately();
  }

  /** The constitution, as the chain reads it. */
  get policies(): PolicySet {
    return policiesOf(this.env, this.tip.view);
  }

  transaction(name: string): Hash {
    const id = this.transactions.get(name);
    if (id === undefined) throw new Error(`nothing is called "${name}"`);
    return id;
  }

  /** The height of the block that holds it. */
  heightOf(name: string): number {
    return reads.get(this.tip.view, toHex(this.transaction(name)))?.height ?? 0;
  }

  enrolAt(name: string, role: Role, home: number): void {
    expectApplied(this.act(name, 'enrol', this.enrolment(name, role, hospitalName(home))));
    if (!name.includes('pending')) expectApplied(this.act(hospitalName(home), 'admit', { participant: idOf(name) }));
  }

  publish(owner: string, category: Category, epoch: number): void {
    const payload = { category: categoryId(owner, category), epoch, publicKey: delegatingKey(owner, category, epoch) };
    expectApplied(this.act(owner, 'publishDelegatingKey', { ...payload, label: LABELS[category] }));
  }

  newRecord({ name, owner = PATIENT, author = owner, category = 'normal', epoch = 0 }: RecordPlan) {
    const id = categoryId(owner, category);
    const stored = {
      record: recordId(name),
      cid: Uint8Array.of(1, 0x55, 0x12, 0x20, ...hash(`content ${name} by ${author}`)),
      ciphertextBytes: 1_000,
      envelopeHash: hash(`envelope ${name}`),
    };
    const bound = { ...stored, version: 1, author: idOf(author), category: id, epoch };
    const digest = signingDigest(primitives, 'storage-receipt', storageReceiptBytes(this.env.chainId, bound));
    const storage = [1, 2].map((n) => ({
      hospital: idOf(hospitalName(n)),
      signature: primitives.sign(digest, secretOf(`${hospitalName(n)} duty`)),
    }));
    return { ...stored, owner: idOf(owner), category: id, epoch, storage };
  }

  register(plan: RecordPlan): void {
    const { author = plan.owner ?? PATIENT } = plan;
    expectApplied(this.act(author, 'registerRecord', this.newRecord(plan)));
  }

  newGrant({
    to,
    purposes,
    access = 'read',
    uses,
    epochs = [0, LAST_EPOCH],
    categories = ['normal'],
    from,
  }: GrantPlan) {
    const owner = from ?? PATIENT;
    return this.grantPayload(owner, to.id, {
      grantee: to,
      purposes,
      access,
      uses: uses ?? null,
      expires: EXPIRES_MS,
      categories: categories.map((category) => ({
        category: categoryId(owner, category),
        epochFrom: category === 'normal' ? epochs[0] : 0,
        epochTo: category === 'normal' ? epochs[1] : 0,
      })),
    });
  }

  grantTo(plan: GrantPlan): void {
    expectApplied(this.act(plan.from ?? PATIENT, 'grant', this.newGrant(plan)));
  }

  reads(name: string, record: string, purpose: Purpose): void {
    const receipt = this.read(name, record, purpose);
    expectApplied(receipt);
    this.transactions.set(`${name} reads ${record}`, receipt.transactionId);
  }

  asksFor(name: string, record: string): void {
    const wish = { record: recordId(record), doctorPublicKey: publicOf(name), purpose: 'TREAT' as const };
    const receipt = this.act(name, 'requestAccess', { ...wish, oraclesMin: 1, oraclesMax: 3 });
    expectApplied(receipt);
    this.transactions.set(`${name} asks for ${record}`, receipt.transactionId);
  }

  #keepRecords(): void {
    this.publish(PATIENT, 'normal', 0);
    this.publish(PATIENT, 'restricted', 0);
    this.publish(PATIENT, 'very restricted', 0);
    this.publish('a suspended patient', 'normal', 0);
    this.register({ name: 'first' });
    this.register({ name: 'restricted', category: 'restricted' });
    this.register({ name: 'very restricted', category: 'very restricted' });
    this.register({ name: "the suspended patient's", owner: 'a suspended patient' });
    this.publish(PATIENT, 'normal', 1);
    this.register({ name: 'second', epoch: 1 });
    this.publish(PATIENT, 'normal', 2);
    this.register({ name: 'third', epoch: 2 });
    this.register({ name: 'shredded', epoch: 2 });
  }

  #useGrants(): void {
    for (const author of ['Dr Writer', 'Dr Suspended'])
      this.register({ name: `written by ${author}`, author, epoch: LAST_EPOCH });
    this.reads('Dr Once', 'first', 'TREAT');
    this.reads('Dr Twice', 'first', 'TREAT');
    this.reads('Dr at a desk used up', 'first', 'BTG');
    this.reads('a relative who has read', 'first', 'FAMRQT');
    this.reads('an insurer who has read', 'first', 'HPAYMT');
    this.reads('Dr Suspended', 'first', 'TREAT');
    this.reads('a suspended patient', "the suspended patient's", 'PATRQT');
    this.asksFor('Dr A', 'first');
    const category = categoryId(PATIENT, 'normal');
    expectApplied(this.act(PATIENT, 'revoke', { grantee: person('Dr Revoked'), category }));
    this.#moveToNewKey('a patient with a new key');
  }

  #moveToNewKey(name: string): void {
    const bytes = possessionBytes(this.env.chainId, idOf(name), publicOf(`${name}, new`));
    const possession = primitives.sign(signingDigest(primitives, 'key-possession', bytes), secretOf(`${name}, new`));
    expectApplied(this.act(name, 'rotateKey', { newKey: publicOf(`${name}, new`), possession }));
  }

  /** Proposals that stay open, each made while it was still allowed; then hospital 5 becomes a validator. */
  #govern(): void {
    const open = (name: string, by: number, change: string, value: object): void => {
      const receipt = this.propose(by, change, value);
      expectApplied(receipt);
      this.transactions.set(name, receipt.transactionId);
    };
    open('a new pace', 1, 'setParameter', { name: 'blockIntervalMs', value: 500 });
    open('to join the validators', 6, 'addValidator', this.keyChange(6, keyName(6), this.height + 60));
    open('to make 5 a community hospital', 1, 'setHospitalTier', {
      hospital: idOf(hospitalName(5)),
      tier: 'community',
    });
    open('to make 6 a secondary hospital', 1, 'setHospitalTier', {
      hospital: idOf(hospitalName(6)),
      tier: 'secondary',
    });
    open('to admit hospital 9', 1, 'admitHospital', candidate(9));
    const at = this.height + 10;
    expectApplied(this.pass(5, 'addValidator', this.keyChange(5, keyName(5), at), [1, 2, 3]));
    this.until(at - 1);
  }

  /** From here on some are not what they were when they were granted something. */
  #changeStandings(): void {
    for (const { name, home } of PEOPLE)
      if (name.toLowerCase().includes('suspended'))
        expectApplied(this.act(hospitalName(home), 'suspend', { participant: idOf(name) }));
    const standing = (n: number, status: string) =>
      expectApplied(this.pass(1, 'setHospitalStatus', { hospital: idOf(hospitalName(n)), status }, [1, 2, 3, 5]));
    const tier = { hospital: idOf(hospitalName(6)), tier: 'community' };
    expectApplied(this.pass(1, 'setHospitalTier', tier, [1, 2, 3, 5]));
    standing(4, 'suspended');
    standing(7, 'suspended');
    standing(8, 'removed');
  }

  #readLately(): void {
    this.reads('Dr A', 'first', 'TREAT');
    this.reads('Dr at a desk', 'first', 'BTG');
    this.reads(PATIENT, 'first', 'PATRQT');
    this.reads('a relative', 'first', 'FAMRQT');
  }

  /** Rows that no transaction makes today: a shredded record, and grants that the ledger's own checks refuse. */
  beyondTransactions(): StateReader {
    const state = new StateOverlay(this.tip.view);
    const shredded = records.get(state, toHex(recordId('shredded')));
    if (shredded !== undefined) records.set(state, { ...shredded, status: 'shredded' }, toHex(recordId('shredded')));
    const desk = `desk:${toHex(idOf(hospitalName(6)))}:${toHex(categoryId(PATIENT, 'restricted'))}`;
    const grant = grants.get(state, toHex(idOf(PATIENT)), desk);
    if (grant !== undefined) grants.set(state, { ...grant, access: 'write' }, toHex(idOf(PATIENT)), desk);
    return state;
  }
}
