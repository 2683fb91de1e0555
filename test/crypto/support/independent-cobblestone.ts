import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';

/*
 * Cobblestone-256 a second time, from the specification's text with node:crypto alone and whole messages in memory. It shares no
 * line with src/crypto, so that agreement means something.
 */
const CHUNK = 16 * 1024;

function expand(key: Uint8Array, salt: Uint8Array, context: Uint8Array): Buffer {
  const info = Buffer.concat([
    Buffer.from('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\u0000', 'ascii'),
    salt,
    context,
  ]);
  const first = createHmac('sha512', key).update(info).update('\u0001').digest();
  const second = createHmac('sha512', key).update(first).update(info).update('\u0002').digest();
  return Buffer.concat([first, second]).subarray(0, 32 + 12 + 32);
}

function nonce(base: Buffer, index: number): Buffer {
  const counted = (BigInt(`0x${base.toString('hex')}`) ^ BigInt(index)).toString(16);
  return Buffer.from(counted.padStart(24, '0'), 'hex');
}

export function sealIndependently(key: Uint8Array, salt: Uint8Array, context: Uint8Array, text: Uint8Array): Buffer {
  const output = expand(key, salt, context);
  const parts: Uint8Array[] = [salt, output.subarray(44)];
  for (let i = 0; i <= Math.floor(text.length / CHUNK); i++) {
    const cipher = createCipheriv('aes-256-gcm', output.subarray(0, 32), nonce(output.subarray(32, 44), i));
    parts.push(cipher.update(text.subarray(i * CHUNK, (i + 1) * CHUNK)), cipher.final(), cipher.getAuthTag());
  }
  return Buffer.concat(parts);
}

/** The message, or an exception. */
export function openIndependently(key: Uint8Array, context: Uint8Array, message: Uint8Array): Buffer {
  const output = expand(key, message.subarray(0, 24), context);
  if (!output.subarray(44).equals(message.subarray(24, 56))) throw new Error('commitment');
  const parts: Buffer[] = [];
  for (let at = 56, i = 0; ; at += CHUNK + 16, i++) {
    const sealed = message.subarray(at, at + CHUNK + 16);
    const decipher = createDecipheriv('aes-256-gcm', output.subarray(0, 32), nonce(output.subarray(32, 44), i));
    decipher.setAuthTag(sealed.subarray(sealed.length - 16));
    parts.push(decipher.update(sealed.subarray(0, sealed.length - 16)), decipher.final());
    if (sealed.length < CHUNK + 16) return Buffer.concat(parts);
  }
}
