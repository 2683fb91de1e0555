import { asIs, type MakeBehaviour, NOTHING } from './behaviour.ts';

/** Leads with blocks that hold nobody's transactions, and passes on none of its clients'. */
export const censor: MakeBehaviour = () => ({
  ledger: (ledger) => ({ ...ledger, build: (tip, input) => ledger.build(tip, { ...input, candidates: [] }) }),
  outgoing: (_to, channel, bytes) => (channel === 'transactions' ? NOTHING : asIs(bytes)),
});
