import { asIs, type MakeBehaviour, NOTHING } from './behaviour.ts';

/** The vote that prepares, and the one that makes final. clique has a single one. */
const FIRST_VOTES: readonly string[] = ['prepare', 'notarise', 'block'];
const LAST_VOTES: readonly string[] = ['commit', 'finalise'];

interface Favour {
  readonly first: ReadonlySet<number>;
  readonly last: ReadonlySet<number>;
}

/** Heights or views whose favours are remembered. */
const FAVOURS_MAX = 64;

/**
 * Lets a few prepare a block and hardly anyone commit to it: whoever prepared it holds on to it, and the others go on without. Whom it favours
 * changes with each height.
 */
export const halfHearted: MakeBehaviour = ({ random, peers, engine }) => {
  const favours = new Map<number, Favour>();
  const some = (share: number) => new Set(peers.filter(() => random.chance(share)));
  const favourAt = (place: number): Favour => {
    const known = favours.get(place);
    if (known !== undefined) return known;
    const faithful = random.chance(0.2);
    const favour = { first: some(faithful ? 1 : 0.5), last: some(faithful ? 1 : random.pick([0, 0, 0.4])) };
    favours.set(place, favour);
    for (const oldest of favours.keys()) {
      if (favours.size <= FAVOURS_MAX) break;
      favours.delete(oldest);
    }
    return favour;
  };
  return {
    outgoing(to, channel, bytes) {
      const message = channel === 'consensus' ? engine.decodeMessage(bytes) : null;
      if (!message?.ok) return asIs(bytes);
      const { type, vote, seal } = message.value as Said;
      const said = vote ?? seal;
      if (said === undefined) return asIs(bytes);
      const { first, last } = favourAt(engine.name === 'simplex' ? said.round : said.height);
      if (FIRST_VOTES.includes(type)) return first.has(to) ? asIs(bytes) : NOTHING;
      return !LAST_VOTES.includes(type) || last.has(to) ? asIs(bytes) : NOTHING;
    },
  };
};

/** What a message of any engine may name. */
interface Said {
  readonly type: string;
  readonly vote?: { readonly round: number; readonly height: number };
  readonly seal?: { readonly round: number; readonly height: number };
}
