/** One way in which a text may stand in a file or on a wire. */
export interface MarkerForm {
  readonly encoding: string;
  readonly bytes: Uint8Array;
}

/** Shorter markers are found by accident in random bytes, above all where base64 has lost its ends. */
export const MARKER_BYTES_MIN = 8;
export const MARKER_BYTES_MAX = 4_096;

/**
 * Every form in which a planted text is looked for: as UTF-8, as UTF-16 of either byte order, as hexadecimal of either case, as
 * base64 of either alphabet, and the same of the text as JSON escapes it. Base64 takes three bytes at a time, so the text has three forms
 * there, by where it begins; characters that also depend on its neighbours are left out.
 */
export function formsOf(marker: string): readonly MarkerForm[] {
  const markerBytes = Buffer.byteLength(marker, 'utf8');
  if (markerBytes < MARKER_BYTES_MIN || markerBytes > MARKER_BYTES_MAX)
    throw new RangeError(`a marker has ${MARKER_BYTES_MIN} to ${MARKER_BYTES_MAX} bytes of UTF-8`);
  const escaped = JSON.stringify(marker).slice(1, -1);
  const forms = [marker, escaped].flatMap((text) => formsOfBytes(Buffer.from(text, 'utf8'), text));
  const seen = new Set<string>();
  return forms.filter(({ bytes }) => {
    const key = Buffer.from(bytes).toString('latin1');
    return !seen.has(key) && seen.add(key);
  });
}

function formsOfBytes(utf8: Buffer, text: string): readonly MarkerForm[] {
  const form = (encoding: string, bytes: Uint8Array): MarkerForm => ({ encoding, bytes });
  const hex = utf8.toString('hex');
  return [
    form('utf-8', utf8),
    form('utf-16le', Buffer.from(text, 'utf16le')),
    form('utf-16be', Buffer.from(text, 'utf16le').swap16()),
    form('hex-lower', Buffer.from(hex, 'latin1')),
    form('hex-upper', Buffer.from(hex.toUpperCase(), 'latin1')),
    ...[0, 1, 2].flatMap((shift) => base64Forms(utf8, shift)),
  ];
}

function base64Forms(utf8: Buffer, shift: number): readonly MarkerForm[] {
  const padded = Buffer.concat([Buffer.alloc(shift), utf8]);
  // Characters that hold bits of the text alone: from the first whole sextet of it to the last.
  const first = Math.ceil((shift * 8) / 6);
  const last = Math.floor((padded.length * 8) / 6);
  return (['base64', 'base64url'] as const).map((alphabet) => ({
    encoding: `${alphabet}+${shift}`,
    bytes: Buffer.from(padded.toString(alphabet).slice(first, last), 'latin1'),
  }));
}
