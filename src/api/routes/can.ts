import { setImmediate } from 'node:timers/promises';
import type { Address } from '../../base/brand.ts';
import { toHex } from '../../base/bytes.ts';
import { LIMITS } from '../../base/limits.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { Moment } from '../../ledger/can/could-read.ts';
import type { StateRows } from '../../ledger/can/state-rows.ts';
import {
  type CanPage,
  type CanPlace,
  LOOKED_THROUGH,
  readableRecords,
  recordReaders,
} from '../../ledger/can/who-reads-what.ts';
import type { LedgerEnv } from '../../ledger/chain.ts';
import { aboutItem, aboutParticipant } from '../access.ts';
import { json } from '../answers.ts';
import { API_LIMITS } from '../limits.ts';
import { listedState, listKeys } from '../listed-state.ts';
import { pageLimit } from '../paging.ts';
import { hexParameter } from '../reading.ts';
import type { Answer, Call, Route } from '../route.ts';
import { address, hex, list, pageOf, pageQuery, struct, text } from '../schemas.ts';
import type { NodeService } from '../service.ts';

/** "What can X see", answered by the engine on the state at the tip, for who may know. */

const purposes = list(struct({ purpose: text(16), policies: list(text(128), LIMITS.policiesMax) }));
const query = {
  ...pageQuery,
  limit: { ...pageQuery.limit, description: `Rows that one page looks through, at most ${API_LIMITS.pageItemsMax}.` },
};

type LookThrough = (env: LedgerEnv, state: StateRows, moment: Moment, place: CanPlace) => Result<CanPage<unknown>>;

/**
 * One page. It pays for the rows that it looks through, and tells of those that count: it may be empty and still have a next one. Where
 * it ended depends on no row's content, and the place is sealed, for it is somebody else's row.
 */
async function pageOver(call: Call, prefixes: readonly string[], look: LookThrough): Promise<Result<Answer>> {
  const { shared, remoteAddress, query: asked } = call;
  const limit = pageLimit(asked);
  const question = questionOf(call);
  const after = asked.after === undefined ? null : shared.places.open(question, asked.after);
  if (after === undefined) return refuse('api-request.invalid', { at: '/after' });
  const release = shared.canPages.take(callerOf(call));
  if (release === undefined) return refuse('api-limit.rate');
  try {
    if (!shared.charge(remoteAddress, Math.ceil(limit / API_LIMITS.canRowsPerToken) - 1))
      return refuse('api-limit.rate');
    const page = await lookUp(call.service, prefixes, look, { after, limit });
    if (!page.ok) return page;
    const { items, next } = page.value;
    return json({ items, next: next === null ? null : shared.places.seal(question, next) });
  } finally {
    release();
  }
}

/** A few rows at a time, all of one state: a page never holds the node up for long. */
async function lookUp(
  service: NodeService,
  prefixes: readonly string[],
  look: LookThrough,
  { after, limit }: CanPlace,
): Promise<Result<CanPage<unknown>>> {
  const keys = await listKeys(service, prefixes, after, limit);
  const { header } = service.tip();
  const view = service.view();
  try {
    const state = listedState(view, keys);
    const items: unknown[] = [];
    let next = after;
    for (let left = limit; left > 0; left -= API_LIMITS.canRowsAtOnce) {
      const some = look(service.env, state, header, { after: next, limit: Math.min(left, API_LIMITS.canRowsAtOnce) });
      if (!some.ok) return some;
      items.push(...some.value.items);
      next = some.value.next;
      if (next === null) break;
      await setImmediate();
    }
    return ok({ items, next });
  } finally {
    view.close();
  }
}

const callerOf = ({ caller }: Call): string => (caller === null ? 'anonymous' : toHex(caller.keyAddress));

/** Who asks and what: whoever else comes with the place, or with it to another list, is not let in by it. */
const questionOf = (call: Call): string => `${callerOf(call)} ${call.params.id}`;

const readable: Route = {
  method: 'GET',
  path: '/v1/participants/:id/readable',
  tag: 'participants',
  summary:
    'The records that somebody could read now, and for which purposes. A page may be empty and still have a next one',
  access: aboutParticipant('viewReadable'),
  params: { id: address },
  query,
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: pageOf(struct({ record: hex(32), owner: address, purposes })),
  },
  handle: (call) =>
    pageOver(call, LOOKED_THROUGH.readableRecords, (env, state, moment, place) =>
      readableRecords(env, state, moment, hexParameter<Address>(call.params.id, 20) as Address, place),
    ),
};

const readers: Route = {
  method: 'GET',
  path: '/v1/records/:id/readers',
  tag: 'records',
  summary: 'Who could read a record now, and for which purposes. A page may be empty and still have a next one',
  access: aboutItem('viewReaders', 'Record'),
  params: { id: hex(32) },
  query,
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: pageOf(struct({ principal: address, purposes })),
  },
  handle: (call) =>
    pageOver(call, LOOKED_THROUGH.recordReaders, (env, state, moment, place) =>
      recordReaders(env, state, moment, hexParameter(call.params.id, 32) as Uint8Array, place),
    ),
};

export const canRoutes: readonly Route[] = [readable, readers];
