/** What every answer says to a browser: take nothing for more than it is, keep nothing, show it in no frame. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Only over TLS: a browser then refuses plain HTTP to this host for a year. */
export const TRANSPORT_SECURITY = 'max-age=31536000';

/** What a page of one of these origins may do. Nobody's by default. */
export function corsHeaders(origin: string | undefined, allowed: readonly string[]): Readonly<Record<string, string>> {
  if (origin === undefined || !allowed.includes(origin)) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET, POST, PUT',
    'access-control-allow-headers': 'content-type, content-digest, signature-input, signature, last-event-id',
    'access-control-expose-headers': 'carechain-cid, retry-after',
    'access-control-max-age': '600',
    'cross-origin-resource-policy': 'cross-origin',
    vary: 'Origin',
  };
}
