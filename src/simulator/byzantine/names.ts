/** How a hospital may break its word. Each name is a file of this folder, but `twin`: that is two honest nodes with one key. */
export const BEHAVIOURS = [
  'twin',
  'silent',
  'censor',
  'delayer',
  'selective-sender',
  'equivocator',
  'garbage',
  'stale-set-signer',
  'lying-sync-peer',
  'time-liar',
  'half-hearted',
  'lying-voter',
  'forging-leader',
] as const;
export type BehaviourName = (typeof BEHAVIOURS)[number];
