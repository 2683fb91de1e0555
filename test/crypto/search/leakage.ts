/*
 * A leakage-abuse attack in the manner of Islam et al. (2012) and Cash et al. (2015): a node that follows the protocol counts. It
 * knows the population exactly: how common each keyword is, how long its lists are, how often it is searched. It sees, per
 * patient, tokens with the number of entries that matched and the number of times they came. It names each token's keyword by
 * the likeliest assignment of different keywords to different tokens.
 */
export interface Word {
  readonly keyword: string;
  /** Share of patients whose records have it. */
  readonly prevalence: number;
  /** Mean postings of those who have it, beyond the first. */
  readonly meanExtra: number;
  /** Mean searches in an epoch by those who have it. */
  readonly meanSearches: number;
}

export interface Patient {
  /** Keyword → number of postings. */
  readonly lists: ReadonlyMap<string, number>;
  /** Keyword → number of searches in the epoch, at least one. */
  readonly searches: ReadonlyMap<string, number>;
}

/** What the node sees of one token. */
export interface Seen {
  readonly volume: number;
  readonly repeats: number;
}

/** A small generator with a seed (mulberry32): the same population in every run. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Forty keywords: common and rare, long lists and short ones, much searched and hardly. */
export function vocabulary(random: () => number): readonly Word[] {
  return Array.from({ length: 40 }, (_, i) => ({
    keyword: `code|${i}`,
    prevalence: 0.6 / (1 + 0.15 * i),
    meanExtra: [0.2, 0.5, 1, 2, 4, 8, 14, 20][Math.floor(random() * 8)] as number,
    meanSearches: [0.3, 0.6, 1, 2, 4, 8][Math.floor(random() * 6)] as number,
  }));
}

export function patients(words: readonly Word[], count: number, random: () => number): readonly Patient[] {
  return Array.from({ length: count }, () => {
    const lists = new Map<string, number>();
    const searches = new Map<string, number>();
    for (const { keyword, prevalence, meanExtra, meanSearches } of words) {
      if (random() >= prevalence) continue;
      lists.set(keyword, 1 + geometric(meanExtra, random));
      const times = poisson(meanSearches, random);
      if (times > 0) searches.set(keyword, times);
    }
    return { lists, searches: new Map(shuffled([...searches], random)) };
  });
}

/** In the order of the vocabulary the tokens themselves would say which they are. */
function shuffled<T>(items: T[], random: () => number): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
  return items;
}

/** Failures before a success, of this mean. */
const geometric = (mean: number, random: () => number): number =>
  Math.floor(Math.log(1 - random()) / Math.log(mean / (1 + mean)));

function poisson(mean: number, random: () => number): number {
  let count = 0;
  for (let product = random(); product > Math.exp(-mean); product *= random()) count++;
  return count;
}

const logGeometric = (k: number, mean: number): number => k * Math.log(mean / (1 + mean)) - Math.log(1 + mean);

function logPoisson(k: number, mean: number): number {
  let log = -mean + k * Math.log(mean);
  for (let i = 2; i <= k; i++) log -= Math.log(i);
  return log;
}

export interface Eyes {
  readonly volume: boolean;
  readonly repeats: boolean;
}

/** log odds that this token is that keyword's: of being there at all, of that padded length, of being so often searched. */
function likelihoods(words: readonly Word[], eyes: Eyes, pad: (length: number) => number) {
  const volumes = words.map(({ meanExtra }) => {
    const chances = new Map<number, number>();
    for (let extra = 0; extra < 400; extra++) {
      const volume = pad(1 + extra);
      chances.set(volume, (chances.get(volume) ?? 0) + Math.exp(logGeometric(extra, meanExtra)));
    }
    return chances;
  });
  return ({ volume, repeats }: Seen, w: number): number => {
    const { prevalence, meanSearches } = words[w] as Word;
    const searched = 1 - Math.exp(-meanSearches);
    // The odds of there being such a token: a keyword that is given to none must have been absent or not searched.
    let log = Math.log(prevalence) - Math.log(1 - prevalence * searched);
    log += eyes.repeats ? logPoisson(repeats, meanSearches) : Math.log(searched);
    if (eyes.volume) log += Math.log((volumes[w]?.get(volume) ?? 0) + 1e-12);
    return log;
  };
}

/** How many tokens of this patient the node names rightly. `truth[i]` is the index of the keyword behind `seen[i]`. */
export function attack(words: readonly Word[], eyes: Eyes, pad: (length: number) => number) {
  const likelihood = likelihoods(words, eyes, pad);
  return (seen: readonly Seen[], truth: readonly number[]): number => {
    const costs = seen.map((token) => words.map((_, w) => -likelihood(token, w)));
    return assign(costs).filter((w, i) => w === truth[i]).length;
  };
}

/**
 * The count attack of Cash et al.: the node's own hospital wrote the records, so it knows how many of this very patient's hold each
 * keyword, and only which token is which is hidden.
 */
export function attackKnowingCounts(words: readonly Word[], pad: (length: number) => number) {
  const impossible = 1e6;
  return ({ lists }: Patient, seen: readonly Seen[], truth: readonly number[]): number => {
    const costs = seen.map(({ volume }) =>
      words.map(({ keyword }) => {
        const length = lists.get(keyword);
        return length !== undefined && pad(length) === volume ? 0 : impossible;
      }),
    );
    return assign(costs).filter((w, i) => w === truth[i]).length;
  };
}

/** The cheapest assignment of rows to different columns (Hungarian method; rows ≤ columns). */
export function assign(costs: readonly (readonly number[])[]): readonly number[] {
  const rows = costs.length;
  const columns = costs[0]?.length ?? 0;
  const u = new Array<number>(rows + 1).fill(0);
  const v = new Array<number>(columns + 1).fill(0);
  const rowOf = new Array<number>(columns + 1).fill(0);
  for (let row = 1; row <= rows; row++) {
    const least = new Array<number>(columns + 1).fill(Number.POSITIVE_INFINITY);
    const from = new Array<number>(columns + 1).fill(0);
    const used = new Array<boolean>(columns + 1).fill(false);
    rowOf[0] = row;
    let at = 0;
    do {
      used[at] = true;
      const i = rowOf[at] as number;
      let next = 0;
      let delta = Number.POSITIVE_INFINITY;
      for (let j = 1; j <= columns; j++) {
        if (used[j]) continue;
        const cost = (costs[i - 1]?.[j - 1] as number) - (u[i] as number) - (v[j] as number);
        if (cost < (least[j] as number)) {
          least[j] = cost;
          from[j] = at;
        }
        if ((least[j] as number) < delta) {
          delta = least[j] as number;
          next = j;
        }
      }
      for (let j = 0; j <= columns; j++)
        if (used[j]) {
          u[rowOf[j] as number] = (u[rowOf[j] as number] as number) + delta;
          v[j] = (v[j] as number) - delta;
        } else least[j] = (least[j] as number) - delta;
      at = next;
    } while (rowOf[at] !== 0);
    for (; at !== 0; at = from[at] as number) rowOf[at] = rowOf[from[at] as number] as number;
  }
  const columnOf = new Array<number>(rows).fill(-1);
  for (let j = 1; j <= columns; j++) if ((rowOf[j] as number) > 0) columnOf[(rowOf[j] as number) - 1] = j - 1;
  return columnOf;
}
