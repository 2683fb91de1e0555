import { type MakeBehaviour, NOTHING } from './behaviour.ts';

/** Hears everything and says nothing: no vote, no proposal, no transaction. */
export const silent: MakeBehaviour = () => ({ outgoing: () => NOTHING });
