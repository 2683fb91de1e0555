import * as shape from '../base/shape.ts';
import { LOG_LEVELS } from './logger.ts';
import { readPrivateJson, writePrivateJson } from './private-file.ts';

const FILE_NAME = 'node.json';
export const NODE_CONFIG_VERSION = 1;
const ADDRESSES_MAX = 8;
const PEERS_MAX = 256;

const multiaddrShape = shape.text(200, /^\/[\x21-\x7e]+$/);
const pathShape = shape.text(4_096);

const configShape = shape.struct({
  version: shape.uint(NODE_CONFIG_VERSION),
  /** A name for banners and logs; the chain's own record is what counts. */
  name: shape.text(120),
  /** Multiaddrs on which peers reach this node. */
  listen: shape.list(multiaddrShape, ADDRESSES_MAX, 1),
  api: shape.struct({
    host: shape.text(255, /^[0-9A-Za-z.:_-]+$/),
    /** 0: any free port. */
    port: shape.uint(65_535),
    /** Files of certificate and key; null for plain HTTP. */
    tls: shape.nullable(shape.struct({ certificatePath: pathShape, keyPath: pathShape })),
  }),
  /** Where hospitals of the chain are reached now, instead of at the addresses of their records. */
  peers: shape.list(
    shape.struct({
      hospital: shape.text(40, /^[0-9a-f]{40}$/),
      addresses: shape.list(multiaddrShape, ADDRESSES_MAX, 1),
    }),
    PEERS_MAX,
  ),
  logLevel: shape.oneOf(...LOG_LEVELS),
});

/** What a hospital chooses for its own node: nothing here is agreed with others, and nothing is secret. */
export type NodeConfig = shape.Shaped<typeof configShape>;

export const readNodeConfig = (path: string): Promise<NodeConfig> => readPrivateJson(path, FILE_NAME, configShape);

export async function writeNodeConfig(path: string, config: NodeConfig): Promise<void> {
  await writePrivateJson(path, config);
}
