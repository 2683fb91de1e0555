import { parseDecimal } from '../values/extensions/decimal.ts';
import { parseIp } from '../values/extensions/ip.ts';
import { parseDatetime, parseDuration } from '../values/extensions/time.ts';
import { BOOL, type ExtensionKind, LONG, STRING, type Type } from './types.ts';

/** What an extension function takes and gives. A method's receiver is its first operand. */
export interface Signature {
  readonly operands: readonly Type[];
  readonly result: Type;
  /** A constructor's: undefined for a text that is no such value. */
  readonly parse?: (text: string) => unknown;
}

const extension = (kind: ExtensionKind): Type => ({ kind });
const [DECIMAL, IP, DATETIME, DURATION] = [
  extension('decimal'),
  extension('ipaddr'),
  extension('datetime'),
  extension('duration'),
];

const constructorOf = (result: Type, parse: (text: string) => unknown): Signature => ({
  operands: [STRING],
  result,
  parse,
});
const method = (result: Type, ...operands: readonly Type[]): Signature => ({ operands, result });

export const SIGNATURES: ReadonlyMap<string, Signature> = new Map([
  ['decimal', constructorOf(DECIMAL, parseDecimal)],
  ['ip', constructorOf(IP, parseIp)],
  ['datetime', constructorOf(DATETIME, parseDatetime)],
  ['duration', constructorOf(DURATION, parseDuration)],

  ['lessThan', method(BOOL, DECIMAL, DECIMAL)],
  ['lessThanOrEqual', method(BOOL, DECIMAL, DECIMAL)],
  ['greaterThan', method(BOOL, DECIMAL, DECIMAL)],
  ['greaterThanOrEqual', method(BOOL, DECIMAL, DECIMAL)],

  ['isIpv4', method(BOOL, IP)],
  ['isIpv6', method(BOOL, IP)],
  ['isLoopback', method(BOOL, IP)],
  ['isMulticast', method(BOOL, IP)],
  ['isInRange', method(BOOL, IP, IP)],

  ['offset', method(DATETIME, DATETIME, DURATION)],
  ['durationSince', method(DURATION, DATETIME, DATETIME)],
  ['toDate', method(DATETIME, DATETIME)],
  ['toTime', method(DURATION, DATETIME)],
  ['toMilliseconds', method(LONG, DURATION)],
  ['toSeconds', method(LONG, DURATION)],
  ['toMinutes', method(LONG, DURATION)],
  ['toHours', method(LONG, DURATION)],
  ['toDays', method(LONG, DURATION)],
]);
