import { shameless } from './altered.ts';
import type { MakeBehaviour } from './behaviour.ts';
import { censor } from './censor.ts';
import { delayer } from './delayer.ts';
import { equivocator } from './equivocator.ts';
import { forgingLeader } from './forging-leader.ts';
import { garbage } from './garbage.ts';
import { halfHearted } from './half-hearted.ts';
import { lyingSyncPeer } from './lying-sync-peer.ts';
import { lyingVoter } from './lying-voter.ts';
import type { BehaviourName } from './names.ts';
import { selectiveSender } from './selective-sender.ts';
import { silent } from './silent.ts';
import { staleSetSigner } from './stale-set-signer.ts';
import { timeLiar } from './time-liar.ts';

/** A twin is nothing of its own: each of the two is honest, but for falling silent where it meets the other's votes. */
const twin: MakeBehaviour = () => ({ engine: shameless });

export const BEHAVIOUR_OF: { readonly [Name in BehaviourName]: MakeBehaviour } = {
  twin,
  silent,
  censor,
  delayer,
  'selective-sender': selectiveSender,
  equivocator,
  garbage,
  'stale-set-signer': staleSetSigner,
  'lying-sync-peer': lyingSyncPeer,
  'time-liar': timeLiar,
  'half-hearted': halfHearted,
  'lying-voter': lyingVoter,
  'forging-leader': forgingLeader,
};
