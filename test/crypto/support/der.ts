/**
 * An ECDSA signature in strict DER (BIP 66) as r ‖ s of 64 bytes, or `undefined` where the bytes are anything else. The chain
 * itself knows no DER: this stands between Wycheproof's files and our 65-byte form.
 */
export function compactFromDer(der: Uint8Array): Uint8Array | undefined {
  if (der.length < 8 || der.length > 72 || der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  const r = readInteger(der, 2);
  if (r === undefined) return undefined;
  const s = readInteger(der, r.end);
  if (s === undefined || s.end !== der.length) return undefined;
  const compact = new Uint8Array(64);
  compact.set(r.value, 32 - r.value.length);
  compact.set(s.value, 64 - s.value.length);
  return compact;
}

/** A non-negative INTEGER of at most 32 bytes in its shortest form, without the sign octet. */
function readInteger(der: Uint8Array, at: number): { value: Uint8Array; end: number } | undefined {
  const length = der[at + 1];
  if (der[at] !== 0x02 || length === undefined || length === 0) return undefined;
  const end = at + 2 + length;
  const octets = der.subarray(at + 2, end);
  const first = octets[0];
  if (octets.length !== length || first === undefined || first > 0x7f) return undefined;
  const signed = first === 0 && length > 1;
  if (signed && (octets[1] as number) <= 0x7f) return undefined;
  const value = signed ? octets.subarray(1) : octets;
  return value.length <= 32 ? { value, end } : undefined;
}
