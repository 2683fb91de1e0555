import type { Address } from '../base/brand.ts';
import { authorizeView, type ViewResource } from '../ledger/authorize.ts';
import { hexParameter, reading } from './reading.ts';
import type { AccessRule, Call, Question, ViewAction } from './route.ts';
import type { NodeService } from './service.ts';

/** Permission for one of these resources is enough; with none there is nothing to ask about. */
export const anyOf = (...resources: readonly ViewResource[]): readonly (readonly Question[])[] =>
  resources.length === 0 ? [] : [resources.map((resource) => ({ resource }))];

const CONSORTIUM: ViewResource = { type: 'Consortium' };

/** About what concerns everyone. */
export const aboutConsortium = (action: ViewAction): AccessRule => ({ action, questions: () => anyOf(CONSORTIUM) });
/** The same, where policies may answer even who did not sign. */
export const aboutConsortiumUnsigned = (action: ViewAction): AccessRule => ({
  ...aboutConsortium(action),
  anonymous: true,
});

/** About the person or hospital that the path names. */
export const aboutParticipant = (action: ViewAction): AccessRule => ({
  action,
  questions: ({ params }) => {
    const id = hexParameter<Address>(params.id, 20);
    return id === undefined ? [] : anyOf({ type: 'Participant', id });
  },
});

/** About the record, request, read or guardianship that the path names: 32 bytes. */
export const aboutItem = (
  action: ViewAction,
  type: 'Record' | 'Request' | 'Read' | 'Review' | 'Guardianship',
): AccessRule => ({
  action,
  questions: ({ params }) => {
    const id = hexParameter<Extract<ViewResource, { type: 'Read' }>['id']>(params.id, 32);
    return id === undefined ? [] : anyOf({ type, id });
  },
});

export type AccessAnswer = 'allowed' | 'nothing-here' | 'denied';

/**
 * What the policies say. About the consortium a denial is a plain one; about a person or a thing it is the answer that the
 * absence of the thing would have got, so that no one learns what exists.
 */
export async function decideAccess(rule: AccessRule, call: Call): Promise<AccessAnswer> {
  const groups = await rule.questions(call);
  if (groups.length === 0) return 'nothing-here';
  for (const group of groups) {
    if (permits(call.service, call.caller, rule.action, group)) continue;
    const isPublic = group.length > 0 && group.every(({ resource }) => resource.type === 'Consortium');
    return isPublic ? 'denied' : 'nothing-here';
  }
  return 'allowed';
}

/** Whether the policies permit one of these to whoever asks. */
export function permits(
  service: NodeService,
  caller: { readonly keyAddress: Address } | null,
  action: string,
  questions: readonly Question[],
): boolean {
  const { timestampMs } = service.tip().header;
  const keyAddress = caller?.keyAddress ?? null;
  return reading(service, (view) =>
    questions.some(
      (question) => authorizeView(service.env, view, timestampMs, { keyAddress, action, ...question }).allowed,
    ),
  );
}
