import { defineCodes } from '../base/result.ts';

/** What the API itself refuses; every other folder's refusals pass through it with their own codes (`catalogue.ts`). */
export const API_CODES = defineCodes({
  'api-route.unknown': { status: 404, meaning: 'There is no such path.' },
  'api-route.method': { status: 405, meaning: 'The path exists, but not for this method.' },
  'api-route.bad-url': { status: 400, meaning: 'The address is not a valid one.' },

  'api-request.malformed': { status: 400, meaning: 'The request is not HTTP as this server reads it.' },
  'api-request.headers-too-large': { status: 431, meaning: 'The headers are larger than their limit.' },
  'api-request.timeout': { status: 408, meaning: 'The request was not complete in time.' },
  'api-request.invalid': { status: 400, meaning: 'A path or query parameter does not have its form.' },
  'api-request.replayed': {
    status: 401,
    meaning: 'A request with this nonce was accepted already: sign each one anew.',
  },

  'api-body.unexpected': { status: 400, meaning: 'This route takes no body.' },
  'api-body.empty': { status: 400, meaning: 'This route needs a body, and there is none.' },
  'api-body.wrong-type': { status: 415, meaning: 'The body does not have the one content type of this route.' },
  'api-body.too-large': { status: 413, meaning: 'The body is larger than the limit of this route.' },
  'api-body.truncated': { status: 400, meaning: 'The body ended before its announced length.' },
  'api-body.not-utf8': { status: 400, meaning: 'The body is not UTF-8.' },
  'api-body.invalid': { status: 400, meaning: 'The body does not have the form that this route needs.' },
  'api-body.digest-mismatch': { status: 400, meaning: 'The body does not have the digest that was signed.' },

  'api-view.nothing-here': { status: 404, meaning: 'There is nothing here that this key may see.' },
  'api-view.denied': { status: 403, meaning: 'No policy allows this to the key that signed.' },
  'api-view.no-block': { status: 404, meaning: 'This node has no finalised block of that height.' },
  'api-view.trail-too-dense': { status: 422, meaning: 'More lines stand at one height than can be paged through.' },

  'api-session.only-here': {
    status: 403,
    meaning: 'This is asked in a session with the hospital alone, where nobody listens.',
  },
  'api-session.not-here': { status: 403, meaning: 'A session serves no streams, and no other sessions.' },
  'api-session.wrong-signer': {
    status: 403,
    meaning: 'The request in this session is signed by another key than its peer.',
  },

  'api-limit.rate': { status: 429, meaning: 'Too many requests from this key or address: wait, then go on.' },
  'api-limit.nonces': { status: 503, meaning: 'The node remembers as many signed requests as it may: try again soon.' },
  'api-limit.uploads': { status: 503, meaning: 'As many uploads run as the node allows: try again soon.' },
  'api-limit.listeners': { status: 503, meaning: 'As many event streams are open as the node allows.' },

  'api-node.not-ready': { status: 503, meaning: 'The node catches up, or lost its peers, or has stopped.' },
  'api-node.internal': { status: 500, meaning: 'The node failed to answer. Its log says why.' },
});
export type ApiCode = keyof typeof API_CODES;
