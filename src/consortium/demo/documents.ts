/** Documents that are records as they are: nothing here reads what is in them. */
export type DocumentKind = 'dicom' | 'pdf';

/** DICOM PS3.10, 7.1: 128 bytes of preamble, then these. */
const DICOM_PREFIX = Buffer.from('DICM', 'latin1');
const DICOM_PREAMBLE_BYTES = 128;
/** ISO 32000-1, 7.5.2. */
const PDF_HEADER = Buffer.from('%PDF-', 'latin1');

export function documentKind(bytes: Uint8Array): DocumentKind | undefined {
  const at = (start: number, magic: Buffer): boolean => magic.equals(bytes.subarray(start, start + magic.length));
  if (at(DICOM_PREAMBLE_BYTES, DICOM_PREFIX)) return 'dicom';
  return at(0, PDF_HEADER) ? 'pdf' : undefined;
}

const PASSAGE_BYTES = 64;
const STEP_BYTES = 8;
/** Fewer different characters are a table's zeros, or blanks: such a passage stands in many files by chance. */
const DIFFERENT_MIN = 20;
const isPrintable = (byte: number): boolean => byte >= 0x20 && byte < 0x7f;

/** The passage of printable ASCII with the most different characters, where one is telling enough. */
export function passageIn(bytes: Uint8Array): readonly string[] {
  let best = '';
  let most = DIFFERENT_MIN - 1;
  let run = 0;
  for (let at = 0; at < bytes.length; at++) {
    run = isPrintable(bytes[at] as number) ? run + 1 : 0;
    // Windows that overlap: close enough to the best one.
    if (run < PASSAGE_BYTES || run % STEP_BYTES !== 0) continue;
    const window = bytes.subarray(at + 1 - PASSAGE_BYTES, at + 1);
    const different = new Set(window).size;
    if (different > most) [best, most] = [Buffer.from(window).toString('latin1').trim(), different];
  }
  return best === '' ? [] : [best];
}
