import type { Result } from '../base/result.ts';
import type { Purpose } from '../ledger/vocabulary.ts';
import { thresholdOf } from './grant.ts';
import { applied, type Sent, type Session } from './session.ts';

export interface AccessWish {
  readonly record: Uint8Array;
  readonly purpose: Purpose;
  /** Hospitals there are: Omin is the threshold of that many, Omax all of them. */
  readonly hospitalCount: number;
}

/** Alg. 2: a practitioner asks for a record; its owner hears of it, and may answer with a grant (F27). */
export async function requestAccess(
  session: Session,
  { record, purpose, hospitalCount }: AccessWish,
): Promise<Result<Sent>> {
  return applied(
    await session.send('requestAccess', {
      record,
      purpose,
      doctorPublicKey: session.account.publicKey,
      oraclesMin: thresholdOf(hospitalCount),
      oraclesMax: hospitalCount,
    }),
  );
}
