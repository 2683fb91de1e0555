import type { NetworkMetrics } from '../network/metrics.ts';

export interface NodeGauges {
  readonly blames: number;
  readonly afterCommitWaiting: number;
  readonly recordsMissing: number;
  readonly subscribers: number;
  readonly rejected: number;
  readonly signs: boolean;
  readonly network: NetworkMetrics | null;
}

/** Prometheus text of what the API cannot see (version 0.0.4 of the format). Height, peers and mempool are the API's. */
export function renderMetrics(gauges: NodeGauges): string {
  const lines = [
    ...family(
      'carechain_node_signs',
      'gauge',
      'Whether this node may vote at the height under way.',
      gauges.signs ? 1 : 0,
    ),
    ...family('carechain_node_peer_faults_total', 'counter', 'Rules that peers broke.', gauges.blames),
    ...family(
      'carechain_node_transactions_dropped_total',
      'counter',
      'Admitted, and dropped before a block.',
      gauges.rejected,
    ),
    ...family(
      'carechain_node_blocks_to_follow_up',
      'gauge',
      'Final blocks with consequences to come.',
      gauges.afterCommitWaiting,
    ),
    ...family(
      'carechain_node_records_missing',
      'gauge',
      'Registered records not stored here yet.',
      gauges.recordsMissing,
    ),
    ...family('carechain_node_subscribers', 'gauge', 'Listeners to final blocks.', gauges.subscribers),
  ];
  for (const [name, value] of Object.entries(gauges.network ?? {}))
    if (name !== 'connectedPeers')
      lines.push(...family(`carechain_network_${snake(name)}_total`, 'counter', `Network: ${snake(name)}.`, value));
  return `${lines.join('\n')}\n`;
}

const family = (name: string, type: 'counter' | 'gauge', help: string, value: number): readonly string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
  `${name} ${value}`,
];

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
