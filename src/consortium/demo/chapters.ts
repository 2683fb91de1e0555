import { auditIsComplete } from './audit.ts';
import { brokenGlassIsReviewed } from './broken-glass.ts';
import type { CheckName } from './checklist.ts';
import { cidMatchesIpfs } from './content-id.ts';
import { enrolEveryone, strangerIsRefused } from './enrol.ts';
import { catchesUp, survivesKill, thresholdRead } from './failure.ts';
import { auditEventsAreValid, consentGoesRound } from './fhir.ts';
import { firstBlock } from './first-block.ts';
import { guardianActing } from './guardian-acting.ts';
import { guardianRecovery } from './guardian-recovery.ts';
import { noPlaintext } from './no-plaintext.ts';
import { proofIsVerified } from './proof.ts';
import { deniedWithoutWriteGrant, registered } from './register.ts';
import { searchHits } from './search.ts';
import { deniedAfterRevoke, deniedBeforeGrant, granted, readAfterGrant } from './share.ts';
import { shredded } from './shredded.ts';
import type { Story } from './story.ts';
import { tamperIsDetected } from './tamper.ts';
import { belowThresholdFails, capsuleReuseIsRefused } from './threshold.ts';
import { unlinkable } from './unlinkable.ts';
import { reputationIsTold, wrongShareIsDisputed, wrongShareIsRated } from './wrong-share.ts';

export interface Chapter {
  readonly check: CheckName;
  readonly tell: (story: Story) => Promise<void>;
}

/** Told while the hospitals run. */
export const CHAPTERS: readonly Chapter[] = [
  { check: 'first-block', tell: firstBlock },
  { check: 'enrolled', tell: enrolEveryone },
  { check: 'stranger-refused', tell: strangerIsRefused },
  { check: 'register-without-write-denied', tell: deniedWithoutWriteGrant },
  { check: 'registered', tell: registered },
  { check: 'denied-before-grant', tell: deniedBeforeGrant },
  { check: 'granted', tell: granted },
  { check: 'read-after-grant', tell: readAfterGrant },
  { check: 'cid-matches-ipfs', tell: cidMatchesIpfs },
  { check: 'search-hit', tell: searchHits },
  { check: 'denied-after-revoke', tell: deniedAfterRevoke },
  { check: 'break-glass-reviewed', tell: brokenGlassIsReviewed },
  { check: 'below-threshold-fails', tell: belowThresholdFails },
  { check: 'capsule-reuse-refused', tell: capsuleReuseIsRefused },
  { check: 'threshold-read', tell: thresholdRead },
  { check: 'wrong-share-disputed', tell: wrongShareIsDisputed },
  { check: 'survives-kill', tell: survivesKill },
  { check: 'unlinkable', tell: unlinkable },
  { check: 'fhir-consent-roundtrip', tell: consentGoesRound },
  { check: 'caught-up', tell: catchesUp },
  { check: 'audit-complete', tell: auditIsComplete },
  { check: 'audit-event-valid', tell: auditEventsAreValid },
  { check: 'wrong-share-rated', tell: wrongShareIsRated },
  { check: 'reputation', tell: reputationIsTold },
  { check: 'guardian-recovery', tell: guardianRecovery },
  { check: 'guardian-acting', tell: guardianActing },
  { check: 'shredded', tell: shredded },
];

/** Told over what the hospitals have left on their disks. */
export const OFFLINE_CHAPTERS: readonly Chapter[] = [
  { check: 'tamper-detected', tell: tamperIsDetected },
  { check: 'proof-verified', tell: proofIsVerified },
  { check: 'no-plaintext', tell: noPlaintext },
];

/**
 * One after another; each builds on the ones before. False where one could not be told to its end: then its check fails, or is unknown where
 * all that was missing is time.
 */
export async function tellChapters(story: Story, chapters: readonly Chapter[], deadlineMs: number): Promise<boolean> {
  for (const { check, tell } of chapters) {
    try {
      await before(deadlineMs, tell(story));
    } catch (error) {
      const { code, message } = error as { code?: unknown; message?: unknown };
      const reason = [code, message].filter((part) => typeof part === 'string').join(': ');
      story.tell(`This chapter broke off: ${reason}`);
      if (isLate(error)) story.checks.notReached(check, reason);
      else story.checks.failed([check], reason);
      return false;
    }
  }
  return true;
}

/** Nothing answered, or no block came, in time: then nothing is known (as in `api-failure.ts`). */
const LATE: readonly unknown[] = ['consortium-chain.stalled', 'client-http.timeout', 'client-session.no-receipt'];

function isLate(error: unknown): boolean {
  if (error instanceof TimeOver) return true;
  const { code, detail } = error as { code?: unknown; detail?: { reason?: unknown } };
  return LATE.includes(code) || LATE.includes(detail?.reason);
}

class TimeOver extends Error {
  override readonly name = 'TimeOver';
}

async function before(deadlineMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const fail = (): void => reject(new TimeOver('the time of the demonstration is over'));
    timer = setTimeout(fail, Math.max(0, deadlineMs - performance.now()));
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
