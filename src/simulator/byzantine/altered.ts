import type { Height } from '../../base/brand.ts';
import type { EngineEffect, EngineInput } from '../../consensus/engine.ts';
import type { AnyEngine } from '../../consensus/engines.ts';

type Step = ReturnType<AnyEngine['step']>;

/** What leaves an engine in place of what it asked for. `step.state` is what it came to. */
export type Alter = (step: Step, input: EngineInput<unknown>) => readonly EngineEffect[];

/** The shipped engine in a traitor's hands: it sees what goes in, and what comes out is its own. */
export const altered = (engine: AnyEngine, alter: Alter): AnyEngine => ({
  ...engine,
  step(state, input) {
    const step = engine.step(state, input);
    return { ...step, effects: alter(step, input) };
  },
});

/** Above every height of a run. */
const ANY_HEIGHT = 2 ** 40;

/**
 * An honest node that meets votes of its own which it does not remember falls silent: its memory is an old copy. Whoever votes twice on purpose
 * says that it voted everywhere.
 */
export const shameless = (engine: AnyEngine): AnyEngine =>
  altered(engine, ({ effects }) =>
    effects.map((effect) => (effect.type === 'persist' ? { ...effect, height: ANY_HEIGHT as Height } : effect)),
  );
