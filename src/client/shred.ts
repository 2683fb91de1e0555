import type { Result } from '../base/result.ts';
import { applied, type Sent, type Session } from './session.ts';

/**
 * Ends a record of the session's own, with all its versions, for ever: honest hospitals erase every byte of it once the block is final, those that
 * were away when they come back. A copy that somebody made before is beyond reach (PRIVACY.md, "A record", 8).
 */
export const shredRecord = async (session: Session, record: Uint8Array): Promise<Result<Sent>> =>
  applied(await session.send('shred', { record }));
