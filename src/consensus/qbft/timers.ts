import type { Round } from '../../base/brand.ts';
import type { EngineConfig } from '../engine.ts';

/** min(base · 2^round, cap), in milliseconds (QBFT-8). The exponent is bounded so that the product stays exact. */
export const roundTimeoutMs = (
  config: Pick<EngineConfig, 'roundTimeoutMs' | 'roundTimeoutCapMs'>,
  round: Round,
): number => Math.min(config.roundTimeoutMs * 2 ** Math.min(round, 30), config.roundTimeoutCapMs);
