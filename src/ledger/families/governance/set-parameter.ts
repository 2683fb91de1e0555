import { ok, refuse } from '../../../base/result.ts';
import * as shape from '../../../base/shape.ts';
import { parametersShape } from '../../parameters.ts';
import { parameterRows } from '../../state/tables.ts';
import { change } from './change.ts';

/** One parameter, within the bounds that keep the chain going. */
export const setParameter = change<{ readonly name: string; readonly value: number }>({
  shape: shape.struct({ name: shape.text(64), value: shape.uint() }),
  context: ({ name }) => ({ name }),
  enact: ({ parameters }, state, { name, value }) => {
    if (!Object.hasOwn(parameters, name)) return refuse('proposal.parameter', { name });
    const next = parametersShape({ ...parameters, [name]: value }, 'parameters');
    if (!next.ok) return refuse('proposal.parameter', { name });
    parameterRows.set(state, next.value, 'parameters');
    return ok(null);
  },
});
