import { refuse } from '../../base/result.ts';
import { aboutConsortiumUnsigned, permits } from '../access.ts';
import { stream } from '../answers.ts';
import { heightParameterOf } from '../reading.ts';
import type { Call, Route } from '../route.ts';

const get: Route = {
  method: 'GET',
  path: '/v1/events',
  tag: 'events',
  summary:
    'Finalised blocks as server-sent events, from the current one or behind `Last-Event-ID`. Who signs also hears what is addressed to them',
  access: aboutConsortiumUnsigned('viewStatus'),
  answer: { status: 200, contentType: 'text/event-stream', schema: { type: 'string' } },
  handle: (call) => {
    const { shared, remoteAddress, lastEventId } = call;
    const after = lastEventId === undefined ? null : heightParameterOf(lastEventId);
    if (after === undefined) return refuse('api-request.invalid', { at: 'last-event-id' });
    const opened = shared.events.open({ remoteAddress, after, listener: listenerOf(call) });
    if (opened === undefined) return refuse('api-limit.listeners');
    return stream('text/event-stream', opened, { 'x-accel-buffering': 'no' });
  },
};

/** Whose events are told: those of the signer, for as long as the policies let them follow the chain. */
function listenerOf({ service, caller }: Call) {
  if (caller === null || caller.id === null) return null;
  const mayHear = () => permits(service, caller, 'viewEvents', [{ resource: { type: 'Consortium' } }]);
  return { id: caller.id, mayHear };
}

export const eventRoutes: readonly Route[] = [get];
