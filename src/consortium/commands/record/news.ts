import { toHex } from '../../../base/bytes.ts';
import { findChannels } from '../../../client/channel.ts';
import { heardSince, type Notification } from '../../../client/notifications.ts';
import { type GrantStanding, grantsToReissue, reissueGrant, reissueSentences } from '../../../client/reissue.ts';
import { refusedAtDoor } from '../../../client/session.ts';
import { categoryNames } from '../../../fhir/index.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import type { Output } from '../../output.ts';
import { held, onDevice, type PersonDevice, type PersonOptions } from '../../person-device.ts';

export interface NewsOptions extends PersonOptions {
  readonly after?: number;
  readonly reissue?: boolean;
}

/**
 * `carechain record news`: what happened to this account since a height (F51), and grants that open less than they say, because hospitals went or an
 * epoch ended. 1 where such a grant is left.
 */
export async function recordNews(options: NewsOptions, output: Output): Promise<ExitCode> {
  return onDevice(options, async (device) => {
    const { session, wallet } = device;
    await findChannels(session, wallet, categoryNames);
    const heard = await heardSince(session, options.after ?? 0);
    const due: Due[] = [];
    for (const standing of held(await grantsToReissue(session, wallet)))
      due.push({ standing, refused: options.reissue === true ? await makeAgain(device, standing) : NOT_ASKED });
    const facts = {
      height: heard.height,
      notifications: heard.notifications.map(told),
      grants: due.map(dueFacts),
    };
    output.result(
      facts,
      [...heard.notifications.map(line), ...due.flatMap(dueLines), `Go on with --after ${heard.height}.`].join('\n'),
    );
    return due.every(({ refused }) => refused === null) ? EXIT.holds : EXIT.violated;
  });
}

interface Due {
  readonly standing: GrantStanding;
  /** Why it was not made again; null where it was. */
  readonly refused: string | null;
}

const NOT_ASKED = 'not asked';

/** What fails for one grant holds up no other. */
async function makeAgain({ session, wallet }: PersonDevice, { grant }: GrantStanding): Promise<string | null> {
  const answer = await refusedAtDoor(reissueGrant(session, wallet, grant));
  const result = answer.ok ? answer.value : answer;
  return result.ok ? null : result.rejection.code;
}

const told = ({ height, timestampMs, transactionId, name, about, sentence }: Notification) => ({
  height,
  timestampMs,
  transaction: toHex(transactionId),
  name,
  about: about === null ? null : toHex(about),
  sentence,
});
const line = ({ height, timestampMs, sentence }: Notification): string =>
  `${new Date(timestampMs).toISOString()}  block ${height}  ${sentence}`;

const dueFacts = ({ standing: { grant, reasons, living, epoch }, refused }: Due) => ({
  grantee: grant.grantee.id,
  category: toHex(grant.category),
  reasons,
  living,
  threshold: grant.row.threshold,
  oraclesMin: grant.row.oraclesMin,
  epoch,
  madeAgain: refused === null,
  refused: refused === NOT_ASKED ? null : refused,
});

const dueLines = ({ standing, refused }: Due): readonly string[] => [
  ...reissueSentences(standing, false),
  ...(refused === null ? ['  Made again.'] : refused === NOT_ASKED ? [] : [`  Could not be made again: ${refused}.`]),
];
