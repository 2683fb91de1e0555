import type { Address, Hash, PublicKey } from '../base/brand.ts';
import type { Result } from '../base/result.ts';
import type { EnclosedAnswer, EnclosedRequest } from '../crypto/session/enclosed.ts';
import type { ViewResource } from '../ledger/authorize.ts';
import type { Value } from '../vm/index.ts';
import type { EventHub } from './events.ts';
import type { ApiMetrics } from './metrics.ts';
import type { OffenceReader } from './offences.ts';
import type { SealedPlaces } from './sealed-places.ts';
import type { NodeService } from './service.ts';
import type { Slots } from './slots.ts';

/** What view policies decide about (`authorizeView`). */
export type ViewAction =
  | 'viewStatus'
  | 'viewMetrics'
  | 'viewChain'
  | 'viewParticipant'
  | 'lookUpKeys'
  | 'viewRecords'
  | 'viewRecord'
  | 'viewRequests'
  | 'viewRequest'
  | 'viewReviews'
  | 'viewReview'
  | 'viewGrants'
  | 'viewAudit'
  | 'viewReceipt'
  | 'viewReadable'
  | 'viewReaders'
  | 'uploadBlob'
  | 'storeRecord'
  | 'storeFragments'
  | 'storeIndex'
  | 'search'
  | 'fetchRead'
  | 'fetchGuardianship'
  | 'openSession'
  | 'evaluateHandle'
  | 'findHandle'
  | 'resolveHandle'
  | 'prove';

/** One question to the policies. */
export interface Question {
  readonly resource: ViewResource;
  /** What they read beside it. */
  readonly context?: Readonly<Record<string, Value>>;
}

/** Who signed the request, and whose key that is. */
export interface Caller {
  readonly publicKey: PublicKey;
  readonly keyAddress: Address;
  /** The participant or hospital that the key is bound to now; null for a stranger's key. */
  readonly id: Address | null;
  /** The digest that the signature covers. */
  readonly bodyHash: Hash;
}

/** One request, as a handler sees it: what came in, and nothing of HTTP. */
export interface Call {
  readonly service: NodeService;
  readonly shared: Shared;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** JSON as null-prototype maps, bytes, or the stream of an upload: whatever the route's body says. */
  readonly body: unknown;
  readonly caller: Caller | null;
  /** Where the request comes from. */
  readonly remoteAddress: string;
  /** How the asker reached this server: `https://hospital.example`, as the request says it. */
  readonly origin: string;
  readonly lastEventId: string | undefined;
}

/** What requests of one server share. */
export interface Shared {
  readonly events: EventHub;
  readonly uploads: Slots;
  readonly metrics: ApiMetrics;
  readonly offences: OffenceReader;
  readonly places: SealedPlaces;
  /** Of pages of who could read what: each may ask the engine thousands of times. */
  readonly canPages: Slots;
  readonly version: string;
  /** Takes more of an address's rate, for a request that costs more than one; false where it has not that much. */
  charge(remoteAddress: string, tokens: number): boolean;
  /** Answers a request that came sealed in a session, whose signer must be the session's peer. */
  enclosed(peer: PublicKey, remoteAddress: string, request: EnclosedRequest): Promise<EnclosedAnswer>;
  /** The OpenAPI document, once all routes stand. */
  openApi(): unknown;
}

/**
 * Who may call a route. `open`: anyone, always (the node's pulse, the rules of the chain, the door for transactions). A rule: the
 * chain's policies permit `action`. There is no other authority: no role is asked for here.
 */
export type Access = 'open' | AccessRule;

export interface AccessRule {
  readonly action: ViewAction;
  /** Policies decide about unsigned requests too; elsewhere a request is signed or refused. */
  readonly anonymous?: true;
  /** What is asked is in the body: the decision waits for it. */
  readonly afterBody?: true;
  /** In each group one question must be permitted. No group: there is no such thing, answered as a denial is. */
  questions(call: Call): readonly (readonly Question[])[] | Promise<readonly (readonly Question[])[]>;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

export type RouteBody =
  | { readonly kind: 'json'; readonly schema: JsonSchema; readonly bytesMax: number }
  | { readonly kind: 'dag-cbor'; readonly bytesMax: number }
  | { readonly kind: 'stream'; readonly bytesMax: number };

export const CONTENT_TYPES = {
  json: 'application/json',
  'dag-cbor': 'application/vnd.ipld.dag-cbor',
  stream: 'application/octet-stream',
} as const;

export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly value: unknown }
  | { readonly kind: 'bytes'; readonly contentType: string; readonly bytes: Uint8Array | string }
  | {
      readonly kind: 'stream';
      readonly contentType: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly stream: AsyncIterable<Uint8Array>;
    };

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Fastify's form: `/v1/blocks/:height`. */
  readonly path: string;
  /** The resource that it belongs to: one plugin, one chapter of the OpenAPI document. */
  readonly tag: string;
  readonly summary: string;
  readonly access: Access;
  /** Asked in a session with the hospital alone: what is asked, or of whom, is nobody else's to hear. */
  readonly onlyInSession?: true;
  readonly params?: Readonly<Record<string, JsonSchema>>;
  readonly query?: Readonly<Record<string, JsonSchema>>;
  readonly body?: RouteBody;
  /** The answer when all is well. */
  readonly answer: { readonly status: number; readonly contentType: string; readonly schema?: JsonSchema };
  handle(call: Call): Result<Answer> | Promise<Result<Answer>>;
}
