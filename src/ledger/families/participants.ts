import type { Address } from '../../base/brand.ts';
import { equal, toHex } from '../../base/bytes.ts';
import { addressOf, signingDigest } from '../../base/digest.ts';
import { ok, refuse } from '../../base/result.ts';
import { categoryOf } from '../category.ts';
import { hospitalUid, strangerUid, uidOf } from '../principal.ts';
import { possessionBytes } from '../signed-words.ts';
import type { StateReader } from '../state/table.ts';
import {
  delegatingEpochs,
  delegatingKeys,
  handles,
  hospitalKeys,
  hospitals,
  keyBindings,
  type Participant,
  participants,
} from '../state/tables.ts';
import { isKeyFree } from './governance/hospital-keys.ts';
import { type Ask, event, type Kind, NO_CONCERN, NO_SIGNATURES, type Setting } from './kind.ts';

/** A new id from a new key. That an admitted hospital co-signed is a rule of admission: see `admission.ts`. */
export const enrol: Kind<'enrol'> = {
  signatures: () => 1,
  asks: (_setting, _state, { hospital, role }) => [{ resource: hospitalUid(hospital), context: { role } }],
  concern: (setting) => ({ ...NO_CONCERN, owner: setting.sender }),
  apply: (setting, state, payload) => {
    const id = toHex(setting.sender);
    if (keyBindings.get(state, id) !== undefined) return refuse('participant.exists');
    if (hospitalKeys.get(state, id) !== undefined) return refuse('participant.key-in-use');
    const home = toHex(payload.hospital);
    const handle = toHex(payload.handle);
    if (handles.get(state, home, handle) !== undefined) return refuse('participant.duplicate-handle');
    const { publicKey } = setting;
    keyBindings.set(state, { id: setting.sender, retired: false }, id);
    handles.set(state, setting.sender, home, handle);
    participants.set(
      state,
      {
        role: payload.role,
        status: 'pending',
        home: payload.hospital,
        publicKey,
        keyHash: setting.primitives.hash(publicKey),
        signingKey: payload.signingKey,
        receivingKey: payload.receivingKey,
        enrolledHeight: setting.height,
      },
      id,
    );
    return ok([event('Enrolled', setting.sender, setting.sender), event('Enrolled', payload.hospital, setting.sender)]);
  },
};

type StatusKind = 'admit' | 'suspend' | 'reinstate';

/** pending → active → suspended → active: who may do which step is policy, that the step exists is here. */
const statusStep = (from: Participant['status'], to: Participant['status'], name: string): Kind<StatusKind> => ({
  signatures: NO_SIGNATURES,
  asks: (_setting, state, { participant }) => aboutParticipant(state, participant),
  concern: (_setting, _state, { participant }) => ({ ...NO_CONCERN, owner: participant }),
  apply: (_setting, state, { participant }) => {
    const id = toHex(participant);
    const row = participants.get(state, id);
    if (row === undefined) return refuse('participant.unknown');
    if (row.status !== from) return refuse('participant.wrong-status', { status: row.status });
    participants.set(state, { ...row, status: to }, id);
    return ok([event(name, participant, participant), event(name, row.home, participant)]);
  },
});

export const admit = statusStep('pending', 'active', 'Admitted');
export const suspend = statusStep('active', 'suspended', 'Suspended');
export const reinstate = statusStep('suspended', 'active', 'Reinstated');

/** An unknown id is a resource without attributes: no policy finds anything to permit. */
const aboutParticipant = (state: StateReader, id: Address): readonly Ask[] => [
  { resource: uidOf(state, id) ?? strangerUid(id), context: {} },
];

const aboutSelf = (setting: Setting, state: StateReader): readonly Ask[] => aboutParticipant(state, setting.sender);
const concernsSelf = (setting: Setting) => ({ ...NO_CONCERN, owner: setting.sender });

/** The id stays, its key changes: nonce and grants belong to the id (CHAIN.md, "Who"). */
export const rotateKey: Kind<'rotateKey'> = {
  signatures: () => 1,
  asks: aboutSelf,
  concern: concernsSelf,
  apply: (setting, state, { newKey, possession }) => {
    const { primitives, chainId, sender } = setting;
    const newAddress = addressOf(primitives, newKey);
    if (!isKeyFree(primitives, state, newKey)) return refuse('participant.key-in-use');
    const digest = signingDigest(primitives, 'key-possession', possessionBytes(chainId, sender, newKey));
    if (!primitives.verify(digest, possession, newKey)) return refuse('participant.no-possession');
    keyBindings.set(state, { id: sender, retired: true }, toHex(setting.keyAddress));
    keyBindings.set(state, { id: sender, retired: false }, toHex(newAddress));
    const id = toHex(sender);
    const person = participants.get(state, id);
    if (person !== undefined) participants.set(state, { ...person, publicKey: newKey }, id);
    const hospital = hospitals.get(state, id);
    if (hospital !== undefined)
      hospitals.set(state, { ...hospital, record: { ...hospital.record, accountKey: newKey } }, id);
    return ok([event('KeyRotated', sender, sender)]);
  },
};

/** Epoch 0 opens a category, whose id is the key's own; each later epoch replaces the key (PRIVACY.md, "Keys"). */
export const publishDelegatingKey: Kind<'publishDelegatingKey'> = {
  signatures: NO_SIGNATURES,
  asks: aboutSelf,
  concern: concernsSelf,
  apply: (setting, state, { category, epoch, publicKey, label }) => {
    const owner = toHex(setting.sender);
    const current = delegatingKeys.get(state, owner, toHex(category));
    if (epoch !== (current === undefined ? 0 : current.epoch + 1)) return refuse('delegating-key.epoch', { epoch });
    if (current === undefined && !equal(category, categoryOf(setting.primitives, publicKey)))
      return refuse('delegating-key.category');
    delegatingKeys.set(state, { epoch, publicKey, label }, owner, toHex(category));
    delegatingEpochs.set(state, publicKey, owner, toHex(category), String(epoch));
    return ok([event('DelegatingKeyPublished', setting.sender, category)]);
  },
};
