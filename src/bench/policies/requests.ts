import {
  ADMINISTRATOR,
  BARRED,
  COMMUNITY_HOSPITAL,
  CONSORTIUM,
  type EntityJson,
  GRANTED,
  grantKey,
  HOSPITAL,
  NO_RECORD,
  NOT_GRANTED,
  NOW_MS,
  OTHER_PATIENT,
  PATIENT,
  READ,
  RECORD,
  REQUEST,
  ref,
  SHREDDED_RECORD,
  STRANGER,
  SUSPENDED_HOSPITAL,
  type UidJson,
  WORLD,
} from './world.ts';

/** One question, as the official engine takes it: with the entities that can matter to it, and no others. */
export interface RequestJson {
  readonly principal: UidJson;
  readonly action: UidJson;
  readonly resource: UidJson;
  readonly context: Readonly<Record<string, unknown>>;
  readonly entities: readonly EntityJson[];
}

const PRINCIPALS = [
  PATIENT,
  OTHER_PATIENT,
  GRANTED,
  NOT_GRANTED,
  BARRED,
  ADMINISTRATOR,
  HOSPITAL,
  SUSPENDED_HOSPITAL,
  STRANGER,
];

type Context = (principal: UidJson) => Readonly<Record<string, unknown>>;
/** `self` stands for whoever asks. */
type Question = readonly [actions: readonly string[], resources: readonly (UidJson | 'self')[], context: Context];

const nothing: Context = () => ({});
const byGrant: Context = (principal) => ({ grantKey: grantKey(principal), nowMs: NOW_MS });
const view = { nowMs: NOW_MS, height: 1_050, readOpenHeights: 100 };
const seen: Context = () => view;
const change = (name: string, about: UidJson): Context => {
  const proposed = { change: name, hospital: ref(about) };
  return () => proposed;
};

/** Every action of docs/specification/entities.md, with resources that are permitted to somebody and some that are not. */
const QUESTIONS: readonly Question[] = [
  [['enrol'], [HOSPITAL, SUSPENDED_HOSPITAL], () => ({ role: 'patient' })],
  [['admit', 'suspend', 'reinstate'], [PATIENT, NOT_GRANTED], nothing],
  [['rotateKey', 'publishDelegatingKey', 'grant', 'revoke'], ['self'], nothing],
  [['registerRecord'], [PATIENT, OTHER_PATIENT], byGrant],
  [['amendRecord'], [RECORD, SHREDDED_RECORD], byGrant],
  [['requestAccess'], [RECORD, NO_RECORD], () => ({ purpose: 'TREAT' })],
  [['readRecord'], [RECORD, SHREDDED_RECORD, NO_RECORD], (who) => ({ ...byGrant(who), purpose: 'TREAT' })],
  [['readRecord'], [RECORD], (who) => ({ ...byGrant(who), purpose: 'HRESCH' })],
  [['propose'], [CONSORTIUM], change('addValidator', HOSPITAL)],
  [['propose'], [CONSORTIUM], change('rotateValidatorKey', SUSPENDED_HOSPITAL)],
  [['vote'], [CONSORTIUM], (who) => ({ ...change('addValidator', COMMUNITY_HOSPITAL)(who), choice: 'yes' })],
  [['viewStatus', 'viewMetrics', 'viewChain', 'viewEvents'], [CONSORTIUM], seen],
  [['viewParticipant', 'lookUpKeys', 'viewRecords', 'viewGrants', 'viewAudit'], ['self', PATIENT], seen],
  [['viewRecord'], [RECORD, NO_RECORD], seen],
  [['viewRequest'], [REQUEST], seen],
  [['uploadBlob', 'storeRecord', 'storeFragments'], [CONSORTIUM], seen],
  [['storeIndex'], ['self', PATIENT], seen],
  [['search'], ['self', PATIENT], (who) => ({ ...view, grantKey: grantKey(who) })],
  [['fetchRead'], [READ], seen],
  [['prove'], [CONSORTIUM, PATIENT], () => ({ ...view, public: true, directory: false, delegatingKey: true })],
];

export const requestsOf = (): readonly RequestJson[] =>
  QUESTIONS.flatMap(([actions, resources, context]) =>
    actions.flatMap((action) =>
      resources.flatMap((resource) =>
        PRINCIPALS.map((principal) =>
          withEntities({
            principal,
            action: { type: 'Action', id: action },
            resource: resource === 'self' ? principal : resource,
            context: context(principal),
          }),
        ),
      ),
    ),
  );

const keyOf = ({ type, id }: UidJson): string => `${type}::${id}`;
const WORLD_BY_KEY = new Map(WORLD.map((entity) => [keyOf(entity.uid), entity]));

/** Of the world, what can be reached from the request: handing over all of it would only slow the official engine down. */
function withEntities(request: Omit<RequestJson, 'entities'>): RequestJson {
  const found = new Map<string, EntityJson>();
  const visit = (uid: UidJson): void => {
    const entity = WORLD_BY_KEY.get(keyOf(uid));
    if (entity === undefined || found.has(keyOf(uid))) return;
    found.set(keyOf(uid), entity);
    for (const next of [...entity.parents, ...namedIn(entity.attrs)]) visit(next);
  };
  for (const uid of [request.principal, request.resource, ...namedIn(request.context)]) visit(uid);
  return { ...request, entities: [...found.values()] };
}

const namedIn = (fields: Readonly<Record<string, unknown>>): readonly UidJson[] =>
  Object.values(fields).flatMap((value) => {
    const named = (value as { readonly __entity?: UidJson }).__entity;
    return named === undefined ? [] : [named];
  });
