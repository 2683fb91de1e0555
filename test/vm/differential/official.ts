import * as wasm from '@cedar-policy/cedar-wasm/nodejs';

/**
 * The official engine (cedar-wasm 4.10.0), asked with JSON that is already text: its glue calls `JSON.stringify`, which has no
 * 64-bit integers.
 */
class JsonText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const stringify = JSON.stringify;
JSON.stringify = ((value: unknown, ...rest: []) =>
  value instanceof JsonText ? value.text : stringify(value, ...rest)) as typeof JSON.stringify;

/** A call with its argument as text. */
const asked = <A, R>(call: (argument: A) => R, text: string): R => call(new JsonText(text) as A);

export interface Answer {
  readonly decision: string;
  readonly reason: readonly string[];
  readonly errors: readonly string[];
}

export interface PolicySetTexts {
  readonly staticPolicies: Readonly<Record<string, string>>;
  readonly templates: Readonly<Record<string, string>>;
  readonly templateLinks: readonly {
    readonly templateId: string;
    readonly newId: string;
    readonly values: Readonly<Record<string, { readonly type: string; readonly id: string }>>;
  }[];
}

const NAME = 'world';
const EMPTY = 'empty';
wasm.preparsePolicySet(EMPTY, {});

export type Refused = { readonly refused: string };
export const isRefused = (answer: object): answer is Refused => 'refused' in answer;

const failure = (errors: readonly { readonly message: string }[]): Refused => ({
  refused: errors.map(({ message }) => message).join('; '),
});

/** Makes these the policies that `authorize` decides by; says why not where they cannot be read. */
export function usePolicies(policies: PolicySetTexts): Refused | undefined {
  const answer = wasm.preparsePolicySet(NAME, policies as wasm.PolicySet);
  return answer.type === 'success' ? undefined : failure(answer.errors);
}

export function useSchema(text: string): Refused | undefined {
  const answer = wasm.preparseSchema(NAME, text);
  return answer.type === 'success' ? undefined : failure(answer.errors);
}

/** Decides without a schema; `request` is the inside of a JSON object. */
export function authorize(request: string, entities: string): Answer | Refused {
  const answer = asked(
    wasm.statefulIsAuthorized,
    `{${request},"preparsedPolicySetId":"${NAME}","entities":${entities}}`,
  );
  return answerOf(answer);
}

/** Decides with entities and context read by the schema in use, and the request checked against it. */
export function authorizeBySchema(request: string, entities: string): Answer | Refused {
  const schema = `"preparsedSchemaName":"${NAME}","validateRequest":true`;
  const answer = asked(
    wasm.statefulIsAuthorized,
    `{${request},"preparsedPolicySetId":"${NAME}",${schema},"entities":${entities}}`,
  );
  return answerOf(answer);
}

/** Why the request does not fit the schema in use. */
export function requestRefusal(request: string): Refused | undefined {
  const schema = `"preparsedSchemaName":"${NAME}","validateRequest":true`;
  const answer = asked(
    wasm.statefulIsAuthorized,
    `{${request},"preparsedPolicySetId":"${EMPTY}",${schema},"entities":[]}`,
  );
  return answer.type === 'success' ? undefined : failure(answer.errors);
}

function answerOf(answer: wasm.AuthorizationAnswer): Answer | Refused {
  if (answer.type === 'failure') return failure(answer.errors);
  const { decision, diagnostics } = answer.response;
  const { reason, errors } = diagnostics;
  return { decision, reason: [...reason].sort(), errors: errors.map(({ policyId }) => policyId).sort() };
}

/** Ids of the policies, templates and links that strict validation finds errors in. */
export function invalidPolicies(schema: string, policies: PolicySetTexts): ReadonlySet<string> | Refused {
  const answer = wasm.validate({ schema, policies: policies as wasm.PolicySet });
  if (answer.type === 'failure') return failure(answer.errors);
  return new Set(answer.validationErrors.map(({ policyId }) => policyId));
}

export function entitiesRefusal(schema: string, entities: readonly string[]): Refused | undefined {
  const answer = asked(wasm.checkParseEntities, `{"entities":[${entities}],"schema":${stringify(schema)}}`);
  return answer.type === 'success' ? undefined : failure(answer.errors);
}

/** Does the text read as policies and templates? */
export function policiesRefusal(text: string): Refused | undefined {
  const answer = wasm.policySetTextToParts(text);
  return answer.type === 'success' ? undefined : failure(answer.errors);
}

export function schemaRefusal(text: string): Refused | undefined {
  const answer = wasm.checkParseSchema(text);
  return answer.type === 'success' ? undefined : failure(answer.errors);
}

/** A policy or template as Cedar's JSON: what a text means, whatever it looks like. */
export function meaningOf(text: string, isTemplate: boolean): string | Refused {
  const answer = isTemplate ? wasm.templateToJson(text) : wasm.policyToJson(text);
  return answer.type === 'success' ? canonicalText(answer.json) : failure(answer.errors);
}

/** JSON with its keys in order. `@a`, which is null here, means `@a("")`. */
export const canonicalText = (json: unknown): string =>
  stringify(json, (_, value: unknown) => {
    if (value === null) return '';
    if (typeof value !== 'object' || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
