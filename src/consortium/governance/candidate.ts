import { readFile, stat } from 'node:fs/promises';
import { fromHex, toHex } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok } from '../../base/result.ts';
import { candidateShape, type HospitalRecord } from '../../ledger/families/payloads.ts';
import type { Tier } from '../../ledger/vocabulary.ts';
import { peerIdOf } from '../../network/peer-key.ts';
import type { HospitalKeys } from '../../node/keys.ts';
import { CONSORTIUM_CODES } from '../codes.ts';
import { EXIT } from '../exit-codes.ts';
import { CommandError, refusalText } from '../output.ts';

/** A hospital that asks to join, as a file that it hands to a member: public keys and addresses, nothing secret. */
const FILE_BYTES_MAX = 16_384;

export const candidateOf = (
  primitives: Primitives,
  keys: HospitalKeys,
  { name, tier, addresses }: { readonly name: string; readonly tier: Tier; readonly addresses: readonly string[] },
): HospitalRecord => ({
  name,
  tier,
  accountKey: primitives.publicKeyOf(keys.account),
  validatorKey: null,
  dutyKey: primitives.publicKeyOf(keys.duty),
  peerId: peerIdOf(keys.peerSeed),
  addresses,
});

export function candidateFace({ name, tier, accountKey, dutyKey, peerId, addresses }: HospitalRecord): object {
  return {
    name,
    tier,
    accountKey: toHex(accountKey),
    validatorKey: null,
    dutyKey: toHex(dutyKey),
    peerId,
    addresses,
  };
}

export async function readCandidate(file: string): Promise<HospitalRecord> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) throw unusable('consortium-command.file-missing', file);
  if (found.size > FILE_BYTES_MAX) throw unusable('consortium-command.no-candidate', file);
  const read = candidateShape(fromFile(await readFile(file, 'utf8')), '');
  if (!read.ok) throw unusable('consortium-command.no-candidate', `${file}: ${refusalText(read.rejection)}`);
  return read.value;
}

/** Hexadecimal keys, back to bytes; anything odd is left for the shape to refuse. */
function fromFile(text: string): unknown {
  const read = parsed(text);
  if (!read.ok || typeof read.value !== 'object' || read.value === null) return null;
  const record = read.value as Record<string, unknown>;
  const bytes = (value: unknown): unknown => (typeof value === 'string' ? fromHex(value) : value);
  return { ...record, accountKey: bytes(record.accountKey), dutyKey: bytes(record.dutyKey) };
}

function parsed(text: string): { readonly ok: true; readonly value: unknown } | { readonly ok: false } {
  try {
    return ok(JSON.parse(text) as unknown);
  } catch {
    return { ok: false };
  }
}

const unusable = (code: 'consortium-command.file-missing' | 'consortium-command.no-candidate', about: string) =>
  new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${about}`, { exitCode: EXIT.usage });
