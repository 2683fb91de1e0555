import { defineCodes } from '../base/result.ts';

/** Why the network refused a frame or a message, or could not bring an answer. */
export const NETWORK_CODES = defineCodes({
  'network-frame.empty': { status: 400, meaning: 'A peer sent a frame without bytes.' },
  'network-frame.too-large': { status: 413, meaning: 'A peer announced a frame above the limit of its protocol.' },
  'network-message.too-large': { status: 413, meaning: 'The message is larger than its channel carries.' },
  'network-announcement.malformed': {
    status: 400,
    meaning: 'The announcement is not an origin, a sequence and bytes.',
  },
  'network-announcement.stranger': { status: 403, meaning: 'The announcement names an origin outside the consortium.' },
  'network-request.too-large': { status: 413, meaning: 'The request is larger than its kind allows.' },
  'network-request.unknown-peer': { status: 404, meaning: 'The hospital is not a peer of this consortium.' },
  'network-request.not-connected': { status: 503, meaning: 'There is no connection to that hospital now.' },
  'network-request.unsupported': { status: 502, meaning: 'The peer does not answer this kind of request.' },
  'network-request.refused': { status: 403, meaning: 'The peer does not answer this kind of request for this node.' },
  'network-request.busy': { status: 503, meaning: 'The peer already answers as many requests as it allows.' },
  'network-request.timeout': { status: 504, meaning: 'The answer was not complete in time.' },
  'network-request.answer-too-large': { status: 502, meaning: 'The answer is larger than its kind allows.' },
  'network-request.answer-malformed': { status: 502, meaning: 'The answer is not a sequence of chunks and an end.' },
  'network-request.failed': { status: 502, meaning: 'The peer could not answer.' },
  'network-request.broken': { status: 502, meaning: 'The stream ended before the answer was complete.' },
  'network-peer.removed': { status: 403, meaning: 'The hospital is no longer a peer of this consortium.' },
  'network-stream.replaced': { status: 409, meaning: 'The peer opened a newer stream for the same channel.' },
  'network-stream.broken': { status: 502, meaning: 'The stream is closed.' },
  'network.key-invalid': { status: 500, meaning: 'The seed of the peer key is not 32 bytes.' },
  'network.start-failed': { status: 500, meaning: 'The network could not start on its listen addresses.' },
  'network.stopped': { status: 503, meaning: 'The network is not running.' },
});
export type NetworkCode = keyof typeof NETWORK_CODES;
