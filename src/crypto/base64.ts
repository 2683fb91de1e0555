/** Base64 with padding (RFC 4648, section 4), as structured fields carry bytes (RFC 9651, section 3.3.5). */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUE_OF: ReadonlyMap<string, number> = new Map([...ALPHABET].map((character, value) => [character, value]));

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a, b, c] = [bytes[at] as number, bytes[at + 1], bytes[at + 2]];
    const group = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    text += ALPHABET[group >> 18] as string;
    text += ALPHABET[(group >> 12) & 63] as string;
    text += b === undefined ? '=' : ALPHABET[(group >> 6) & 63];
    text += c === undefined ? '=' : ALPHABET[group & 63];
  }
  return text;
}

/** The bytes of the one Base64 text that `toBase64` gives for them; `undefined` for any other text. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let at = 0, out = 0; at < text.length; at += 4) {
    let group = 0;
    for (let i = at; i < at + 4; i++) {
      const value = i >= text.length - padding ? 0 : VALUE_OF.get(text[i] as string);
      if (value === undefined) return undefined;
      group = (group << 6) | value;
    }
    for (const shift of [16, 8, 0]) if (out < bytes.length) bytes[out++] = (group >> shift) & 255;
  }
  // Bits behind the last byte must be zero, or several texts would mean the same bytes.
  return toBase64(bytes) === text ? bytes : undefined;
}
