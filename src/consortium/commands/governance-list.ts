import { toHex } from '../../base/bytes.ts';
import { quorumOf } from '../../base/validators.ts';
import type { Http } from '../../client/http.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { atDesk, type DeskOptions } from '../governance/hospital-desk.ts';
import {
  askGovernance,
  askHospitals,
  askProposals,
  type Governance,
  type HospitalAnswer,
  type ProposalAnswer,
} from '../governance/questions.ts';
import type { Output } from '../output.ts';

export interface ListOptions extends DeskOptions {
  /** Those too that are decided or whose time is over. */
  readonly all?: boolean;
}

/** `carechain governance list`: the hospitals, what is to come, and what is under vote. */
export function governanceList(options: ListOptions, output: Output): Promise<ExitCode> {
  return atDesk(options, ({ http }) => list(http, options, output));
}

async function list(http: Http, options: ListOptions, output: Output): Promise<ExitCode> {
  const [governance, hospitals, known] = await Promise.all([
    askGovernance(http),
    askHospitals(http),
    askProposals(http),
  ]);
  const proposals = known.filter(({ status }) => options.all === true || status === 'open');
  output.result(facts(governance, hospitals, proposals), text(governance, hospitals, proposals));
  return EXIT.holds;
}

const facts = (
  { height, validators, scheduled }: Governance,
  hospitals: readonly HospitalAnswer[],
  proposals: readonly ProposalAnswer[],
): object => ({
  height,
  validators: validators.map(({ id }) => toHex(id)),
  scheduled: scheduled && { proposal: toHex(scheduled.proposal), activationHeight: scheduled.activationHeight },
  hospitals: hospitals.map(({ id, ...hospital }) => ({ id: toHex(id), ...hospital })),
  proposals: proposals.map(({ proposal, proposer, change, value, lastHeight, votes, status }) => ({
    proposal: toHex(proposal),
    proposer: toHex(proposer),
    change,
    value,
    lastHeight,
    votes: votes.map(({ hospital, yes }) => ({ hospital: toHex(hospital), yes })),
    status,
  })),
});

function text(
  { height, validators, scheduled }: Governance,
  hospitals: readonly HospitalAnswer[],
  proposals: readonly ProposalAnswer[],
): string {
  const next = scheduled === null ? 'none' : `from height ${scheduled.activationHeight} on`;
  return [
    `height      ${height}`,
    `validators  ${validators.length}, ${quorumOf(validators.length)} of them make a quorum`,
    `next set    ${next}`,
    ...hospitals.map(
      ({ id, name, tier, status, validator }) =>
        `hospital    ${toHex(id)}  ${status}, ${tier}${validator ? ', validates' : ''}  ${name}`,
    ),
    ...proposals.map(({ proposal, change, value, lastHeight, votes, status }) => {
      const yes = votes.filter((vote) => vote.yes).length;
      const tally = `${status} until height ${lastHeight}, ${yes} yes, ${votes.length - yes} no`;
      return `proposal    ${toHex(proposal)}  ${change} ${aboutOf(value)}  ${tally}`;
    }),
    ...(proposals.length === 0 ? ['proposals   none under vote'] : []),
  ].join('\n');
}

/** What a change is about, in a line: no keys, no signatures. */
const aboutOf = (value: Readonly<Record<string, unknown>>): string =>
  ['name', 'hospital', 'status', 'tier', 'value', 'activationHeight']
    .filter((field) => Object.hasOwn(value, field))
    .map((field) => `${field}=${String(value[field])}`)
    .join(' ');
