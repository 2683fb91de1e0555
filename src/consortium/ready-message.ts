import * as shape from '../base/shape.ts';

/** What a node tells its supervisor over their channel once it serves. */
const readyShape = shape.struct({
  type: shape.oneOf('ready'),
  /** The hospital's id in hexadecimal. */
  hospital: shape.text(40, /^[0-9a-f]{40}$/),
  peerId: shape.text(80),
  /** Scheme, host and port, without a path. */
  api: shape.text(300),
  /** Multiaddrs with the real port. */
  listen: shape.list(shape.text(200), 16),
  /** Of the last finalised block. */
  height: shape.uint(),
});
export type ReadyMessage = shape.Shaped<typeof readyShape>;

export function readReadyMessage(message: unknown): ReadyMessage | undefined {
  const read = readyShape(message, '');
  return read.ok ? read.value : undefined;
}
