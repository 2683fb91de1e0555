/** What `/v1/status` answers, as far as a supervisor reads it. */
export interface NodeStatus {
  readonly height: number;
  readonly blockHash: string;
  readonly stateRoot: string;
  readonly peers: number;
  readonly ready: boolean;
  readonly reason: string | null;
  /** Double votes that final blocks show, as long as the chain keeps them; of hospitals that run this version. */
  readonly offences?: {
    readonly total: number;
    readonly newest: readonly {
      readonly validator: string;
      readonly type: string;
      readonly height: number;
      readonly round: number;
      readonly includedHeight: number;
    }[];
  };
}

const TIMEOUT_MS = 5_000;
const ANSWER_CHARACTERS_MAX = 1_048_576;

export const fetchStatus = (api: string): Promise<NodeStatus> => fetchJson(api, '/v1/status') as Promise<NodeStatus>;

/** The block's hash and state root at a height, as that hospital has finalised them. */
export async function fetchHeader(
  api: string,
  height: number,
): Promise<{ readonly hash: string; readonly stateRoot: string; readonly timestampMs: number }> {
  const { hash, header } = (await fetchJson(api, `/v1/blocks/${height}`)) as {
    hash: string;
    header: { stateRoot: string; timestampMs: number };
  };
  return { hash, stateRoot: header.stateRoot, timestampMs: header.timestampMs };
}

async function fetchJson(api: string, path: string): Promise<unknown> {
  const response = await fetch(new URL(path, api), { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
  const text = await response.text();
  if (!response.ok || text.length > ANSWER_CHARACTERS_MAX) throw new Error(`HTTP status ${response.status}`);
  return JSON.parse(text);
}
