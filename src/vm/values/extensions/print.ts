import type { ExtensionValue } from '../value.ts';
import type { IpValue } from './ip.ts';
import { MS_PER, timeOfDay } from './time.ts';

/** The value as its constructor's argument: `decimal` reads back what this writes, and so do the others but for years outside 0 to 9999. */
export function extensionText(value: ExtensionValue): string {
  switch (value.kind) {
    case 'decimal':
      return decimalText(value.units);
    case 'duration':
      return durationText(value.units);
    case 'datetime':
      return datetimeText(value.units);
    case 'ip':
      return ipText(value);
  }
}

/** Can `datetime` read the text of this instant? Its years have four digits; reached by offsets, an instant may lie outside. */
export const isWritableDatetime = (instantMs: bigint): boolean =>
  instantMs >= -62_167_219_200_000n && instantMs < 253_402_300_800_000n;

/** At least one digit behind the point, and no more than needed. */
function decimalText(units: bigint): string {
  const magnitude = units < 0n ? -units : units;
  const fraction = (magnitude % 10_000n)
    .toString()
    .padStart(4, '0')
    .replace(/0{1,3}$/, '');
  return `${units < 0n ? '-' : ''}${magnitude / 10_000n}.${fraction}`;
}

function durationText(units: bigint): string {
  let rest = units < 0n ? -units : units;
  let text = '';
  for (const [unitMs, letters] of [
    [MS_PER.day, 'd'],
    [MS_PER.hour, 'h'],
    [MS_PER.minute, 'm'],
    [MS_PER.second, 's'],
    [1n, 'ms'],
  ] as const) {
    if (rest >= unitMs) text += `${rest / unitMs}${letters}`;
    rest %= unitMs;
  }
  return text === '' ? '0ms' : `${units < 0n ? '-' : ''}${text}`;
}

function datetimeText(instantMs: bigint): string {
  const ofDayMs = timeOfDay(instantMs);
  const date = dateText((instantMs - ofDayMs) / MS_PER.day);
  if (ofDayMs === 0n) return date;
  const field = (unitMs: bigint, count: bigint, digits = 2) =>
    ((ofDayMs / unitMs) % count).toString().padStart(digits, '0');
  const time = `${field(MS_PER.hour, 24n)}:${field(MS_PER.minute, 60n)}:${field(MS_PER.second, 60n)}`;
  const milliseconds = field(1n, 1_000n, 3);
  return `${date}T${time}${milliseconds === '000' ? '' : `.${milliseconds}`}Z`;
}

/** The proleptic Gregorian date of a day counted from 1970-01-01: eras of 400 years, years that begin in March. */
function dateText(days: bigint): string {
  const shifted = days + 719_468n;
  const era = (shifted >= 0n ? shifted : shifted - 146_096n) / 146_097n;
  const dayOfEra = shifted - era * 146_097n;
  const yearOfEra = (dayOfEra - dayOfEra / 1_460n + dayOfEra / 36_524n - dayOfEra / 146_096n) / 365n;
  const dayOfYear = dayOfEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n);
  const fromMarch = (5n * dayOfYear + 2n) / 153n;
  const month = fromMarch < 10n ? fromMarch + 3n : fromMarch - 9n;
  const year = yearOfEra + era * 400n + (month <= 2n ? 1n : 0n);
  const day = dayOfYear - (153n * fromMarch + 2n) / 5n + 1n;
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function ipText({ version, address, prefix }: IpValue): string {
  const [parts, bits, separator, radix] = version === 4 ? [4, 8n, '.', 10] : [8, 16n, ':', 16];
  const texts: string[] = [];
  for (let i = parts - 1; i >= 0; i--)
    texts.push(((address >> (BigInt(i) * bits)) & ((1n << bits) - 1n)).toString(radix));
  const isWhole = prefix === parts * Number(bits);
  return `${texts.join(separator)}${isWhole ? '' : `/${prefix}`}`;
}
