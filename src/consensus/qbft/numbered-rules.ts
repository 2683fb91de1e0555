/** Every numbered rule of `docs/specification/consensus-qbft.md`. */
export const QBFT_RULES = [
  'QBFT-1',
  'QBFT-2',
  'QBFT-3',
  'QBFT-4',
  'QBFT-5',
  'QBFT-6',
  'QBFT-7',
  'QBFT-8',
  'QBFT-9',
  'QBFT-10',
  'QBFT-11',
  'QBFT-12',
  'QBFT-13',
  'QBFT-14',
  'QBFT-15',
] as const;

export type QbftRule = (typeof QBFT_RULES)[number];
