import { randomBytes } from 'node:crypto';
import { toHex } from '../../src/base/bytes.ts';
import { encode } from '../../src/base/canonical.ts';
import { initiate, SESSION_ENTROPY_BYTES } from '../../src/crypto/session/handshake.ts';
import { DAG_CBOR, hash, idOf, idText, OCTETS, primitives, publicOf, type Request, secretOf } from './support.ts';
import type { World } from './world.ts';

const inNoSession = (step: string): Request => ({
  method: 'POST',
  url: `/v1/sessions/${'00'.repeat(16)}/${step}`,
  body: encode(new Uint8Array(40)),
  type: DAG_CBOR,
});
const lookingUp = (what: string): Request => ({
  method: 'POST',
  url: `/v1/handles/${what}`,
  body: { handle: '00'.repeat(32) },
});

/** One concrete request of each route, about the patient and the patient's record. */
export const REQUESTS: Readonly<Record<string, (world: World) => Request>> = {
  'GET /v1/status': () => ({ url: '/v1/status' }),
  'GET /v1/genesis': () => ({ url: '/v1/genesis' }),
  'GET /v1/unfinal': () => ({ url: '/v1/unfinal' }),
  'GET /metrics': () => ({ url: '/metrics' }),
  'GET /livez': () => ({ url: '/livez' }),
  'GET /readyz': () => ({ url: '/readyz' }),
  'GET /openapi.json': () => ({ url: '/openapi.json' }),
  'POST /v1/transactions': ({ service }) => ({
    method: 'POST',
    url: '/v1/transactions',
    body: { signed: toHex(service.someTransaction()) },
  }),
  'POST /v1/transactions/batch': ({ service }) => ({
    method: 'POST',
    url: '/v1/transactions/batch',
    body: encode([service.someTransaction(), Uint8Array.of(0)]),
    type: DAG_CBOR,
  }),
  'GET /v1/transactions/:id': ({ registered }) => ({ url: `/v1/transactions/${registered}` }),
  'GET /v1/receipts/:id': ({ registered }) => ({ url: `/v1/receipts/${registered}` }),
  'GET /v1/blocks/latest': () => ({ url: '/v1/blocks/latest' }),
  'GET /v1/blocks/:height': () => ({ url: '/v1/blocks/3' }),
  'GET /v1/blocks/:height/body': () => ({ url: '/v1/blocks/3/body' }),
  'GET /v1/participants/:id': ({ patient }) => ({ url: `/v1/participants/${patient}` }),
  'GET /v1/participants/:id/keys': ({ patient }) => ({ url: `/v1/participants/${patient}/keys` }),
  'GET /v1/participants/:id/records': ({ patient }) => ({ url: `/v1/participants/${patient}/records` }),
  'GET /v1/participants/:id/grants': ({ patient }) => ({ url: `/v1/participants/${patient}/grants` }),
  'GET /v1/participants/:id/requests': ({ patient }) => ({ url: `/v1/participants/${patient}/requests` }),
  'GET /v1/participants/:id/audit': ({ patient }) => ({ url: `/v1/participants/${patient}/audit` }),
  'GET /v1/participants/:id/readable': ({ patient }) => ({ url: `/v1/participants/${patient}/readable` }),
  'GET /v1/records/:id/readers': ({ record }) => ({ url: `/v1/records/${record}/readers` }),
  'GET /v1/hospitals': () => ({ url: '/v1/hospitals' }),
  'GET /v1/governance': () => ({ url: '/v1/governance' }),
  'GET /v1/proposals': () => ({ url: '/v1/proposals' }),
  'GET /v1/records/:id': ({ record }) => ({ url: `/v1/records/${record}` }),
  'GET /v1/requests/:id': ({ requested }) => ({ url: `/v1/requests/${requested}` }),
  'PUT /v1/blobs': () => ({ method: 'PUT', url: '/v1/blobs', body: Uint8Array.of(1, 2, 3), type: OCTETS }),
  'POST /v1/storage': ({ cid, record }) => ({
    method: 'POST',
    url: '/v1/storage',
    body: { record, cid, envelope: '01', salt: '00'.repeat(32), receiptsWanted: 2 },
  }),
  'POST /v1/fragments': () => ({
    method: 'POST',
    url: '/v1/fragments',
    body: {
      grantId: idText(hash('grant')),
      patient: idText(idOf('patient')),
      grantee: idText(idOf('doctor')),
      fragments: [
        {
          holder: idText(idOf('hospital 2')),
          category: '00'.repeat(16),
          epoch: 0,
          fragmentId: idText(hash('f')),
          fragment: '01',
        },
      ],
    },
  }),
  'PUT /v1/participants/:id/search-index': ({ patient }) => ({
    method: 'PUT',
    url: `/v1/participants/${patient}/search-index`,
    body: encode({ epoch: 0, build: new Uint8Array(16), entries: new Uint8Array(69) }),
    type: DAG_CBOR,
  }),
  // A patient needs no category; the grant that another searches under has one.
  'POST /v1/participants/:id/search': ({ patient, service }) => ({
    method: 'POST',
    url: `/v1/participants/${patient}/search?category=${toHex(service.town.category('patient'))}`,
    body: { epoch: 0, build: '00'.repeat(16), labelKey: '01'.repeat(32) },
  }),
  'POST /v1/sessions': ({ service }) => ({
    method: 'POST',
    url: '/v1/sessions',
    body: initiate(
      primitives,
      { chainId: service.env.chainId, secret: secretOf('patient') },
      service.dutyKey(),
      randomBytes(SESSION_ENTROPY_BYTES),
    ).message,
    type: DAG_CBOR,
  }),
  'POST /v1/sessions/:session/finish': () => inNoSession('finish'),
  'POST /v1/sessions/:session/messages': () => inNoSession('messages'),
  'POST /v1/sessions/:session/renewals': () => inNoSession('renewals'),
  'POST /v1/handles/evaluations': () => ({
    method: 'POST',
    url: '/v1/handles/evaluations',
    body: { holder: 1, blinded: toHex(publicOf('anybody')) },
  }),
  'POST /v1/handles/presence': () => lookingUp('presence'),
  'POST /v1/handles/resolution': () => lookingUp('resolution'),
  'GET /v1/reviews': () => ({ url: '/v1/reviews' }),
  'GET /v1/reviews/:id': ({ broken }) => ({ url: `/v1/reviews/${broken}` }),
  'GET /v1/participants/:id/reviews': ({ patient }) => ({ url: `/v1/participants/${patient}/reviews` }),
  'GET /v1/reads/:id/shares': ({ read }) => ({ url: `/v1/reads/${read}/shares` }),
  'GET /v1/reads/:id/envelope': ({ read }) => ({ url: `/v1/reads/${read}/envelope` }),
  'GET /v1/reads/:id/ciphertext': ({ read }) => ({ url: `/v1/reads/${read}/ciphertext` }),
  'POST /v1/guardian-shares': ({ patient }) => ({
    method: 'POST',
    url: '/v1/guardian-shares',
    body: {
      owner: patient,
      kit: idText(hash('kit')),
      sealed: '01',
      shares: [{ holder: idText(idOf('hospital 2')), share: '02' }],
    },
  }),
  'GET /v1/guardianships/:id/shares': ({ guardianship }) => ({ url: `/v1/guardianships/${guardianship}/shares` }),
  'POST /v1/proofs': ({ patient }) => ({
    method: 'POST',
    url: '/v1/proofs',
    body: { keys: [`nonce/${patient}`] },
  }),
  'GET /v1/events': () => ({ url: '/v1/events' }),
  'GET /fhir/metadata': () => ({ url: '/fhir/metadata' }),
  'GET /fhir/AuditEvent': ({ patient }) => ({ url: `/fhir/AuditEvent?patient=Patient/${patient}` }),
  'GET /fhir/AuditEvent/$disclosures': ({ patient }) => ({ url: `/fhir/AuditEvent/$disclosures?patient=${patient}` }),
  'GET /fhir/Consent': ({ patient }) => ({ url: `/fhir/Consent?patient=Patient/${patient}` }),
  'GET /fhir/Consent/:id': ({ granted }) => ({ url: `/fhir/Consent/${granted}` }),
  'GET /fhir/DocumentReference': ({ patient }) => ({ url: `/fhir/DocumentReference?patient=Patient/${patient}` }),
  'GET /fhir/DocumentReference/:id': ({ record }) => ({ url: `/fhir/DocumentReference/${record}` }),
  'GET /fhir/DocumentReference/:id/_history/:version': ({ record }) => ({
    url: `/fhir/DocumentReference/${record}/_history/1`,
  }),
  'GET /fhir/Provenance': ({ record }) => ({ url: `/fhir/Provenance?target=DocumentReference/${record}` }),
};
