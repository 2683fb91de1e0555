import { NetworkError } from './errors.ts';
import { frame } from './framing.ts';
import { CHANNEL_LIMITS } from './limits.ts';
import type { Channel } from './network.ts';

/** The frame of a channel's message. A message above the channel's limit is this node's own fault, and throws. */
export function frameMessage(channel: Channel, bytes: Uint8Array): Uint8Array {
  if (bytes.length > CHANNEL_LIMITS[channel].messageBytesMax) throw new NetworkError('network-message.too-large');
  return frame(bytes);
}
