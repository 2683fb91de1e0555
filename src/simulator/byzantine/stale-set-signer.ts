import { compareBytes, equal } from '../../base/bytes.ts';
import type { Validator, ValidatorSet } from '../../base/validators.ts';
import type { AnyEngine } from '../../consensus/engines.ts';
import type { MakeBehaviour } from './behaviour.ts';

/** Goes on voting with its first key, as if no vote had removed it or bound another key to it. */
export const staleSetSigner: MakeBehaviour = ({ id, genesisSet }) => {
  const old = genesisSet.find((member) => equal(member.id, id));
  return old === undefined ? {} : { engine: (engine) => blindTo(engine, old) };
};

const blindTo = (engine: AnyEngine, old: Validator): AnyEngine => ({
  ...engine,
  initial: (config) => engine.initial({ ...config, self: old.id }),
  step(state, input) {
    if (input.type !== 'start') return withoutMemory(engine.step(state, input));
    return withoutMemory(engine.step(state, { ...input, validators: withMember(input.validators, old) }));
  },
});

const withMember = (set: ValidatorSet, old: Validator): ValidatorSet =>
  [...set.filter(({ id }) => !equal(id, old.id)), old].sort((a, b) => compareBytes(a.id, b.id));

/** What it signs is written nowhere: the shipped host would ask whether it may. */
const withoutMemory = (step: ReturnType<AnyEngine['step']>): ReturnType<AnyEngine['step']> => ({
  ...step,
  effects: step.effects.filter(({ type }) => type !== 'persist'),
});
