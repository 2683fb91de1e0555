import { toHex } from '../../base/bytes.ts';
import type { KindName, Payload } from '../../ledger/families/payloads.ts';
import type { Tier } from '../../ledger/vocabulary.ts';
import { CONSORTIUM_CODES } from '../codes.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { readCandidate } from '../governance/candidate.ts';
import { activationHeightOf, hospitalNamed, keyChange, type Proposed } from '../governance/changes.ts';
import { atDesk, type DeskOptions, type HospitalDesk } from '../governance/hospital-desk.ts';
import { nextKeyOf } from '../governance/next-key.ts';
import { policyChange } from '../governance/policy-change.ts';
import { askGovernance, askHospitals, askProposals, gasLimitMaxOf } from '../governance/questions.ts';
import { CommandError, type Output, usageError } from '../output.ts';

export interface ChangeOptions extends DeskOptions {
  /** The first height that a changed validator set decides. */
  readonly at?: number;
  /** For a hospital that validated before: its earlier key comes back under nobody. */
  readonly newKey?: boolean;
  /** Ids of policies that go. */
  readonly retire?: readonly string[];
}

const statusChange =
  (status: 'suspended' | 'active' | 'removed') =>
  async (desk: HospitalDesk, [hospital = '']: readonly string[]): Promise<Proposed> => ({
    change: 'setHospitalStatus',
    value: { hospital: hospitalNamed(await askHospitals(desk.http), hospital), status },
  });

export type ChangeName =
  | 'admit'
  | 'suspend'
  | 'reinstate'
  | 'remove'
  | 'tier'
  | 'parameter'
  | 'policies'
  | 'add-validator'
  | 'remove-validator';
type MakeChange = (desk: HospitalDesk, words: readonly string[], options: ChangeOptions) => Promise<Proposed>;

/** What `carechain governance propose` can ask for: the changes of `ledger/families/governance/changes.ts`, in people's words. */
const CHANGES: Readonly<Record<ChangeName, MakeChange>> = {
  admit: async (_desk, [file = '']) => ({ change: 'admitHospital', value: { ...(await readCandidate(file)) } }),
  suspend: statusChange('suspended'),
  reinstate: statusChange('active'),
  remove: statusChange('removed'),
  tier: async (desk, [hospital = '', tier]) => ({
    change: 'setHospitalTier',
    value: { hospital: hospitalNamed(await askHospitals(desk.http), hospital), tier: tier as Tier },
  }),
  parameter: async (desk, [name = '', text = '']) => {
    const { parameters } = await askGovernance(desk.http);
    if (!Object.hasOwn(parameters, name))
      throw usageError(`there is no parameter ${name}; there are ${Object.keys(parameters).sort().join(', ')}`);
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value)) throw usageError(`${text} is no whole number`);
    return { change: 'setParameter', value: { name, value } };
  },
  policies: policyChange,
  'add-validator': async (desk, _words, { at, newKey }) => {
    const { device, keys } = desk;
    const key =
      newKey === true
        ? await nextKeyOf(desk)
        : { secretKey: keys.validator, publicKey: device.primitives.publicKeyOf(keys.validator) };
    return keyChange(desk, 'addValidator', key, activationHeightOf(await askGovernance(desk.http), at));
  },
  'remove-validator': async (desk, [hospital = ''], { at }) => ({
    change: 'removeValidator',
    value: {
      hospital: hospitalNamed(await askHospitals(desk.http), hospital),
      activationHeight: activationHeightOf(await askGovernance(desk.http), at),
    },
  }),
};

/** `carechain governance propose`: 0 where the chain holds the proposal; its id is the transaction's. */
export function governancePropose(
  name: ChangeName,
  words: readonly string[],
  options: ChangeOptions,
  output: Output,
): Promise<ExitCode> {
  return atDesk(options, async (desk) => {
    await propose(desk, await CHANGES[name](desk, words, options), output);
    return EXIT.holds;
  });
}

/** Puts a change to the vote, and says how the others vote on it. */
export async function propose(desk: HospitalDesk, proposed: Proposed, output: Output): Promise<void> {
  const { id, height } = await sendApplied(desk, 'propose', proposed);
  const { activationHeight } = proposed.value as { readonly activationHeight?: number };
  const when =
    activationHeight === undefined ? '' : `, active from height ${activationHeight} on where it passes in time`;
  output.result(
    {
      proposal: toHex(id),
      change: proposed.change,
      height,
      ...(activationHeight !== undefined && { activationHeight }),
    },
    `${proposed.change} is proposed${when}\nproposal  ${toHex(id)}`,
  );
  output.say(`each validator votes: carechain governance vote ${toHex(id)} yes --data <its folder>`);
}

/** `carechain governance vote`. */
export function governanceVote(
  given: string,
  choice: 'yes' | 'no',
  options: DeskOptions,
  output: Output,
): Promise<ExitCode> {
  return atDesk(options, (desk) => vote(desk, given, choice, output));
}

async function vote(desk: HospitalDesk, given: string, choice: 'yes' | 'no', output: Output): Promise<ExitCode> {
  const proposal = await proposalNamed(desk, given);
  const { height } = await sendApplied(desk, 'vote', { proposal, choice });
  const { status, votes } = (await askProposals(desk.http)).find((one) => toHex(one.proposal) === toHex(proposal)) ?? {
    status: 'open',
    votes: [],
  };
  const yes = votes.filter((vote) => vote.yes).length;
  output.result(
    { proposal: toHex(proposal), choice, height, status, yes, no: votes.length - yes },
    `voted ${choice} at height ${height}: ${status}, ${yes} yes, ${votes.length - yes} no`,
  );
  return EXIT.holds;
}

/** By its id, or by a beginning of it that no other has. */
async function proposalNamed(desk: HospitalDesk, given: string): Promise<Payload<'vote'>['proposal']> {
  const found = /^[0-9a-f]{6,64}$/.test(given)
    ? (await askProposals(desk.http)).filter(({ proposal }) => toHex(proposal).startsWith(given))
    : [];
  const [only, another] = found;
  if (only === undefined || another !== undefined)
    throw usageError(`${given} is the beginning of ${only === undefined ? 'no' : 'more than one'} proposal's id`);
  return only.proposal;
}

/**
 * Sends with the hospital's account key, waits for the block, and throws what the chain says where it was not applied. With as much gas as the
 * chain allows one transaction: a change of the policies needs more than most (`LEDGER_GAS`), and what is not used is not counted.
 */
async function sendApplied<K extends KindName>(desk: HospitalDesk, kind: K, payload: Payload<K>) {
  const gasLimit = gasLimitMaxOf(await askGovernance(desk.http));
  const { id, height, receipt } = await desk.session.send(kind, payload, { gasLimit });
  if (receipt.outcome === 'applied') return { id, height };
  const code = 'consortium-command.not-applied';
  const reason = receipt.code ?? receipt.outcome;
  throw new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${reason}`, {
    exitCode: EXIT.violated,
    detail: { outcome: receipt.outcome, reason, height },
  });
}
