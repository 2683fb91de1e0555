import type { RequestJson } from './requests.ts';

/** What this bench asks of the official engine (@cedar-policy/cedar-wasm), whose types are not there where it is not. */
interface CedarWasm {
  getCedarSDKVersion(): string;
  preparsePolicySet(name: string, policies: { readonly staticPolicies: Readonly<Record<string, string>> }): Parsed;
  preparseSchema(name: string, schema: string): Parsed;
  statefulIsAuthorized(call: StatefulCall): Answer;
}
type Failed = { readonly type: 'failure'; readonly errors: readonly { readonly message: string }[] };
type Parsed = { readonly type: 'success' } | Failed;
type Answer = { readonly type: 'success'; readonly response: { readonly decision: 'allow' | 'deny' } } | Failed;
interface StatefulCall extends RequestJson {
  readonly preparsedPolicySetId: string;
  readonly preparsedSchemaName?: string;
  readonly validateRequest: boolean;
}

export interface OfficialEngine {
  readonly version: string;
  readonly decide: (request: RequestJson) => 'allow' | 'deny';
}

const NAME = 'carechain';

/** The official engine with policies and schema parsed ahead; undefined where it is not installed: it is no dependency of a node. */
export async function officialEngine(
  policies: Readonly<Record<string, string>>,
  schema: string | undefined,
): Promise<OfficialEngine | undefined> {
  const cedar = await installed();
  if (cedar === undefined) return undefined;
  must(cedar.preparsePolicySet(NAME, { staticPolicies: policies }));
  if (schema !== undefined) must(cedar.preparseSchema(NAME, schema));
  const prepared = {
    preparsedPolicySetId: NAME,
    ...(schema === undefined ? {} : { preparsedSchemaName: NAME }),
    // Ours does not validate a request either while it decides.
    validateRequest: false,
  };
  return {
    version: cedar.getCedarSDKVersion(),
    decide: (request) => {
      const answer = cedar.statefulIsAuthorized({ ...request, ...prepared });
      must(answer);
      return (answer as Extract<Answer, { type: 'success' }>).response.decision;
    },
  };
}

async function installed(): Promise<CedarWasm | undefined> {
  const name = '@cedar-policy/cedar-wasm/nodejs';
  try {
    const module = (await import(name)) as { readonly default?: CedarWasm } & CedarWasm;
    return module.default ?? module;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

function must(result: Parsed | Answer): void {
  if (result.type === 'failure')
    throw new Error(`the official engine refused: ${result.errors.map(({ message }) => message).join('; ')}`);
}
