import { equal } from '../../../base/bytes.ts';
import { ok, refuse } from '../../../base/result.ts';
import { readUid } from '../../principal.ts';
import { event, type Kind, NO_SIGNATURES } from '../kind.ts';
import { concernOfRead, openAnswer, setClaim } from './disputed-answer.ts';

/** Said to have delivered nothing, a holder delivers before everyone's eyes: still sealed to the fresh key, so to the reader alone. */
export const publishShare: Kind<'publishShare'> = {
  signatures: NO_SIGNATURES,
  asks: (_setting, _state, { read }) => [{ resource: readUid(read), context: {} }],
  concern: concernOfRead,
  apply: (setting, state, { read, share }) => {
    const found = openAnswer(setting, state, read, setting.sender);
    if (!found.ok) return found;
    const { open, answer } = found.value;
    if (answer.claim !== 'undelivered') return refuse('dispute.not-claimed');
    if (!equal(setting.primitives.hash(share), answer.shareHash)) return refuse('dispute.other-share');
    setClaim(setting, state, read, found.value, 'published');
    return ok([event('SharePublished', open.reader, read), event('SharePublished', setting.sender, read)]);
  },
};
