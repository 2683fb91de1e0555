/** V8's `.cpuprofile`, as far as it is read here: a tree of frames, and which was on top at each sample. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  /** Microseconds of the machine's monotonic clock. */
  readonly startTime: number;
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

/** A part of the profile's time, in microseconds. */
export interface Slice {
  readonly name: string;
  readonly microseconds: number;
}

export interface ProfileSummary {
  /** All that was not idle. */
  readonly busyMicroseconds: number;
  readonly idleMicroseconds: number;
  /** Self time by our folder, by library, by module of Node; largest first. */
  readonly byPlace: readonly Slice[];
  /** Self time of single functions. */
  readonly byFunction: readonly Slice[];
  /** Time of our own functions with all that they call, the same function counted once a stack. */
  readonly byCall: readonly Slice[];
}

/** Microseconds of the monotonic clock (`process.hrtime`), the profile's own. */
export interface ProfileWindow {
  readonly fromMicroseconds: number;
  readonly toMicroseconds: number;
}

const FUNCTIONS_MAX = 40;
const IDLE = new Set(['(idle)', '(root)']);

/** Where the time of one process went, within the window. */
export function summariseProfile(profile: CpuProfile, window?: ProfileWindow): ProfileSummary {
  const self = selfTimes(profile, window);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node] as const));
  const byPlace = new Map<string, number>();
  const byFunction = new Map<string, number>();
  let busy = 0;
  let idle = 0;
  for (const [id, microseconds] of self) {
    const frame = nodes.get(id)?.callFrame;
    if (frame === undefined) continue;
    if (IDLE.has(frame.functionName)) {
      idle += microseconds;
      continue;
    }
    busy += microseconds;
    add(byPlace, placeOf(frame.url, frame.functionName), microseconds);
    add(byFunction, nameOf(frame), microseconds);
  }
  return {
    busyMicroseconds: busy,
    idleMicroseconds: idle,
    byPlace: largest(byPlace),
    byFunction: largest(byFunction).slice(0, FUNCTIONS_MAX),
    byCall: largest(callTimes(profile, self)).slice(0, FUNCTIONS_MAX),
  };
}

/** Several processes as one: what a whole consortium spends. */
export function joinSummaries(summaries: readonly ProfileSummary[]): ProfileSummary {
  const join = (of: (summary: ProfileSummary) => readonly Slice[]): readonly Slice[] => {
    const sums = new Map<string, number>();
    for (const summary of summaries) for (const { name, microseconds } of of(summary)) add(sums, name, microseconds);
    return largest(sums);
  };
  const total = (of: (summary: ProfileSummary) => number): number => summaries.reduce((sum, one) => sum + of(one), 0);
  return {
    busyMicroseconds: total((summary) => summary.busyMicroseconds),
    idleMicroseconds: total((summary) => summary.idleMicroseconds),
    byPlace: join((summary) => summary.byPlace),
    byFunction: join((summary) => summary.byFunction).slice(0, FUNCTIONS_MAX),
    byCall: join((summary) => summary.byCall).slice(0, FUNCTIONS_MAX),
  };
}

/** Each sample stands for the time until the next one. */
function selfTimes(
  { samples, timeDeltas, startTime }: CpuProfile,
  window?: ProfileWindow,
): ReadonlyMap<number, number> {
  const times = new Map<number, number>();
  let at = startTime;
  for (let i = 0; i < samples.length; i++) {
    at += timeDeltas[i] as number;
    const until = at + (timeDeltas[i + 1] ?? 0);
    const from = Math.max(at, window?.fromMicroseconds ?? at);
    const to = Math.min(until, window?.toMicroseconds ?? until);
    if (to > from) times.set(samples[i] as number, (times.get(samples[i] as number) ?? 0) + to - from);
  }
  return times;
}

/** Time of each of our functions with its callees: of every node, the time of its subtree, unless it stands below itself. */
function callTimes({ nodes }: CpuProfile, self: ReadonlyMap<number, number>): Map<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node] as const));
  const below = new Set(nodes.flatMap(({ children }) => children ?? []));
  const times = new Map<string, number>();
  // An explicit stack: profiles nest deeper than a recursion should.
  for (const root of nodes) {
    if (below.has(root.id)) continue;
    const open: { id: number; entered: string | null; next: number; total: number }[] = [];
    const active = new Set<string>();
    const enter = (id: number): void => {
      const frame = byId.get(id)?.callFrame;
      const name = frame !== undefined && isOurs(frame.url) ? nameOf(frame) : null;
      const entered = name !== null && !active.has(name) ? name : null;
      if (entered !== null) active.add(entered);
      open.push({ id, entered, next: 0, total: self.get(id) ?? 0 });
    };
    enter(root.id);
    while (open.length > 0) {
      const top = open[open.length - 1] as (typeof open)[number];
      const child = byId.get(top.id)?.children?.[top.next++];
      if (child !== undefined) {
        enter(child);
        continue;
      }
      open.pop();
      if (top.entered !== null) {
        active.delete(top.entered);
        add(times, top.entered, top.total);
      }
      const parent = open[open.length - 1];
      if (parent !== undefined) parent.total += top.total;
    }
  }
  return times;
}

const OURS = /\/(?:dist\/)?(src\/[^?]+?)\.[jt]s(?:\?.*)?$/;
/** The innermost package. */
const LIBRARY = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;

const isOurs = (url: string): boolean => !LIBRARY.test(url) && OURS.test(url);

/** `src/ledger`, `@ipld/dag-cbor`, `node:net`; what has no file is V8's own: `(garbage collector)`, or a built-in function. */
export function placeOf(url: string, functionName: string): string {
  const library = LIBRARY.exec(url)?.[1];
  if (library !== undefined) return library;
  const path = OURS.exec(url)?.[1];
  if (path !== undefined) return path.split('/').slice(0, 2).join('/');
  if (url.startsWith('node:')) return url;
  return functionName.startsWith('(') ? functionName : '(native)';
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? `line ${lineNumber + 1}` : functionName;
  const path = isOurs(url) ? OURS.exec(url)?.[1] : undefined;
  return `${name} ${path ?? placeOf(url, functionName)}`;
}

function add(sums: Map<string, number>, name: string, microseconds: number): void {
  sums.set(name, (sums.get(name) ?? 0) + microseconds);
}

const largest = (sums: ReadonlyMap<string, number>): readonly Slice[] =>
  [...sums]
    .map(([name, microseconds]) => ({ name, microseconds: Math.round(microseconds) }))
    .sort((a, b) => b.microseconds - a.microseconds || (a.name < b.name ? -1 : 1));
