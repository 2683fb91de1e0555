import { assert } from '../../../base/assert.ts';
import type { Height } from '../../../base/brand.ts';
import { equal, toHex } from '../../../base/bytes.ts';
import { type Canonical, decode, encode } from '../../../base/canonical.ts';
import { LIMITS } from '../../../base/limits.ts';
import { ok, refuse } from '../../../base/result.ts';
import type { Value } from '../../../vm/index.ts';
import { CONSORTIUM } from '../../principal.ts';
import { type Proposal, proposals, validatorSets } from '../../state/tables.ts';
import { event, type Kind, NO_CONCERN, NO_SIGNATURES } from '../kind.ts';
import { type NamedChange, readChange } from './changes.ts';
import { tally, votesOf } from './tally.ts';
import { memberOf } from './validator-plans.ts';

/** What the policies see of a change. Its details are left out where its value is not of its form: then applying fails. */
const contextOf = (name: string, known: NamedChange | undefined): Readonly<Record<string, Value>> => ({
  ...known?.change.context(known.value),
  change: name,
});

/** The change of a stored proposal: it was read before it was stored. */
function storedChange({ change, value }: Proposal): NamedChange {
  const decoded = decode(value, LIMITS.transactionBytesMax);
  const known = decoded.ok ? readChange(change, decoded.value) : undefined;
  assert(known !== undefined, 'a stored proposal reads back');
  return known;
}

export const propose: Kind<'propose'> = {
  signatures: ({ change, value }) => readChange(change, value)?.change.signatures ?? 0,
  work: (_state, { change, value }) => {
    const known = readChange(change, value);
    return known === undefined ? 0 : known.change.work(known.value);
  },
  asks: (_setting, _state, { change, value }) => [
    { resource: CONSORTIUM, context: contextOf(change, readChange(change, value)) },
  ],
  concern: () => NO_CONCERN,
  apply: (setting, state, { change, value }) => {
    const known = readChange(change, value);
    if (known === undefined) return refuse('proposal.malformed');
    const { sender, height, transactionId, parameters } = setting;
    const lastHeight = (height + parameters.proposalExpiryHeights) as Height;
    const proposed = known.change.propose(setting, state, known.value, lastHeight);
    if (!proposed.ok) return proposed;
    const bytes = encode(value as Canonical);
    const proposal = { proposer: sender, change, value: bytes, height, lastHeight, votes: [], status: 'open' } as const;
    proposals.set(state, proposal, toHex(transactionId));
    return ok([event('Proposed', sender, transactionId)]);
  },
};

/** Tallied at once, by the set of this height. */
export const vote: Kind<'vote'> = {
  signatures: NO_SIGNATURES,
  work: (state, { proposal: id }) => {
    const proposal = proposals.get(state, toHex(id));
    return proposal === undefined ? 0 : storedChange(proposal).change.voteWork;
  },
  asks: (_setting, state, { proposal: id, choice }) => {
    const proposal = proposals.get(state, toHex(id));
    const context = proposal === undefined ? { change: 'unknown' } : contextOf(proposal.change, storedChange(proposal));
    return [{ resource: CONSORTIUM, context: { ...context, choice } }];
  },
  concern: () => NO_CONCERN,
  apply: (setting, state, { proposal: id, choice }) => {
    const proposal = proposals.get(state, toHex(id));
    if (proposal === undefined) return refuse('proposal.unknown');
    if (proposal.status !== 'open' || setting.height > proposal.lastHeight) return refuse('proposal.closed');
    const set = validatorSets.get(state, 'validators') ?? [];
    if (memberOf(set, setting.sender) === undefined) return refuse('governance.no-validator');
    const earlier = votesOf(set, proposal.votes);
    if (earlier.some(({ hospital }) => equal(hospital, setting.sender))) return refuse('proposal.voted');
    const votes = [...earlier, { hospital: setting.sender, yes: choice === 'yes' }];
    const status = tally(set, votes, setting.parameters);
    const { change, value } = storedChange(proposal);
    if (status === 'passed') {
      const enacted = change.enact(setting, state, value, id);
      if (!enacted.ok) return enacted;
    }
    if (status === 'rejected') change.reject(setting, state, value);
    proposals.set(state, { ...proposal, votes, status }, toHex(id));
    return ok(status === 'open' ? [] : [event(status === 'passed' ? 'Passed' : 'Rejected', proposal.proposer, id)]);
  },
};
