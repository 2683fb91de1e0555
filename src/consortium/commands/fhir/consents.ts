import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex, utf8 } from '../../../base/bytes.ts';
import {
  CONSENT_CODES,
  type ConsentImport,
  type ConsentParty,
  FHIR_CODES,
  FHIR_LIMITS,
  type ForeignReference,
  importConsent,
  type KnownCategory,
  parseBounded,
  refusalPolicies,
} from '../../../fhir/index.ts';
import { DEFAULT_PARAMETERS } from '../../../ledger/parameters.ts';
import { LABELS } from '../../../ledger/vocabulary.ts';
import { nativePrimitives } from '../../../node/primitives.ts';
import { CONSORTIUM_CODES } from '../../codes.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { CommandError, type Output, usageError } from '../../output.ts';

const FILES_MAX = 1_024;

/** What became of one file. */
interface ConsentLine {
  readonly file: string;
  readonly outcome: 'imported' | 'refused';
  readonly grants: number;
  readonly refusals: number;
  readonly revocations: number;
  /** What a refusal is deployed as. */
  readonly policies: readonly string[];
  /** Why a part, or all of it, is not imported as it stands. */
  readonly reasons: readonly {
    readonly code: string;
    readonly path: string;
    readonly effect: string;
    readonly meaning: string;
  }[];
}

/**
 * `carechain fhir consents`: what a folder of FHIR Consents would become, each with its reasons. No chain is asked and nothing is signed: every
 * actor counts as known, and the patient has a category of each label, so that nothing is refused for want of a person.
 */
export async function fhirConsents(folder: string, output: Output): Promise<ExitCode> {
  const names = await namesIn(folder);
  const lines: ConsentLine[] = [];
  for (const file of names) lines.push(judge(file, await textOf(join(folder, file))));
  const imported = lines.filter(({ outcome }) => outcome === 'imported').length;
  output.result(
    { folder, consents: lines.length, imported, refused: lines.length - imported, files: lines },
    [`${lines.length} Consents: ${imported} imported, ${lines.length - imported} refused`, ...lines.map(wordsOf)].join(
      '\n',
    ),
  );
  // What is neither imported nor refused with a reason would have been lost in silence.
  return lines.every(({ outcome, reasons }) => outcome === 'imported' || reasons.length > 0)
    ? EXIT.holds
    : EXIT.violated;
}

function judge(file: string, text: string): ConsentLine {
  const parsed = parseBounded(text);
  if (!parsed.ok) {
    const { code } = parsed.rejection;
    const reason = { code, path: '', effect: 'refused', meaning: FHIR_CODES[code].meaning };
    return { file, outcome: 'refused', grants: 0, refusals: 0, revocations: 0, policies: [], reasons: [reason] };
  }
  const { grants, refusals, revocations, findings } = importAsKnown(parsed.value);
  const isAnything = grants.length + refusals.length + revocations.length > 0;
  return {
    file,
    outcome: isAnything ? 'imported' : 'refused',
    grants: grants.length,
    refusals: refusals.length,
    revocations: revocations.length,
    policies: refusals.flatMap(refusalPolicies),
    reasons: findings.map((finding) => ({ ...finding, meaning: CONSENT_CODES[finding.code].meaning })),
  };
}

function importAsKnown(value: unknown): ConsentImport {
  const { patient } = ((typeof value === 'object' ? value : null) as { patient?: { reference?: unknown } }) ?? {};
  return importConsent(value, {
    nowMs: Date.now(),
    longestMs: DEFAULT_PARAMETERS.grantDurationMaxMs,
    patient: addressFor(String(patient?.reference ?? '')),
    categories: CATEGORIES,
    resolve: partyFor,
  });
}

const primitives = nativePrimitives();
const bytesFor = (text: string, bytes: number): Uint8Array => primitives.hash(utf8(text)).slice(0, bytes);
/** An address of nobody's, always the same for one reference. */
const addressFor = (reference: string): string => toHex(bytesFor(reference, 20));

const CATEGORIES: readonly KnownCategory[] = LABELS.map((label) => ({
  category: bytesFor(`a category ${label}`, 16),
  epoch: 0,
  label,
  sensitivities: [],
}));

function partyFor({ reference, identifier }: ForeignReference): ConsentParty | undefined {
  const named = reference === '' ? identifier : reference;
  const type = /([A-Za-z]+)\/[^/]+$/.exec(reference)?.[1];
  const id = addressFor(named);
  switch (type) {
    case 'Organization':
      return { type: 'hospital', id };
    case 'Patient':
    case 'RelatedPerson':
      return { type: 'person', id, entity: 'Patient' };
    default:
      return named === '' ? undefined : { type: 'person', id, entity: 'Practitioner' };
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    const code = 'consortium-command.file-missing';
    throw new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${folder}`, { exitCode: EXIT.usage, cause });
  });
  const found = names.filter((name) => name.endsWith('.json')).sort();
  if (found.length === 0) throw usageError(`${folder} holds no .json file`);
  if (found.length > FILES_MAX) throw usageError(`${folder} holds more than ${FILES_MAX} files`);
  return found;
}

/** A file beyond the limit is not read: its size alone gets it refused. */
async function textOf(path: string): Promise<string> {
  const { size } = await stat(path);
  return size > FHIR_LIMITS.textMax ? ' '.repeat(FHIR_LIMITS.textMax + 1) : readFile(path, 'utf8');
}

const wordsOf = ({ file, outcome, grants, refusals, revocations, reasons }: ConsentLine): string =>
  [
    `${outcome.padEnd(8)}  ${file}: ${grants} grants, ${refusals} refusals, ${revocations} revocations`,
    ...reasons.map(({ effect, code, path, meaning }) => `    ${effect} ${code} at ${path || 'the file'}: ${meaning}`),
  ].join('\n');
