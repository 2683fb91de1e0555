import { LIMITS } from '../../base/limits.ts';
import type { CheckerOf } from './checker.ts';

const MIB = 1_048_576;

/** Everything that a `sample` may name, and how large it may ever be, with its unit last. A name that is not here has no limit: refused. */
export const SAMPLE_LIMITS: Readonly<Record<string, number>> = {
  poolTransactions: 16_384,
  poolBytes: 32 * MIB,
  /** Effects that wait behind a durable write. */
  queuedEffects: 4_096,
  queuedBytes: 64 * MIB,
  timers: 4_096,
  unfinalBlocks: 512,
  evidence: 64,
  peers: 256,
};

/** Bytes of one effect, by its type: a peer refuses more, and a disk should not be asked to keep it. */
const MESSAGE_BYTES_MAX = LIMITS.consensusMessageBytesMax;
const SIGNING_RECORD_BYTES_MAX = LIMITS.consensusMessageBytesMax + 65_536;
const CERTIFICATE_BYTES_MAX = 32_768;
/** Effects of one step of an engine. */
const STEP_EFFECTS_MAX = 1_024;

/** Nothing grows without bound: messages, signing records, blocks, queues, pools. */
export const bounds: CheckerOf = (_world, report) => {
  const within = (node: number, what: string, size: number, most: number) => {
    if (size > most) report(`node ${node}: ${what} is ${size}, more than ${most}`);
  };
  return {
    observe(observation) {
      if (observation.type !== 'sample') return;
      const { node } = observation;
      for (const [name, size] of Object.entries(observation.sizes)) within(node, name, size, SAMPLE_LIMITS[name] ?? -1);
    },
    engine: ({ node, effects }) => within(node, 'the effects of one engine step', effects.length, STEP_EFFECTS_MAX),
    effect(effect, node) {
      switch (effect.type) {
        case 'send':
        case 'broadcast':
          within(node, `a message on ${effect.channel}`, effect.bytes.length, MESSAGE_BYTES_MAX);
          break;
        case 'persistSigningState':
          within(node, 'its signing record', effect.bytes.length, SIGNING_RECORD_BYTES_MAX);
          break;
        case 'commit':
          within(node, 'a block', effect.bytes.length, LIMITS.blockBytesMax);
          within(node, 'a certificate', effect.certificate.length, CERTIFICATE_BYTES_MAX);
          break;
        default:
      }
    },
  };
};
