import { isI64 } from '../i64.ts';
import type { ExtensionValue } from '../value.ts';

export const MS_PER = { day: 86_400_000n, hour: 3_600_000n, minute: 60_000n, second: 1_000n } as const;

/** RFC 80: a date, or a date and time of day with optional milliseconds and `Z` or an offset such as `+0130`. */
const DATETIME =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{3}))?(?:Z|([+-])([0-9]{2})([0-9]{2})))?$/;

/** `datetime("2024-10-15T11:35:00Z")`: milliseconds since the Unix epoch, leap seconds not counted. */
export function parseDatetime(text: string): ExtensionValue | undefined {
  const match = DATETIME.exec(text);
  if (match === null) return undefined;
  const field = (i: number): number => Number(match[i] ?? 0);
  const [year, month, day, hour, minute, second] = [field(1), field(2), field(3), field(4), field(5), field(6)];
  const [offsetHour, offsetMinute] = [field(9), field(10)];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59) return undefined;
  const offsetMinutes = (match[8] === '-' ? -1 : 1) * (60 * offsetHour + offsetMinute);
  const minutes = 1_440 * daysFromEpoch(year, month, day) + 60 * hour + minute - offsetMinutes;
  return { kind: 'datetime', units: BigInt((60 * minutes + second) * 1_000 + field(7)) };
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

const daysInMonth = (year: number, month: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;

/** Days from 1970-01-01 in the proleptic Gregorian calendar; years are counted from March, so a leap day ends its year. */
function daysFromEpoch(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468;
}

/** Days, hours, minutes, seconds, milliseconds in this order, each at most once, at least one. */
const DURATION = /^(-?)(?=.)(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?(?:([0-9]+)ms)?$/;
const UNITS = [MS_PER.day, MS_PER.hour, MS_PER.minute, MS_PER.second, 1n];
/** More digits than any i64 has. */
const DIGITS_MAX = 19;

/** `duration("1d2h")`: milliseconds within i64. */
export function parseDuration(text: string): ExtensionValue | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  let magnitude = 0n;
  for (const [i, unitMs] of UNITS.entries()) {
    const digits = (match[i + 2] ?? '').replace(/^0+/, '');
    if (digits.length > DIGITS_MAX) return undefined;
    magnitude += BigInt(digits) * unitMs;
  }
  const units = match[1] === '-' ? -magnitude : magnitude;
  return isI64(units) ? { kind: 'duration', units } : undefined;
}

/** Milliseconds since the midnight before, for instants before the epoch too. */
export const timeOfDay = (instantMs: bigint): bigint => {
  const remainder = instantMs % MS_PER.day;
  return remainder < 0n ? remainder + MS_PER.day : remainder;
};
