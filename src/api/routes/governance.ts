import { assert } from '../../base/assert.ts';
import { decode } from '../../base/canonical.ts';
import { LIMITS } from '../../base/limits.ts';
import { changeDelayOf } from '../../ledger/parameters.ts';
import { parametersOf } from '../../ledger/parameters-of.ts';
import { type Proposal, pendingHospitals, proposals, schedules } from '../../ledger/state/tables.ts';
import { aboutConsortiumUnsigned } from '../access.ts';
import { json } from '../answers.ts';
import { pageLimit } from '../paging.ts';
import { reading } from '../reading.ts';
import type { Route } from '../route.ts';
import {
  address,
  bool,
  hash,
  list,
  nullable,
  oneOf,
  pageOf,
  pageQuery,
  publicKey,
  struct,
  text,
  uint,
} from '../schemas.ts';

const validators = list(struct({ id: address, publicKey }));

const governance: Route = {
  method: 'GET',
  path: '/v1/governance',
  tag: 'governance',
  summary: 'Who decides the next height, the change of the set that is to come, and the parameters',
  access: aboutConsortiumUnsigned('viewStatus'),
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: struct({
      height: uint(),
      validators,
      validatorsSince: uint(),
      scheduled: nullable(struct({ proposal: hash, activationHeight: uint(), validators })),
      pending: list(struct({ hospital: address, lastHeight: uint() })),
      changeDelayHeights: uint(),
      parameters: { type: 'object', additionalProperties: uint() },
    }),
  },
  handle: ({ service }) => {
    const { header, validators: set, validatorsSince, view } = service.tip();
    const parameters = parametersOf(service.env, view);
    return json({
      height: header.height,
      validators: set,
      validatorsSince,
      scheduled: schedules.get(view, 'schedule') ?? null,
      pending: pendingHospitals.get(view, 'pending') ?? [],
      changeDelayHeights: changeDelayOf(service.env.genesis.engine, parameters),
      parameters,
    });
  },
};

/** Open ones whose time is over pass no more, whatever their row still says. */
function proposalFace(id: string, { value, status, ...row }: Proposal, nextHeight: number): object {
  const decoded = decode(value, LIMITS.transactionBytesMax);
  assert(decoded.ok, 'a stored proposal decodes');
  const expired = status === 'open' && row.lastHeight < nextHeight;
  return { proposal: id, ...row, value: decoded.value, status: expired ? 'expired' : status };
}

const listProposals: Route = {
  method: 'GET',
  path: '/v1/proposals',
  tag: 'governance',
  summary: 'Changes that hospitals have proposed, with the votes on each, by the transaction that proposed it',
  access: aboutConsortiumUnsigned('viewStatus'),
  query: pageQuery,
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: pageOf(
      struct({
        proposal: hash,
        proposer: address,
        change: text(32),
        value: { type: 'object', description: 'As it was proposed; bytes in hexadecimal.' },
        height: uint(),
        lastHeight: uint(),
        votes: list(struct({ hospital: address, yes: bool })),
        status: oneOf('open', 'passed', 'rejected', 'expired'),
      }),
    ),
  },
  handle: async ({ service, query }) => {
    const prefix = proposals.key('');
    const limit = pageLimit(query);
    const keys = await service.stateKeys(prefix, query.after === undefined ? null : prefix + query.after, limit);
    return reading(service, (view) => {
      const items = keys.flatMap((key) => {
        const id = key.slice(prefix.length);
        const row = proposals.get(view, id);
        return row === undefined ? [] : [proposalFace(id, row, view.height + 1)];
      });
      return json({ items, next: keys.length < limit ? null : (keys.at(-1) as string).slice(prefix.length) });
    });
  },
};

export const governanceRoutes: readonly Route[] = [governance, listProposals];
