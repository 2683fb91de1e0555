import { utf8 } from '../base/bytes.ts';
import { ok, type Result } from '../base/result.ts';
import { type BundlePart, splitBundle } from '../fhir/split.ts';
import { ensureCategory } from './ensure-category.ts';
import type { Session } from './session.ts';
import type { Wallet } from './wallet.ts';
import { type WrittenRecord, writeRecord } from './write-record.ts';

export interface ImportedPart extends Omit<BundlePart, 'text'> {
  readonly written: WrittenRecord;
  readonly plaintextBytes: number;
}

/**
 * A FHIR Bundle into the own file (F54): the device splits it by what each resource suggests, opens the categories that it needs, and registers a
 * record for each part. `told` hears of every part once it is registered: what came before a refusal stands.
 */
export async function importBundle(
  session: Session,
  wallet: Wallet,
  text: string,
  told: (part: ImportedPart) => void = () => {},
): Promise<Result<readonly ImportedPart[]>> {
  const parts = splitBundle(text);
  if (!parts.ok) return parts;
  const imported: ImportedPart[] = [];
  for (const { text: partText, ...part } of parts.value) {
    const category = await ensureCategory(session, wallet, part.category, part.label);
    if (!category.ok) return category;
    const plaintext = utf8(partText);
    const written = await writeRecord(session, wallet, { owner: wallet.id, category: category.value, plaintext });
    if (!written.ok) return written;
    const done = { ...part, written: written.value, plaintextBytes: plaintext.length };
    imported.push(done);
    told(done);
  }
  return ok(imported);
}
