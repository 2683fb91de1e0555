import type { FastifySchema } from 'fastify';
import { FHIR_TYPE } from './fhir/answer.ts';
import { type Access, CONTENT_TYPES, type JsonSchema, type Route } from './route.ts';
import { errorSchema, struct } from './schemas.ts';

/** The head of the OpenAPI document; its paths come from the route table. */
export const openApiHead = (version: string) => ({
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Carechain hospital node',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'What concerns persons is signed (RFC 9421 structure, see docs/specification) and decided by the policies on chain. ' +
        'Bytes are lower-case hexadecimal.',
    },
    components: {
      securitySchemes: {
        signature: {
          type: 'apiKey' as const,
          in: 'header' as const,
          name: 'Signature',
          description: 'With Signature-Input and Content-Digest: secp256k1 over the request and the chain id.',
        },
      },
    },
  },
});

/** What Fastify validates with, and what the OpenAPI document says. */
export function schemaOf(route: Route): FastifySchema {
  const { access, answer, body, params, query, summary, tag } = route;
  return {
    summary,
    tags: [tag],
    description: accessText(access),
    security: securityOf(access),
    ...(params === undefined ? {} : { params: struct(params) }),
    querystring: struct({}, query),
    ...(body === undefined ? {} : { body: content(CONTENT_TYPES[body.kind], body.kind === 'json' ? body.schema : {}) }),
    response: {
      [answer.status]: { description: 'As asked.', ...content(answer.contentType, answer.schema ?? {}) },
      '4xx': { description: 'Refused, with a code of the catalogue.', ...errorContent(answer.contentType) },
      '5xx': { description: 'Cannot answer now.', ...errorContent(answer.contentType) },
    },
  };
}

const content = (contentType: string, schema: JsonSchema) => ({ content: { [contentType]: { schema } } });

/** A FHIR client is refused in FHIR's words. */
const errorContent = (contentType: string) =>
  contentType === FHIR_TYPE
    ? content(FHIR_TYPE, { type: 'object', properties: { resourceType: { const: 'OperationOutcome' } } })
    : content('application/json', errorSchema);

const securityOf = (access: Access): readonly Record<string, readonly string[]>[] => {
  if (access === 'open') return [];
  return access.anonymous ? [{}, { signature: [] }] : [{ signature: [] }];
};

const accessText = (access: Access): string =>
  access === 'open' ? 'Open to anyone.' : `Decided by the policies of the chain: action \`${access.action}\`.`;
