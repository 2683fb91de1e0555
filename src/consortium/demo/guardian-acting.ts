import { equal } from '../../base/bytes.ts';
import { vetoGuardianship } from '../../client/guardianship.ts';
import { readRecord } from '../../client/read-record.ts';
import { keysToAct } from '../../client/recover.ts';
import type { DelegatingKeys } from '../../client/wallet.ts';
import { must, type Person } from '../people.ts';
import { askAndApprove, collectReleases, type Guarded, untilMatured } from './guardians.ts';
import type { Story } from './story.ts';

/** A patient cannot speak. A guardian reads for the patient, signing as himself, until the patient can, and objects. */
export async function guardianActing(story: Story): Promise<void> {
  const { guarded } = story;
  if (guarded === undefined) throw new Error('nobody has guardians');
  const [guardian, other] = guarded.guardians as [Person, Person];
  const asked = await askAndApprove(story, guarded, 'acting');
  const beforeMaturity = await tries(guarded, guardian);
  await untilMatured(guarded, asked);
  const released = await collectReleases(story, guarded, 'acting', asked);
  const keys = must(await keysToAct(story.device.primitives, released), 'the guardian joins the halves');
  const acting = await tries(guarded, guardian, keys);
  const listed = await guardian.session.api.records(guarded.patient.wallet.id);
  const anotherGuardian = await tries(guarded, other, keys);
  must(await vetoGuardianship(guarded.patient.session, asked.request), 'the patient objects');
  const afterVeto = await tries(guarded, guardian, keys);
  const ok =
    acting === 'guardian' &&
    listed.length === 1 &&
    [beforeMaturity, anotherGuardian, afterVeto].every((code) => code === 'policy.denied');
  story.tell(
    'A guardian acts for the patient: he signs as himself, opens the record with the delegating key alone, and stands in the trail. ' +
      'Before the time, for another guardian, and after the patient objects, it is denied.',
  );
  story.checks.add('guardian-acting', ok, {
    beforeMaturity,
    acting,
    records: listed.length,
    anotherGuardian,
    afterVeto,
  });
}

/** The path that opened the same bytes; else why not. */
async function tries(guarded: Guarded, { session, wallet }: Person, asGuardian?: DelegatingKeys): Promise<string> {
  const wish = { record: guarded.record, purpose: 'PATRQT' } as const;
  const opened = await readRecord(session, wallet, asGuardian === undefined ? wish : { ...wish, asGuardian });
  if (!opened.ok) return opened.rejection.code;
  return equal(opened.value.plaintext, guarded.content) ? opened.value.path : 'other bytes';
}
