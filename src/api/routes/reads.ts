import type { Hash } from '../../base/brand.ts';
import { aboutItem } from '../access.ts';
import { json, stream } from '../answers.ts';
import { API_LIMITS } from '../limits.ts';
import { hexParameter } from '../reading.ts';
import { CONTENT_TYPES, type Route } from '../route.ts';
import { address, hash, hex, list, struct } from '../schemas.ts';

/** What an applied read opens, to the key that it names and for a bounded number of blocks (PRIVACY.md, "Transport"). */
const access = aboutItem('fetchRead', 'Read');
const params = { id: hash };
const idOf = (given: Readonly<Record<string, string>>): Hash => hexParameter<Hash>(given.id, 32) as Hash;

const shares: Route = {
  method: 'GET',
  path: '/v1/reads/:id/shares',
  tag: 'reads',
  summary: "The holders' shares of a read under a grant, each sealed to the fresh key of this read",
  access,
  params,
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: list(
      struct({ holder: address, fragmentIds: list(hash, API_LIMITS.holderFragmentsMax), share: hex(1, 16_384) }),
    ),
  },
  handle: async ({ service, params: given }) => {
    const answer = await service.readShares(idOf(given));
    return answer.ok ? json(answer.value) : answer;
  },
};

const envelope: Route = {
  method: 'GET',
  path: '/v1/reads/:id/envelope',
  tag: 'reads',
  summary: 'The envelope of the record that was read, and the salt of its hash on chain',
  access,
  params,
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: struct({ envelope: hex(1, 16_384), salt: hex(1, 64) }),
  },
  handle: async ({ service, params: given }) => {
    const answer = await service.readEnvelope(idOf(given));
    return answer.ok ? json(answer.value) : answer;
  },
};

const ciphertext: Route = {
  method: 'GET',
  path: '/v1/reads/:id/ciphertext',
  tag: 'reads',
  summary: 'The ciphertext of the record that was read, streamed. Its CID stands in the header `carechain-cid`',
  access,
  params,
  answer: { status: 200, contentType: CONTENT_TYPES.stream },
  handle: async ({ service, params: given }) => {
    const answer = await service.readCiphertext(idOf(given));
    if (!answer.ok) return answer;
    const { cid, bytes, stream: content } = answer.value;
    return stream(CONTENT_TYPES.stream, content, { 'content-length': String(bytes), 'carechain-cid': cid });
  },
};

export const readRoutes: readonly Route[] = [shares, envelope, ciphertext];
