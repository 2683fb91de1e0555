import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash, PublicKey } from '../../src/base/brand.ts';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { fromBase64, toBase64 } from '../../src/crypto/base64.ts';
import {
  REQUEST_WINDOW_SECONDS,
  type RequestToSign,
  type SignatureHeaders,
  signatureBase,
  signRequest,
  verifyRequest,
} from '../../src/crypto/http-signature.ts';
import { noblePrimitives as primitives } from '../../src/crypto/noble.ts';

const secret = primitives.hash(utf8('a person')) as never;
const publicKey = primitives.publicKeyOf(secret);
const chainId = primitives.hash(utf8('a chain'));
const NOW = 1_800_000_000;

const request: RequestToSign = {
  method: 'POST',
  path: '/v1/proofs',
  query: '?a=%20b',
  body: utf8('{"keys":[]}'),
  createdSeconds: NOW,
  nonce: new Uint8Array(16).fill(7),
};
const sign = (change: Partial<RequestToSign> = {}): SignatureHeaders =>
  signRequest(primitives, secret, publicKey, chainId, { ...request, ...change });
const verify = (headers: Partial<SignatureHeaders>, target: Partial<RequestToSign> = {}, now = NOW, chain = chainId) =>
  verifyRequest(primitives, chain, { ...request, ...target }, headers, now);
const codeOf = (result: ReturnType<typeof verify>): string => (result.ok ? 'accepted' : result.rejection.code);

describe('a signed request', () => {
  it('verifies, and names key, time, nonce and the digest of its body', () => {
    const verified = verify(sign());
    expect(verified).toEqual({
      ok: true,
      value: {
        publicKey,
        createdSeconds: NOW,
        nonce: '07'.repeat(16),
        bodyHash: primitives.hash(request.body as Uint8Array),
      },
    });
  });

  it('has the structure of RFC 9421: base, parameters and both fields, to the letter', () => {
    const { 'content-digest': digest, 'signature-input': input, signature } = sign();
    expect(digest).toBe(`sha-256=:${Buffer.from(primitives.hash(request.body as Uint8Array)).toString('base64')}:`);
    expect(input).toBe(
      `carechain=("@method" "@path" "@query" "content-digest");created=${NOW};nonce="${'07'.repeat(16)}";keyid="${toHex(publicKey)}";alg="carechain-secp256k1-sha256"`,
    );
    expect(signature).toMatch(/^carechain=:[A-Za-z0-9+/]{87}=:$/);
    expect(signatureBase({ method: 'GET', path: '/p', query: '' }, 'sha-256=:x:', '("@method")')).toBe(
      '"@method": GET\n"@path": /p\n"@query": ?\n"content-digest": sha-256=:x:\n"@signature-params": ("@method")',
    );
  });

  it('may name the digest of a body that is streamed', () => {
    const sha256 = primitives.hash(request.body as Uint8Array);
    expect(sign({ body: { sha256 } })).toEqual(sign());
  });

  it.each([
    ['method', { method: 'PUT' }],
    ['path', { path: '/v1/proofs/' }],
    ['query', { query: '?a=%20c' }],
    ['no query', { query: '' }],
  ])('does not hold for another %s', (_name, target) => {
    expect(codeOf(verify(sign(), target))).toBe('crypto-request.bad-signature');
  });

  it('does not hold on another chain, for another key, digest, time or nonce', () => {
    const headers = sign();
    const other = primitives.hash(utf8('another')) as Hash;
    const otherKey = toHex(primitives.publicKeyOf(other as never) as PublicKey);
    const swap = (from: string, to: string) => ({
      ...headers,
      'signature-input': headers['signature-input'].replace(from, to),
    });
    const codes = [
      verify(headers, {}, NOW, other),
      verify(swap(toHex(publicKey), otherKey)),
      verify({ ...headers, 'content-digest': sign({ body: utf8('{}') })['content-digest'] }),
      verify(swap(`created=${NOW}`, `created=${NOW + 1}`)),
      verify(swap('07', '08')),
    ].map(codeOf);
    expect(codes).toEqual(Array(5).fill('crypto-request.bad-signature'));
  });

  it('is accepted for a minute before and after its time, and no second longer', () => {
    for (const sign60 of [-1, 1]) {
      expect(codeOf(verify(sign(), {}, NOW + sign60 * REQUEST_WINDOW_SECONDS))).toBe('accepted');
      expect(codeOf(verify(sign(), {}, NOW + sign60 * (REQUEST_WINDOW_SECONDS + 1)))).toBe(
        'crypto-request.outside-window',
      );
    }
  });

  it('without any of its headers is unsigned, and with some of them malformed', () => {
    const headers = sign();
    expect(codeOf(verify({}))).toBe('crypto-request.unsigned');
    for (const missing of ['content-digest', 'signature-input', 'signature'] as const) {
      const { [missing]: _gone, ...rest } = headers;
      expect(codeOf(verify(rest))).toBe('crypto-request.malformed');
    }
  });

  it.each([
    ['another label', 'carechain=', 'sig1='],
    ['a space', ';created', '; created'],
    ['a component less', ' "@query"', ''],
    ['another order of parameters', ';alg="carechain-secp256k1-sha256"', ''],
    ['another algorithm', 'secp256k1-sha256', 'hmac-sha256'],
    ['upper-case hexadecimal', 'nonce="07', 'nonce="0A'],
    ['a time with a leading zero', 'created=1', 'created=01'],
    ['an uncompressed key', 'keyid="0', 'keyid="04'],
    ['a second signature', '", "x', '"'],
  ])('is refused with %s in its input', (name, from, to) => {
    const headers = sign();
    const input =
      name === 'a second signature'
        ? `${headers['signature-input']}, sig2=()`
        : headers['signature-input'].replace(from, to);
    expect(codeOf(verify({ ...headers, 'signature-input': input }))).toBe('crypto-request.malformed');
  });

  it.each(['', 'carechain=::', 'carechain=:AAAA:', 'sig=:AAAA:'])('is refused with the signature %j', (signature) => {
    expect(codeOf(verify({ ...sign(), signature }))).toBe('crypto-request.malformed');
  });
});

describe('Base64', () => {
  it('is what Node writes, and reads back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = toBase64(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64'));
        expect(fromBase64(text)).toEqual(bytes);
      }),
    );
  });

  it('reads no other text of the same bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ABab+/=9 -_'), maxLength: 12 }), (text) => {
        const bytes = fromBase64(text);
        if (bytes !== undefined) expect(toBase64(bytes)).toBe(text);
      }),
    );
    for (const odd of ['AB==', 'AA=', 'A===', '====', 'AA==AA==', 'AA-_', ' AAAA'])
      expect(fromBase64(odd)).toBeUndefined();
  });
});
