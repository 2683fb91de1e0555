import { requestRead } from '../../client/allowed-read.ts';
import { contentIdOf, contentIdText } from '../../client/content-id.ts';
import { ApiError } from '../../client/errors.ts';
import { openShares, provenGrantKeys } from '../../client/shares.ts';
import { combineShares } from '../../crypto/combine-shares.ts';
import { type Envelope, encodeEnvelope } from '../../crypto/envelope.ts';
import { must } from '../people.ts';
import { forEachRecord } from './for-each-record.ts';
import { grantToDoctorB, PURPOSE } from './share.ts';
import { attempt, type RecordStory, recordOf, type Story } from './story.ts';

/** t − 1 shares open nothing, also where the reader's own device is told to be content with them: it is mathematics that refuses. */
export async function belowThresholdFails(story: Story): Promise<void> {
  const { doctorB } = story;
  await forEachRecord(story, 'below-threshold-fails', async (record) => {
    await grantToDoctorB(story, record, null);
    const { answer } = await attempt(record, 'readRecord', () =>
      requestRead(doctorB.session, { record: recordOf(record), purpose: PURPOSE }),
    );
    const allowed = must(answer, 'doctor B may read');
    const opened = must(await openShares(doctorB.session, doctorB.wallet, allowed), 'the holders answer');
    record.watched = { allowed, shares: opened.shares };
    const { threshold } = opened;
    const input = {
      chainId: story.trust.chainId,
      readId: allowed.sent.id,
      envelope: allowed.envelope,
      capsule: allowed.capsule,
      keys: must(await provenGrantKeys(doctorB.session, allowed), 'the keys are proven'),
      freshSecret: allowed.freshSecret,
      receivingSecret: doctorB.wallet.receiving.secretKey,
    };
    const codeOf = (shares: number, content: number): string => {
      const { dataKey } = combineShares(story.device.primitives, {
        ...input,
        shares: opened.shares.slice(0, shares),
        threshold: content,
      });
      return dataKey.ok ? 'opened' : dataKey.rejection.code;
    };
    const enough = codeOf(threshold, threshold);
    const fewer = codeOf(threshold - 1, threshold);
    const contentWithFewer = codeOf(threshold - 1, threshold - 1);
    return {
      ok: enough === 'opened' && fewer !== 'opened' && contentWithFewer !== 'opened',
      facts: { threshold, shares: opened.shares.length, enough, fewer, contentWithFewer },
    };
  });
  story.tell(
    'With one share fewer than the threshold the record stays shut, whatever the device is willing to accept.',
  );
}

/** The doctor copies the capsule of a record that he may read into an envelope of his own, to have hospitals re-encrypt it for him: refused. */
export async function capsuleReuseIsRefused(story: Story): Promise<void> {
  await forEachRecord(story, 'capsule-reuse-refused', async (record) => {
    const codes = [await storeCopied(story, record, false), await storeCopied(story, record, true)];
    return { ok: codes.every((code) => code === 'duty.envelope-foreign'), facts: { codes } };
  });
  story.tell(
    "The doctor copies the record's capsule into an envelope of his own: no hospital takes it, for he cannot sign with its secret.",
  );
}

/** The code of the hospital's refusal. `ownName`: under the thief's name; else under the true author's, for another record. */
async function storeCopied(story: Story, { watched }: RecordStory, ownName: boolean): Promise<string> {
  const { device, doctorB } = story;
  const { api } = doctorB.session;
  if (watched === undefined) return 'nothing was read';
  const ciphertext = device.random(512);
  const record = device.random(32);
  const copied: Envelope = {
    ...watched.allowed.envelope,
    recordId: record,
    ...(ownName ? { author: doctorB.wallet.account.publicKey } : {}),
  };
  const cid = contentIdText(await contentIdOf(ciphertext));
  await api.putBlob(ciphertext);
  try {
    await api.storeRecord({
      record,
      cid,
      envelope: encodeEnvelope(copied),
      salt: device.random(32),
      receiptsWanted: 1,
    });
    return 'stored';
  } catch (error) {
    if (error instanceof ApiError) return error.code;
    throw error;
  }
}
