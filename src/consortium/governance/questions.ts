import { LIMITS } from '../../base/limits.ts';
import * as shape from '../../base/shape.ts';
import { ClientError } from '../../client/errors.ts';
import type { Http } from '../../client/http.ts';
import { address, fields, hash, pageOf, publicKey, readJson } from '../../client/json-shape.ts';

const ANSWER_BYTES_MAX = 4 * 1_048_576;
const PAGE_ITEMS = 200;
/** Of the list of proposals: 10,000 of them. */
const PAGES_MAX = 50;
const HOSPITALS_MAX = 256;

const setShape = shape.list(fields({ id: address, publicKey }), LIMITS.validatorsMax);
const governanceShape = fields({
  height: shape.uint(),
  validators: setShape,
  scheduled: shape.nullable(fields({ proposal: hash, activationHeight: shape.uint(), validators: setShape })),
  changeDelayHeights: shape.uint(),
  parameters: shape.anyMap,
});
export type Governance = shape.Shaped<typeof governanceShape>;

const proposalShape = fields({
  proposal: hash,
  proposer: address,
  change: shape.text(32),
  value: shape.anyMap,
  lastHeight: shape.uint(),
  votes: shape.list(fields({ hospital: address, yes: shape.boolean }), LIMITS.validatorsMax),
  status: shape.oneOf('open', 'passed', 'rejected', 'expired'),
});
export type ProposalAnswer = shape.Shaped<typeof proposalShape>;

const hospitalShape = fields({
  id: address,
  name: shape.text(120),
  tier: shape.text(32),
  status: shape.text(32),
  validator: shape.boolean,
});
export type HospitalAnswer = shape.Shaped<typeof hospitalShape>;

const get = async <T>(http: Http, path: string, as: shape.Shape<T>): Promise<T> =>
  readJson(await http.whole({ method: 'GET', path }, ANSWER_BYTES_MAX), as);

/** Who decides, and by which parameters, as this hospital's node has it. */
export const askGovernance = (http: Http): Promise<Governance> => get(http, '/v1/governance', governanceShape);

/** Gas that one transaction may use on this chain. */
export function gasLimitMaxOf({ parameters }: Governance): number {
  const { transactionGasMax } = parameters;
  if (Number.isSafeInteger(transactionGasMax)) return transactionGasMax as number;
  throw new ClientError('client-http.malformed-answer');
}

export const askHospitals = (http: Http): Promise<readonly HospitalAnswer[]> =>
  get(http, '/v1/hospitals', shape.list(hospitalShape, HOSPITALS_MAX));

/** All that the chain knows of, in the order of their ids. */
export async function askProposals(http: Http): Promise<readonly ProposalAnswer[]> {
  const found: ProposalAnswer[] = [];
  let after: string | null = null;
  for (let page = 0; page < PAGES_MAX; page++) {
    const query: Record<string, string | number> = { limit: PAGE_ITEMS, ...(after === null ? {} : { after }) };
    const bytes = await http.whole({ method: 'GET', path: '/v1/proposals', query }, ANSWER_BYTES_MAX);
    const answer: { readonly items: readonly ProposalAnswer[]; readonly next: string | null } = readJson(
      bytes,
      pageOf(proposalShape, PAGE_ITEMS),
    );
    found.push(...answer.items);
    after = answer.next;
    if (after === null) break;
  }
  return found;
}
