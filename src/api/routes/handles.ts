import type { Address, Hash, PublicKey } from '../../base/brand.ts';
import { fromHex } from '../../base/bytes.ts';
import { refuse } from '../../base/result.ts';
import { CRYPTO_LIMITS } from '../../crypto/limits.ts';
import { DLEQ_PROOF_BYTES } from '../../crypto/oprf/dleq.ts';
import { aboutConsortium, anyOf, permits } from '../access.ts';
import { json } from '../answers.ts';
import { ApiRefusal } from '../errors.ts';
import { API_LIMITS } from '../limits.ts';
import type { AccessRule, Call, Caller, Route, ViewAction } from '../route.ts';
import { address, hash, hex, publicKey, struct } from '../schemas.ts';

/** Handles of identifiers (docs/specification/handles.md): evaluated for registrars, and looked up by them. */
const TAG = 'handles';
const askerOf = ({ caller }: Call): Address => (caller as Caller).id ?? (caller as Caller).keyAddress;
const holder = { type: 'integer', minimum: 1, maximum: CRYPTO_LIMITS.handleHoldersMax } as const;

const evaluate: Route = {
  method: 'POST',
  path: '/v1/handles/evaluations',
  tag: TAG,
  summary: "Evaluates a blinded identifier under this hospital's share, and proves it. Counted: so many an hour",
  access: aboutConsortium('evaluateHandle'),
  body: { kind: 'json', schema: struct({ holder, blinded: publicKey }), bytesMax: API_LIMITS.handleBodyBytesMax },
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: struct({ holder, evaluated: publicKey, proof: hex(DLEQ_PROOF_BYTES) }),
  },
  handle: (call) => {
    if (!call.shared.charge(call.remoteAddress, API_LIMITS.handleTokens - 1)) return refuse('api-limit.rate');
    const { holder: number, blinded } = call.body as { holder: number; blinded: string };
    const evaluation = call.service.handles.evaluate(askerOf(call), number, fromHex(blinded) as PublicKey);
    return evaluation.ok ? json(evaluation.value) : evaluation;
  },
};

const enrolledUnder = (call: Call): Address =>
  call.service.handles.enrolledUnder(fromHex((call.body as { handle: string }).handle) as Hash);

/**
 * About the one who is enrolled here under the handle of the body. Who is no registrar, who may not know of this one, and who asks for a handle
 * that nobody has get the same answer, byte for byte. What a registrar asks is counted before it is looked up, found or not.
 */
const aboutEnrolled = (action: ViewAction): AccessRule => ({
  action,
  afterBody: true,
  questions: (call) => {
    const { service, caller } = call;
    if (!permits(service, caller, 'evaluateHandle', anyOf({ type: 'Consortium' })[0] ?? [])) return [];
    if (!service.handles.mayLookUp(askerOf(call))) throw new ApiRefusal({ code: 'node-handles.too-many' });
    return anyOf({ type: 'Participant', id: enrolledUnder(call) });
  },
});

const lookUpBody = {
  kind: 'json',
  schema: struct({ handle: hash }),
  bytesMax: API_LIMITS.handleBodyBytesMax,
} as const;

const find: Route = {
  method: 'POST',
  path: '/v1/handles/presence',
  tag: TAG,
  summary: 'Whether this hospital has enrolled somebody under a handle, for registrars of all hospitals',
  access: aboutEnrolled('findHandle'),
  onlyInSession: true,
  body: lookUpBody,
  answer: { status: 200, contentType: 'application/json', schema: struct({ hospital: address }) },
  handle: ({ service }) => json({ hospital: service.hospital }),
};

const resolve: Route = {
  method: 'POST',
  path: '/v1/handles/resolution',
  tag: TAG,
  summary: 'Whom this hospital has enrolled under a handle, for its own registrars',
  access: aboutEnrolled('resolveHandle'),
  onlyInSession: true,
  body: lookUpBody,
  answer: { status: 200, contentType: 'application/json', schema: struct({ participant: address }) },
  handle: (call) => json({ participant: enrolledUnder(call) }),
};

export const handleRoutes: readonly Route[] = [evaluate, find, resolve];
