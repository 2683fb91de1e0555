import { BAD_EXTENSION_VALUE, type Outcome, OVERFLOW, TYPE_ERROR, WRONG_ARGUMENTS } from '../../evaluate/outcome.ts';
import { isI64 } from '../i64.ts';
import { isExtension } from '../kinds.ts';
import type { ExtensionValue, Value } from '../value.ts';
import { parseDecimal } from './decimal.ts';
import { type IpValue, isInRange, isLoopback, isMulticast, parseIp } from './ip.ts';
import { MS_PER, parseDatetime, parseDuration, timeOfDay } from './time.ts';

/** A function of an extension type. Of a method, the receiver is the first argument. */
export interface ExtensionFunction {
  readonly style: 'function' | 'method';
  readonly apply: (operands: readonly Value[]) => Outcome;
}

type Scalar = Exclude<ExtensionValue, IpValue>;
type Kind = Scalar['kind'];

/** Reads a text: the only way an extension value comes about, in policies and in JSON. */
function reader(parse: (text: string) => ExtensionValue | undefined): ExtensionFunction {
  return {
    style: 'function',
    apply: (operands) => {
      const [text] = operands;
      if (operands.length !== 1) return WRONG_ARGUMENTS;
      return typeof text === 'string' ? (parse(text) ?? BAD_EXTENSION_VALUE) : TYPE_ERROR;
    },
  };
}

function ipMethod(test: (ip: IpValue) => boolean): ExtensionFunction {
  return {
    style: 'method',
    apply: (operands) => {
      const [ip] = operands;
      if (operands.length !== 1) return WRONG_ARGUMENTS;
      return isExtension(ip, 'ip') ? test(ip) : TYPE_ERROR;
    },
  };
}

/** A method of a value that is one number of units. */
function unary(kind: Kind, apply: (units: bigint) => Outcome): ExtensionFunction {
  return {
    style: 'method',
    apply: (operands) => {
      const [receiver] = operands;
      if (operands.length !== 1) return WRONG_ARGUMENTS;
      return isExtension(receiver, kind) ? apply(receiver.units) : TYPE_ERROR;
    },
  };
}

function binary(kind: Kind, other: Kind, apply: (a: bigint, b: bigint) => Outcome): ExtensionFunction {
  return {
    style: 'method',
    apply: (operands) => {
      const [receiver, argument] = operands;
      if (operands.length !== 2) return WRONG_ARGUMENTS;
      if (!isExtension(receiver, kind) || !isExtension(argument, other)) return TYPE_ERROR;
      return apply(receiver.units, argument.units);
    },
  };
}

const IN_RANGE: ExtensionFunction = {
  style: 'method',
  apply: (operands) => {
    const [inner, outer] = operands;
    if (operands.length !== 2) return WRONG_ARGUMENTS;
    return isExtension(inner, 'ip') && isExtension(outer, 'ip') ? isInRange(inner, outer) : TYPE_ERROR;
  },
};

const scalar = (kind: Kind, units: bigint): Outcome => (isI64(units) ? { kind, units } : OVERFLOW);

/** Every function of the four extension types. Division of durations drops the rest, towards zero. */
export const EXTENSION_FUNCTIONS: ReadonlyMap<string, ExtensionFunction> = new Map([
  ['decimal', reader(parseDecimal)],
  ['ip', reader(parseIp)],
  ['datetime', reader(parseDatetime)],
  ['duration', reader(parseDuration)],

  ['lessThan', binary('decimal', 'decimal', (a, b) => a < b)],
  ['lessThanOrEqual', binary('decimal', 'decimal', (a, b) => a <= b)],
  ['greaterThan', binary('decimal', 'decimal', (a, b) => a > b)],
  ['greaterThanOrEqual', binary('decimal', 'decimal', (a, b) => a >= b)],

  ['isIpv4', ipMethod((ip) => ip.version === 4)],
  ['isIpv6', ipMethod((ip) => ip.version === 6)],
  ['isLoopback', ipMethod(isLoopback)],
  ['isMulticast', ipMethod(isMulticast)],
  ['isInRange', IN_RANGE],

  ['offset', binary('datetime', 'duration', (at, by) => scalar('datetime', at + by))],
  ['durationSince', binary('datetime', 'datetime', (at, since) => scalar('duration', at - since))],
  ['toDate', unary('datetime', (at) => scalar('datetime', at - timeOfDay(at)))],
  ['toTime', unary('datetime', (at) => scalar('duration', timeOfDay(at)))],
  ['toMilliseconds', unary('duration', (ms) => ms)],
  ['toSeconds', unary('duration', (ms) => ms / MS_PER.second)],
  ['toMinutes', unary('duration', (ms) => ms / MS_PER.minute)],
  ['toHours', unary('duration', (ms) => ms / MS_PER.hour)],
  ['toDays', unary('duration', (ms) => ms / MS_PER.day)],
]);
