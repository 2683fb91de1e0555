import { toHex } from '../../base/bytes.ts';
import { auditTrail } from '../../client/audit.ts';
import { forEachRecord } from './for-each-record.ts';
import type { Story } from './story.ts';

/** The patient's own trail holds every attempt with what became of it: each denial, each read. */
export async function auditIsComplete(story: Story): Promise<void> {
  await forEachRecord(story, 'audit-complete', async ({ patient, attempts, text }) => {
    const trail = await auditTrail(patient.session, patient.wallet.id);
    const missing = attempts.filter(
      ({ id, kind, outcome }) =>
        !trail.some(
          ({ line }) => toHex(line.transactionId) === toHex(id) && line.kind === kind && line.outcome === outcome,
        ),
    );
    const denied = trail.filter(({ line }) => line.outcome === 'denied').length;
    const expectedDenied = attempts.filter(({ outcome }) => outcome === 'denied').length;
    story.tell(`The audit trail of the patient of ${text.name}, as the patient sees it:`);
    for (const { sentence } of trail) story.tell(`  ${sentence}`);
    return {
      ok: missing.length === 0 && denied === expectedDenied,
      facts: {
        lines: trail.length,
        attempts: attempts.length,
        denied,
        missing: missing.map(({ id, kind }) => `${kind} ${toHex(id)}`),
      },
    };
  });
}
