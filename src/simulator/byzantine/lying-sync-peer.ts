import type { Height } from '../../base/brand.ts';
import { encodeBlocksAnswer } from '../../protocol/wire.ts';
import type { MakeBehaviour } from './behaviour.ts';
import { mutated } from './garbage.ts';

/** Votes as it should, but what it says of its chain is false: its height, and every block it is asked for. */
export const lyingSyncPeer: MakeBehaviour = ({ random }) => ({
  claims: (height) => random.pick([0, 1, height - 1, height + 1, height + 7, height + 1_000_000]) as Height,
  answers(blocks) {
    const first = blocks[0];
    switch (random.integer(0, 6)) {
      case 0:
        return encodeBlocksAnswer([]);
      case 1:
        return encodeBlocksAnswer(blocks.slice(0, 1));
      case 2:
        return encodeBlocksAnswer(blocks.slice(1));
      case 3:
        return encodeBlocksAnswer([...blocks].reverse());
      case 4:
        return first === undefined
          ? null
          : encodeBlocksAnswer([{ block: mutated(first.block, random), certificate: first.certificate }]);
      case 5:
        return mutated(encodeBlocksAnswer(blocks), random);
      default:
        return null;
    }
  },
});
