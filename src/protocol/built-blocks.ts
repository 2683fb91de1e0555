import type { BuiltBlock } from '../consensus/engine.ts';
import type { Tip } from '../ledger/chain.ts';
import type { Header } from '../ledger/header.ts';
import { PROTOCOL_LIMITS } from './limits.ts';

/** The durable blocks from the tip down and who built them. A header holds its parent's hash: nothing need be hashed. */
export function builtBlocks(tip: Tip, below: readonly Header[]): readonly BuiltBlock[] {
  const built: BuiltBlock[] = [];
  let blockHash = tip.hash;
  for (const { proposer, parentHash } of [tip.header, ...below].slice(0, PROTOCOL_LIMITS.buildersMax)) {
    built.push({ blockHash, proposer });
    blockHash = parentHash;
  }
  return built;
}

/** `tip` became durable on top of them. */
export const withTip = (built: readonly BuiltBlock[], { hash, header }: Tip): readonly BuiltBlock[] =>
  [{ blockHash: hash, proposer: header.proposer }, ...built].slice(0, PROTOCOL_LIMITS.buildersMax);
