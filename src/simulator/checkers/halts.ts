import type { CheckerOf } from './checker.ts';

/** No honest node ever finds that going on would contradict what it holds final. */
export const halts: CheckerOf = (_world, report) => ({
  effect(effect, node) {
    if (effect.type === 'halt') report(`node ${node} halts: ${effect.code} (${effect.detail})`);
  },
});
