import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { follow } from './follow.ts';
import type { NodeEvent, NodeService } from './service.ts';

const BLOCK_INTERVAL_BUCKETS_S = [0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 30];
const REQUEST_BUCKETS_S = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10];

/** What the API can tell by itself, under CometBFT's names where it has one; the node's own counters come after. */
export class ApiMetrics {
  readonly #registry = new Registry();
  readonly #requests: Histogram;
  readonly #interval: Histogram;
  readonly #transactions: Counter;
  readonly #unsubscribe: () => void;
  #lastBlockMs: number | null = null;

  constructor(service: NodeService) {
    const registers = [this.#registry];
    this.#requests = new Histogram({
      name: 'carechain_api_request_seconds',
      help: 'Time to answer, by route pattern and status.',
      labelNames: ['method', 'route', 'status'],
      buckets: REQUEST_BUCKETS_S,
      registers,
    });
    this.#interval = new Histogram({
      name: 'cometbft_consensus_block_interval_seconds',
      help: 'Block time between a block and its parent.',
      buckets: BLOCK_INTERVAL_BUCKETS_S,
      registers,
    });
    this.#transactions = new Counter({
      name: 'cometbft_consensus_total_txs',
      help: 'Transactions finalised since this process began.',
      registers,
    });
    for (const { name, help, read } of gaugesOf(service)) {
      const collect = function (this: Gauge): void {
        this.set(read());
      };
      new Gauge({ name, help, registers, collect });
    }
    this.#unsubscribe = follow(service, (event) => {
      if (event === null) this.#lastBlockMs = null;
      else this.#block(event);
    });
  }

  answered(method: string, route: string, status: number, seconds: number): void {
    this.#requests.observe({ method, route, status: String(status) }, seconds);
  }

  /** A metric that the node reports under one of these names too is left out: Prometheus refuses a name that comes twice. */
  async exposition(service: NodeService): Promise<string> {
    const own = await this.#registry.metrics();
    const names = new Set([...own.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name as string));
    const others = withoutFamilies(await service.metrics(), names);
    return others === '' ? own : `${own.trimEnd()}\n${others}`;
  }

  close(): void {
    this.#unsubscribe();
    this.#registry.clear();
  }

  #block({ timestampMs, receipts }: NodeEvent): void {
    if (this.#lastBlockMs !== null) this.#interval.observe((timestampMs - this.#lastBlockMs) / 1_000);
    this.#lastBlockMs = timestampMs;
    this.#transactions.inc(receipts.length);
  }
}

interface GaugeSource {
  readonly name: string;
  readonly help: string;
  read(): number;
}

const gaugesOf = (service: NodeService): readonly GaugeSource[] => [
  {
    name: 'cometbft_consensus_height',
    help: 'The last finalised height.',
    read: () => service.tip().header.height,
  },
  {
    name: 'cometbft_consensus_validators',
    help: 'Validators of the next height.',
    read: () => service.tip().validators.length,
  },
  {
    name: 'cometbft_mempool_size',
    help: 'Transactions that wait for a block.',
    read: () => service.mempoolSize().transactions,
  },
  {
    name: 'cometbft_mempool_size_bytes',
    help: 'Their bytes.',
    read: () => service.mempoolSize().bytes,
  },
  {
    name: 'cometbft_p2p_peers',
    help: 'Hospitals connected now.',
    read: () => service.peers().filter(({ connected }) => connected).length,
  },
  {
    name: 'carechain_ready',
    help: '1 while the node is in step with its peers.',
    read: () => (service.readiness().ready ? 1 : 0),
  },
];

/** A Prometheus text without the families of these names. */
export function withoutFamilies(text: string, names: ReadonlySet<string>): string {
  const familyOf = (line: string): string =>
    line.startsWith('#')
      ? (line.split(' ')[2] ?? '')
      : (/^[a-zA-Z_:][\w:]*/.exec(line)?.[0] ?? '').replace(/_(bucket|sum|count)$/, '');
  const isIn = (line: string): boolean =>
    names.has(familyOf(line)) || names.has(/^[a-zA-Z_:][\w:]*/.exec(line)?.[0] ?? '');
  const kept = text.split('\n').filter((line) => line !== '' && !isIn(line));
  return kept.length === 0 ? '' : `${kept.join('\n')}\n`;
}
