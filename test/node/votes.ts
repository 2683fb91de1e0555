import type { Height, Round } from '../../src/base/brand.ts';
import { encodeSigningState } from '../../src/consensus/signing-state.ts';
import type { Ballot } from '../../src/consensus/vote.ts';

export type { Ballot } from '../../src/consensus/vote.ts';

export const noVotes = null;
export const encodeSigningStateBallots = (height: number, round: number, votes: readonly Ballot[]): Uint8Array =>
  encodeSigningState({ height: height as Height, round: round as Round, votes, prepared: null });
