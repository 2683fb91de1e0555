import { readFile } from 'node:fs/promises';
import { toHex } from '../../../base/bytes.ts';
import { type ImportedPart, importBundle } from '../../../client/import-bundle.ts';
import { FHIR_LIMITS } from '../../../fhir/index.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import type { Output } from '../../output.ts';
import { held, mustBeFile, onDevice, type PersonOptions } from '../../person-device.ts';

/** UTF-8 has at most three bytes for a unit of UTF-16. */
const BYTES_A_UNIT = 3;

/** `carechain fhir import`: a Bundle into the own file, a record for each category of what is in it. */
export async function fhirImport(file: string, options: PersonOptions, output: Output): Promise<ExitCode> {
  await mustBeFile(file, BYTES_A_UNIT * FHIR_LIMITS.textMax);
  const text = await readFile(file, 'utf8');
  const records = await onDevice(options, async ({ session, wallet }) =>
    held(await importBundle(session, wallet, text, (part) => output.say(lineOf(part)))),
  );
  output.result(
    { file, records: records.map(factsOf) },
    [`${file}: ${records.length} records`, ...records.map(lineOf)].join('\n'),
  );
  return EXIT.holds;
}

const factsOf = ({ category, label, resources, plaintextBytes, written }: ImportedPart) => ({
  record: toHex(written.record),
  category,
  label,
  resources,
  plaintextBytes,
  cid: written.cid,
  height: written.sent.height,
});

const lineOf = ({ category, label, resources, written }: ImportedPart): string =>
  `${toHex(written.record)}  ${category} (${label}), ${resources} resources`;
