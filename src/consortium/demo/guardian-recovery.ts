import { equal } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { giveShare } from '../../client/guardianship.ts';
import { readRecord } from '../../client/read-record.ts';
import { recoverWallet, replaceAccountKey } from '../../client/recover.ts';
import { refusedAtDoor } from '../../client/session.ts';
import { must, personAt } from '../people.ts';
import { askAndApprove, collectReleases, letterOf, MATURING_MS, settleGuarded, untilMatured } from './guardians.ts';
import { HOSPITAL_A, type Story } from './story.ts';

const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.rejection.code);

/** A patient's device is lost. Two guardians of three and the hospitals bring the patient back, once nobody has objected in time. */
export async function guardianRecovery(story: Story): Promise<void> {
  const guarded = await settleGuarded(story);
  story.guarded = guarded;
  const lost = guarded.patient;
  const asked = await askAndApprove(story, guarded, 'recovery');
  const { guardian, letter } = letterOf(guarded, 'recovery', 1);
  const early = {
    guardian: codeOf(await giveShare(guardian.session, guardian.wallet, letter, asked.request)),
    hospitals: codeOf(await refusedAtDoor(guardian.session.api.releasedShares(asked.request))),
  };
  const waitedMs = await untilMatured(guarded, asked);
  const released = await collectReleases(story, guarded, 'recovery', asked);
  const alone = codeOf(
    await recoverWallet(story.device, lost.wallet.id, { ...released, guardians: released.guardians.slice(1) }),
  );
  const found = must(await recoverWallet(story.device, lost.wallet.id, released), 'the new device joins the halves');
  const onNewDevice = personAt(story, { ...lost, wallet: found, hospital: HOSPITAL_A });
  const wallet = must(
    await replaceAccountKey(
      onNewDevice.session,
      found,
      (next) => personAt(story, { ...lost, wallet: next, hospital: HOSPITAL_A }).session,
    ),
    'the new device takes a new account key',
  );
  guarded.patient = personAt(story, { ...lost, wallet, hospital: HOSPITAL_A });

  const wish = { record: guarded.record, purpose: 'PATRQT' } as const;
  const opened = must(await readRecord(guarded.patient.session, wallet, wish), 'the patient reads on the new device');
  const oldDevice = codeOf(
    await refusedAtDoor(lost.session.send('readRecord', { ...wish, freshKey: lost.wallet.receiving.publicKey })),
  );
  const samePerson = equal(wallet.id, lost.wallet.id);
  const sameBytes = equal(opened.plaintext, guarded.content);
  const ok =
    samePerson &&
    sameBytes &&
    early.guardian === 'client-guardian.immature' &&
    early.hospitals !== 'ok' &&
    alone === 'client-guardian.too-few-shares' &&
    oldDevice === 'transaction.key-retired';
  story.tell(
    'A patient loses the device. Two of three guardians approve on chain; when the time for a veto is over, they and the hospitals release ' +
      'their halves, and a new device is the patient again. The old key signs nothing any more.',
  );
  story.checks.add('guardian-recovery', ok, {
    maturingMs: MATURING_MS,
    waitedMs,
    early,
    oneGuardianAlone: alone,
    guardians: released.guardians.length,
    hospitals: released.hospitals.length,
    samePerson,
    sameBytes,
    oldDevice,
  });
}
