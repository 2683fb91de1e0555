import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { CONSORTIUM_CODES } from './codes.ts';
import { CommandError } from './output.ts';

const HOST = '127.0.0.1';
/** Ports tried upwards from the one asked for. */
const PORTS_TRIED_MAX = 200;
const PORT_MAX = 65_535;

/** The first free port from `first` on that is not in `taken`. Somebody else may be quicker: whoever listens finds out. */
export async function nextFreePort(first: number, taken: ReadonlySet<number>): Promise<number> {
  for (let port = first; port <= Math.min(PORT_MAX, first + PORTS_TRIED_MAX); port++)
    if (!taken.has(port) && (await listenOnce(port)) !== undefined) return port;
  const code = 'consortium-port.none-free';
  throw new CommandError(code, CONSORTIUM_CODES[code].meaning, { detail: { first } });
}

/** `count` different ports that the system calls free. */
export async function anyFreePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add((await listenOnce(0)) as number);
  return [...ports];
}

/** The port, or `undefined` where it is taken. */
async function listenOnce(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen({ port, host: HOST, exclusive: true });
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  } catch {
    return undefined;
  } finally {
    if (server.listening) {
      server.close();
      await once(server, 'close');
    }
  }
}
