import type { Hash } from '../../base/brand.ts';
import { fromHex, toHex } from '../../base/bytes.ts';
import type { ReviewLine } from '../../client/api.ts';
import { closeReview, reasonOf } from '../../client/reviews.ts';
import type { Finding } from '../../ledger/vocabulary.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { atDesk, type DeskOptions, type HospitalDesk } from '../governance/hospital-desk.ts';
import { CommandError, type Output, refusalText, usageError } from '../output.ts';

/** `carechain hospital review list`: what waits for another hospital's word, with the reason where it was sealed to this one. */
export const reviewList = (options: DeskOptions, output: Output): Promise<ExitCode> =>
  atDesk(options, async (desk) => {
    const waiting = await desk.session.api.waitingReviews();
    const told = [];
    for (const line of waiting) told.push({ ...faceOf(line), ...(await reasonIn(desk, line)) });
    output.result({ reviews: told }, reviewsText(told));
    return EXIT.holds;
  });

const faceOf = ({ read, row }: ReviewLine) => ({
  read: toHex(read),
  record: toHex(row.record),
  owner: toHex(row.owner),
  reader: toHex(row.reader),
  desk: toHex(row.desk),
  height: row.height,
});

/** `problem`: why there are no words. Sealed to others, as the desk's own hospital finds all of them; or sealed to this one, and of no use. */
interface ToldReason {
  readonly reason: string | null;
  readonly problem: string | null;
}

async function reasonIn({ session, keys }: HospitalDesk, { read }: ReviewLine): Promise<ToldReason> {
  const found = await reasonOf(session, read, { id: session.account.id, secretKey: keys.duty });
  return found.ok ? { reason: found.value.reason, problem: null } : { reason: null, problem: found.rejection.code };
}

type ToldReview = ReturnType<typeof faceOf> & ToldReason;

/** What waits, for people. The words are of whoever broke the glass: none of them moves the cursor, or begins a line that looks like another review. */
export const reviewsText = (reviews: readonly ToldReview[]): string =>
  reviews.length === 0
    ? 'nothing waits for a review'
    : reviews
        .map(
          ({ read, reader, desk, owner, reason, problem }) =>
            `${read}\n  ${reader} at the desk of ${desk}, of ${owner}\n  ${reason === null ? `(${problem})` : printable(reason)}`,
        )
        .join('\n');

const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');

/** `carechain hospital review close`: this hospital's finding, which the chain takes from any but the desk's. */
export const reviewClose = (given: string, finding: Finding, options: DeskOptions, output: Output): Promise<ExitCode> =>
  atDesk(options, async ({ session }) => {
    const read = fromHex(given);
    if (read?.length !== 32) throw usageError(`${given} is no id of a read: 64 hexadecimal digits`);
    const sent = await closeReview(session, read as Hash, finding);
    if (!sent.ok) throw new CommandError(sent.rejection.code, refusalText(sent.rejection), { exitCode: EXIT.violated });
    const { height } = sent.value;
    output.result({ read: given, finding, height }, `closed at height ${height}: ${finding}`);
    return EXIT.holds;
  });
