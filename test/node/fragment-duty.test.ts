import { describe, expect, it } from 'vitest';
import type { Address, Hash, SecretKey } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { type IssuedFragment, issueFragments } from '../../src/crypto/grant-fragment.ts';
import { StateOverlay } from '../../src/ledger/state/overlay.ts';
import { delegatingEpochs, participants } from '../../src/ledger/state/tables.ts';
import { storeFragments } from '../../src/node/fragment-duty.ts';
import { FragmentKeeper } from '../../src/node/fragment-keeper.ts';
import { NODE_LIMITS } from '../../src/node/limits.ts';
import type { NodeContext } from '../../src/node/node-context.ts';
import type { ChainStore } from '../../src/storage/chain-store.ts';
import { EnvelopeStore } from '../../src/storage/envelope-store.ts';
import { openMemoryStore } from '../../src/storage/memory-store.ts';
import { WriteGuard } from '../../src/storage/write-guard.ts';
import { primitives, seeded } from '../support/consortium.ts';

const chainId = seeded('chain', 32) as Hash;
const grantId = seeded('grant', 32);
const category = seeded('category', 16);
const [she, he, doctor] = [seeded('she', 20), seeded('he', 20), seeded('doctor', 20)] as [Address, Address, Address];
const [hospital, peer] = [seeded('hospital', 20), seeded('peer', 20)] as [Address, Address];
const EPOCHS = [0, 1];
const secret = (text: string): SecretKey => seeded(text, 32) as SecretKey;
const keyOf = (text: string) => primitives.publicKeyOf(secret(text));
const named = (who: Uint8Array, use: string): string => `${toHex(who)} ${use}`;

function made(): NodeContext {
  const state = new StateOverlay({ get: () => undefined });
  for (const who of [she, he, doctor]) {
    const row = {
      role: 'patient',
      status: 'active',
      home: hospital,
      publicKey: keyOf(named(who, 'account')),
      keyHash: seeded('key hash', 32),
      signingKey: keyOf(named(who, 'signing')),
      receivingKey: keyOf(named(who, 'receiving')),
      enrolledHeight: 0,
    };
    participants.set(state, row as never, toHex(who));
    for (const epoch of EPOCHS)
      delegatingEpochs.set(state, keyOf(named(who, `delegating ${epoch}`)), toHex(who), toHex(category), String(epoch));
  }
  const store = new EnvelopeStore(new WriteGuard(openMemoryStore()));
  const context: Partial<NodeContext> = {
    hospital,
    dutySecret: secret('duty'),
    keeper: new FragmentKeeper(store, {} as ChainStore, state),
    state,
  };
  return { ...context, env: { primitives, chainId }, tip: () => ({ header: { height: 0 } }) } as unknown as NodeContext;
}

function fragmentOf(patient: Address, grant: Uint8Array, epoch: number) {
  const issued = issueFragments(primitives, {
    chainId,
    grantId: grant,
    keyId: { category, epoch },
    delegatingSecret: secret(named(patient, `delegating ${epoch}`)),
    grantee: keyOf(named(doctor, 'receiving')),
    signingSecret: secret(named(patient, 'signing')),
    threshold: 1,
    holders: [{ hospital, dutyKey: keyOf('duty') }],
    entropy: seeded(`${toHex(grant)} ${epoch}`, 32),
  });
  if (!issued.ok) throw new Error(issued.rejection.code);
  const { fragmentId, fragment } = issued.value[0] as IssuedFragment;
  return { category, epoch, fragmentId, fragment };
}

interface Given {
  readonly patient?: Address;
  readonly grantee?: Address;
  readonly from?: Address | null;
}
const ask = (
  context: NodeContext,
  fragments: readonly ReturnType<typeof fragmentOf>[],
  { patient = she, grantee = doctor, from = null }: Given = {},
  grant = grantId,
) => storeFragments(context, { grantId: grant, patient, grantee, fragments }, from);
const of = (epochs: readonly number[], patient = she, grant = grantId) =>
  epochs.map((epoch) => fragmentOf(patient, grant, epoch));

describe('the duty to keep fragments', () => {
  it('signs for fragments that the patient made for this grant, this grantee and these keys, in whatever order they come', async () => {
    const first = await ask(made(), of(EPOCHS));
    expect(first).toMatchObject({ ok: true });
    expect(await ask(made(), of([...EPOCHS].reverse()))).toEqual(first);
  });

  it.each<[string, () => ReturnType<typeof ask>, string]>([
    ['under the name of another patient', () => ask(made(), of([0]), { patient: he }), 'fragment-signature-invalid'],
    ['for another grantee', () => ask(made(), of([0]), { grantee: he }), 'fragment-signature-invalid'],
    ['under another grant', () => ask(made(), of([0], she, seeded('other', 32))), 'wrong-binding'],
    [
      'as of another epoch',
      () =>
        ask(
          made(),
          of([0]).map((one) => ({ ...one, epoch: 1 })),
        ),
      'wrong-binding',
    ],
    ['as of a category that the chain does not know', () => ask(made(), unknownCategory()), 'fragment-foreign'],
    ['with the id of another', () => ask(made(), otherId()), 'fragment-foreign'],
    ['twice', () => ask(made(), of([0, 0])), 'fragment-foreign'],
    ['that two patients made', () => ask(made(), [...of([0]), ...of([1], he)]), 'fragment-signature-invalid'],
  ])('refuses fragments %s', async (_, asked, reason) => {
    const refused = await asked();
    expect(refused.ok ? '' : refused.rejection.code).toContain(reason);
  });

  it('signs again for the same set, and for no larger one', async () => {
    const context = made();
    const first = await ask(context, of([0]));
    expect(first).toMatchObject({ ok: true });
    expect(await ask(context, of(EPOCHS))).toMatchObject({ rejection: { code: 'duty.fragment-exists' } });
    expect(await ask(context, of([0]))).toEqual(first);
  });

  it.each([
    ['clients', "one patient's grants", null, NODE_LIMITS.pendingGrantsPerPatientMax, { patient: he }],
    ['a hospital', 'itself', peer, NODE_LIMITS.pendingGrantsPerHospitalMax, { from: seeded('third', 20) as Address }],
  ])('lets junk of %s shut out %s only', async (_, __, from, pendingMax, other) => {
    const context = made();
    for (let i = 0; i < pendingMax; i++) {
      const junk = seeded(`junk ${i}`, 32);
      expect(await ask(context, of([0], she, junk), { from }, junk)).toMatchObject({ ok: true });
    }
    expect(await ask(context, of([0]), { from })).toMatchObject({ rejection: { code: 'duty.busy' } });
    const patient = 'patient' in other ? other.patient : she;
    expect(await ask(context, of([0], patient), { from, ...other })).toMatchObject({ ok: true });
  });
});

const unknownCategory = () => of([0]).map((one) => ({ ...one, category: seeded('unknown', 16) }));
const otherId = () => of([0]).map((one) => ({ ...one, fragmentId: seeded('other id', 32) as Hash }));
