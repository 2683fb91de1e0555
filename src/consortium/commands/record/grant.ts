import type { Address } from '../../../base/brand.ts';
import { toHex } from '../../../base/bytes.ts';
import { ensureCategory } from '../../../client/ensure-category.ts';
import { grantAccess } from '../../../client/grant.ts';
import type { Purpose } from '../../../ledger/vocabulary.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import type { Output } from '../../output.ts';
import { held, onDevice, type PersonOptions } from '../../person-device.ts';
import { bytesOf } from './ids.ts';

export interface GrantOptions extends PersonOptions {
  readonly to: string;
  readonly access: 'read' | 'write' | 'read-write';
  readonly purpose: Purpose;
  readonly hours: number;
  readonly uses?: number;
}

const HOUR_MS = 3_600_000;

/** `carechain record grant`: a person may read or write the own records of one category, for a purpose and a time. */
export async function recordGrant(options: GrantOptions, output: Output): Promise<ExitCode> {
  const { to, access, purpose, hours, uses = null, category: name = 'general' } = options;
  const grantee = toHex(bytesOf<Address>('--to', to, 20));
  await onDevice(options, async ({ session, wallet }) => {
    const category = held(await ensureCategory(session, wallet, name));
    const expires = session.device.nowMs() + hours * HOUR_MS;
    const granted = held(
      await grantAccess(session, wallet, {
        grantee: { type: 'person', id: grantee },
        labels: [name],
        purposes: [purpose],
        access,
        expires,
        uses,
      }),
    );
    const { sent, holders } = granted;
    const facts = {
      grant: toHex(sent.id),
      to: grantee,
      category: toHex(category),
      access,
      purpose,
      expires,
      uses,
      holders: holders.length,
      height: sent.height,
    };
    output.result(
      facts,
      `grant ${facts.grant}\ncategory ${facts.category} (${name}), ${access}, until ${new Date(expires).toISOString()}`,
    );
  });
  return EXIT.holds;
}
