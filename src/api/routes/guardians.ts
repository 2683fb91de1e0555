import type { Address, Hash } from '../../base/brand.ts';
import { fromHex, toHex } from '../../base/bytes.ts';
import { refuse } from '../../base/result.ts';
import { CRYPTO_LIMITS } from '../../crypto/limits.ts';
import { aboutConsortium, aboutItem } from '../access.ts';
import { json } from '../answers.ts';
import { API_LIMITS } from '../limits.ts';
import { hexParameter } from '../reading.ts';
import type { Route } from '../route.ts';
import { address, hash, hex, list, signature, struct } from '../schemas.ts';

/** Patients' sealed roots: left with hospitals, and given out for a guardian's request that has matured (docs/specification/guardians.md). */

const sealed = hex(1, CRYPTO_LIMITS.sealedRootsBytesMax);
const share = hex(1, CRYPTO_LIMITS.shareBytesMax);
const bytesOf = <T extends Uint8Array>(text: string): T => fromHex(text) as T;

interface KeepBody {
  readonly owner: string;
  readonly kit: string;
  readonly sealed: string;
  readonly shares: readonly { readonly holder: string; readonly share: string }[];
}

const keep: Route = {
  method: 'POST',
  path: '/v1/guardian-shares',
  tag: 'guardians',
  summary:
    "Leaves a patient's own sealed roots with hospitals, each with its share of what opens them, and returns the receipts of those that keep them",
  access: aboutConsortium('storeFragments'),
  body: {
    kind: 'json',
    schema: struct({
      owner: address,
      kit: hash,
      sealed,
      shares: list(struct({ holder: address, share }), CRYPTO_LIMITS.guardiansMax, 1),
    }),
    bytesMax: API_LIMITS.storageBodyBytesMax,
  },
  answer: { status: 200, contentType: 'application/json', schema: list(struct({ hospital: address, signature })) },
  handle: async ({ service, body, caller }) => {
    const { owner, kit, sealed: roots, shares } = body as KeepBody;
    // In another's name it would fill another's quota, and stand in the way of the other's own.
    if (caller?.id === undefined || caller.id === null || toHex(caller.id) !== owner) return refuse('api-view.denied');
    const kept = await service.guardians.keep({
      owner: bytesOf<Address>(owner),
      kit: bytesOf<Hash>(kit),
      sealed: bytesOf(roots),
      shares: shares.map((one) => ({ holder: bytesOf<Address>(one.holder), share: bytesOf(one.share) })),
    });
    return kept.ok ? json(kept.value) : kept;
  },
};

const released: Route = {
  method: 'GET',
  path: '/v1/guardianships/:id/shares',
  tag: 'guardians',
  summary: "The hospitals' shares for a guardian's request that has matured, each sealed to the key that it names",
  access: aboutItem('fetchGuardianship', 'Guardianship'),
  params: { id: hash },
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: list(struct({ holder: address, share, sealed })),
  },
  handle: async ({ service, params }) => {
    const answer = await service.guardians.released(hexParameter<Hash>(params.id, 32) as Hash);
    return answer.ok ? json(answer.value) : answer;
  },
};

export const guardianRoutes: readonly Route[] = [keep, released];
