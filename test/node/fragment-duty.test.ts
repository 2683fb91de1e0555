import { describe, expect, it } from 'vitest';
import type { Address, Hash, SecretKey } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { signingDigest } from '../../src/base/digest.ts';
import { type IssuedFragment, issueFragments } from '../../src/crypto/grant-fragment.ts';
import { fragmentReceiptBytes, grantedKeysHashOf } from '../../src/ledger/signed-words.ts';
import { StateOverlay } from '../../src/ledger/state/overlay.ts';
import { delegatingEpochs, participants } from '../../src/ledger/state/tables.ts';
import { askerOf, storeFragments } from '../../src/node/fragment-duty.ts';
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
const KNOWN_EPOCHS = Array.from({ length: 20 }, (_, epoch) => epoch);
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
    for (const epoch of KNOWN_EPOCHS)
      delegatingEpochs.set(state, keyOf(named(who, `delegating ${epoch}`)), toHex(who), toHex(category), String(epoch));
  }
  const store = new EnvelopeStore(new WriteGuard(openMemoryStore()));
  const context: Partial<NodeContext> = {
    hospital,
    dutySecret: secret('duty'),
    keeper: new FragmentKeeper(store, {} as ChainStore, state, () => 0),
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
    ['that leave out an epoch between two', () => ask(made(), of([0, 2])), 'fragment-gap'],
    ['twice', () => ask(made(), of([0, 0])), 'fragment-gap'],
    ['that two patients made', () => ask(made(), [...of([0]), ...of([1], he)]), 'fragment-signature-invalid'],
  ])('refuses fragments %s', async (_, asked, reason) => {
    const refused = await asked();
    expect(refused.ok ? '' : refused.rejection.code).toContain(reason);
  });

  it('signs what the ledger asks of a grant of that patient to that grantee for those keys, and nothing else', async () => {
    const signed = await ask(made(), of(EPOCHS));
    if (!signed.ok) throw new Error(signed.rejection.code);
    const { fragmentsHash, signature } = signed.value;
    const verifies = (patient: Address, grantee: Address, epochTo: number): boolean => {
      const keysHash = grantedKeysHashOf(primitives, [{ category, epochFrom: 0, epochTo }]);
      const person = { type: 'person', id: toHex(grantee) } as const;
      const words = fragmentReceiptBytes(chainId, { grantId, patient, grantee: person, keysHash, fragmentsHash });
      return primitives.verify(signingDigest(primitives, 'fragment-receipt', words), signature, keyOf('duty'));
    };
    expect(verifies(she, doctor, 1)).toBe(true);
    expect([verifies(he, doctor, 1), verifies(she, he, 1), verifies(she, doctor, 0)]).toEqual([false, false, false]);
  });

  it('signs again for the same set, and for no larger one', async () => {
    const context = made();
    const first = await ask(context, of([0]));
    expect(first).toMatchObject({ ok: true });
    expect(await ask(context, of(EPOCHS))).toMatchObject({ rejection: { code: 'duty.fragment-exists' } });
    expect(await ask(context, of([0]))).toEqual(first);
  });

  it('looks first whether it may keep them: what is refused for want of room or as another set costs no verification', async () => {
    const context = made();
    let verified = 0;
    const { verify } = context.env.primitives;
    const counting = {
      ...context,
      env: {
        ...context.env,
        primitives: {
          ...context.env.primitives,
          verify: (...given: Parameters<typeof verify>) => {
            verified++;
            return verify(...given);
          },
        },
      },
    } as NodeContext;
    expect(await ask(counting, of([0]))).toMatchObject({ ok: true });
    expect(verified).toBeGreaterThan(0);
    verified = 0;
    expect(await ask(counting, of(EPOCHS))).toMatchObject({ rejection: { code: 'duty.fragment-exists' } });
    expect(await ask(counting, unknownCategory())).toMatchObject({ rejection: { code: 'duty.fragment-foreign' } });
    const stranger = seeded('stranger', 20) as Address;
    expect(await ask(counting, of([0]), { patient: stranger })).toMatchObject({
      rejection: { code: 'duty.fragment-foreign' },
    });
    expect(verified).toBe(0);
  });

  it('verifies a few at a time: the event loop has its turn between', async () => {
    const context = made();
    const epochs = Array.from({ length: 2 * NODE_LIMITS.verifiedFragmentsAtOnce + 1 }, (_, i) => i);
    const fragments = of(epochs);
    let turns = 0;
    const spinning = { on: true };
    const spin = (): void => {
      turns++;
      if (spinning.on) setImmediate(spin);
    };
    setImmediate(spin);
    expect(await ask(context, fragments)).toMatchObject({ ok: true });
    spinning.on = false;
    expect(turns).toBeGreaterThanOrEqual(2);
  });

  it.each([
    ['clients', "one patient's grants", null, { patient: he }],
    ['a hospital for one patient', 'those of that patient by itself', peer, { patient: he }],
    ['a hospital for one patient', 'itself', peer, { from: seeded('third', 20) as Address }],
  ])('lets junk of %s shut out %s only', async (_, __, from, other) => {
    const context = made();
    for (let i = 0; i < NODE_LIMITS.pendingGrantsPerPatientMax; i++) {
      const junk = seeded(`junk ${i}`, 32);
      expect(await ask(context, of([0], she, junk), { from }, junk)).toMatchObject({ ok: true });
    }
    expect(await ask(context, of([0]), { from })).toMatchObject({ rejection: { code: 'duty.busy' } });
    const patient = 'patient' in other ? other.patient : she;
    expect(await ask(context, of([0], patient), { from, ...other })).toMatchObject({ ok: true });
  });

  it('counts what a hospital leaves for all of its patients together', () => {
    const { pendingGrantsPerHospitalMax: pendingGrantsMax } = NODE_LIMITS;
    expect(askerOf(peer, she)).toEqual({ ...askerOf(peer, he), pendingGrantsMax });
    expect(askerOf(null, she).name).not.toBe(askerOf(null, he).name);
  });
});

const unknownCategory = () => of([0]).map((one) => ({ ...one, category: seeded('unknown', 16) }));
const otherId = () => of([0]).map((one) => ({ ...one, fragmentId: seeded('other id', 32) as Hash }));
