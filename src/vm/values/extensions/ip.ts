import type { ExtensionValue } from '../value.ts';

export type IpValue = Extract<ExtensionValue, { kind: 'ip' }>;

const BITS = { 4: 32, 6: 128 } as const;
/** The longest text of an address: eight groups of four digits, and `/128`. */
const TEXT_MAX = 43;
const OCTET = /^(?:0|[1-9][0-9]{0,2})$/;
const GROUP = /^[0-9a-fA-F]{1,4}$/;
const PREFIX = /^(?:0|[1-9][0-9]{0,2})$/;

/** `ip("10.0.0.0/8")`: an IPv4 or IPv6 address with an optional prefix length. IPv4 inside IPv6 has no form here. */
export function parseIp(text: string): IpValue | undefined {
  if (text.length > TEXT_MAX) return undefined;
  const [host, prefixText, ...more] = text.split('/');
  if (host === undefined || more.length > 0) return undefined;
  const version = host.includes(':') ? 6 : 4;
  const address = version === 6 ? parseV6(host) : parseV4(host);
  const prefix = prefixText === undefined ? BITS[version] : parsePrefix(prefixText, BITS[version]);
  if (address === undefined || prefix === undefined) return undefined;
  return { kind: 'ip', version, address, prefix };
}

function parsePrefix(text: string, max: number): number | undefined {
  if (!PREFIX.test(text)) return undefined;
  const prefix = Number(text);
  return prefix <= max ? prefix : undefined;
}

function parseV4(host: string): bigint | undefined {
  const octets = host.split('.');
  if (octets.length !== 4) return undefined;
  let address = 0n;
  for (const octet of octets) {
    if (!OCTET.test(octet) || Number(octet) > 255) return undefined;
    address = address * 256n + BigInt(octet);
  }
  return address;
}

function parseV6(host: string): bigint | undefined {
  const halves = host.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const head = groups[0] as string[];
  const tail = groups[1] ?? [];
  const missing = 8 - head.length - tail.length;
  // `::` stands for at least one group of zeros; without it all eight are written.
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let address = 0n;
  for (const group of [...head, ...new Array<string>(missing).fill('0'), ...tail]) {
    if (!GROUP.test(group)) return undefined;
    address = address * 65_536n + BigInt(`0x${group}`);
  }
  return address;
}

/** First and last address of the network. */
function rangeOf(ip: IpValue): { readonly low: bigint; readonly high: bigint } {
  const hostBits = BigInt(BITS[ip.version] - ip.prefix);
  const low = (ip.address >> hostBits) << hostBits;
  return { low, high: low + (1n << hostBits) - 1n };
}

export function isInRange(inner: IpValue, outer: IpValue): boolean {
  if (inner.version !== outer.version) return false;
  const a = rangeOf(inner);
  const b = rangeOf(outer);
  return a.low >= b.low && a.high <= b.high;
}

const LOOPBACK = { 4: parseIp('127.0.0.0/8') as IpValue, 6: parseIp('::1') as IpValue } as const;
const MULTICAST = { 4: parseIp('224.0.0.0/4') as IpValue, 6: parseIp('ff00::/8') as IpValue } as const;

export const isLoopback = (ip: IpValue): boolean => isInRange(ip, LOOPBACK[ip.version]);
export const isMulticast = (ip: IpValue): boolean => isInRange(ip, MULTICAST[ip.version]);
