import { type Comparison, type Counts, compare, type Disagreement, noCounts } from './compare.ts';
import { isTemplate, policyText } from './draw-policy.ts';
import { drawWorld, type World } from './draw-world.ts';
import { shrink } from './shrink.ts';
import { entitiesJson, requestJson } from './world-texts.ts';

export interface CampaignOptions {
  /** Requests decided and policies validated. */
  readonly cases: number;
  readonly firstSeed: number;
  say(line: string): void;
}

export interface CampaignReport {
  readonly cases: number;
  readonly disagreements: number;
  readonly firstSeed: number;
  readonly lastSeed: number;
  readonly counts: Counts;
  /** CPU seconds of this process for 1,000 cases. */
  readonly secondsPer1000: number;
  readonly failures: readonly SmallCase[];
}

/** A disagreement as small as it could be made. */
export interface SmallCase extends Disagreement {
  readonly seed: number;
  readonly schema: string;
  readonly policies: readonly string[];
  readonly links: readonly object[];
  readonly entities: string;
  readonly requests: readonly string[];
}

/** Disagreements that are shrunk and shown; the others are counted. */
const SHOWN_MAX = 10;
const PROGRESS_EVERY_CASES = 10_000;

/** Worlds from one seed upwards until there are as many cases; the seed of each disagreement is said when it is met. */
export function campaign({ cases, firstSeed, say }: CampaignOptions, judge = compare): CampaignReport {
  const started = process.cpuUsage();
  const counts = noCounts();
  const failures: SmallCase[] = [];
  let [seed, disagreements, said] = [firstSeed, 0, 0];
  for (; casesOf(counts) < cases; seed++) {
    const world = drawWorld(seed);
    const found = judge(world);
    for (const name of Object.keys(counts) as (keyof Counts)[]) counts[name] += found.counts[name];
    disagreements += found.disagreements.length;
    for (const kind of new Set(found.disagreements.map(({ kind }) => kind))) {
      say(`seed ${seed}: ${kind}`);
      if (failures.length < SHOWN_MAX) failures.push(smallCase(world, kind, judge));
    }
    if (casesOf(counts) - said < PROGRESS_EVERY_CASES) continue;
    said = casesOf(counts);
    say(`${said} cases, ${disagreements} disagreements`);
  }
  const { user, system } = process.cpuUsage(started);
  const done = casesOf(counts);
  const secondsPer1000 = Number(((user + system) / 1_000 / done).toFixed(3));
  return { cases: done, disagreements, firstSeed, lastSeed: seed - 1, counts, secondsPer1000, failures };
}

const casesOf = ({ requestsDecided, policiesValidated }: Counts): number => requestsDecided + policiesValidated;

function smallCase(world: World, kind: string, judge: (world: World) => Comparison): SmallCase {
  const disagreement = (one: World): Disagreement | undefined =>
    judge(one).disagreements.find((found) => found.kind === kind);
  const small = shrink(world, (one) => disagreement(one) !== undefined);
  return {
    seed: world.seed,
    ...(disagreement(small) as Disagreement),
    schema: small.schemaText,
    policies: small.policies.map(
      (policy) => `${JSON.stringify(policy.id)} ${isTemplate(policy) ? 'template ' : ''}${policyText(policy)}`,
    ),
    links: small.policies.flatMap(({ links }) => links),
    entities: entitiesJson(small),
    requests: small.requests.map((request) => requestJson(request)),
  };
}
