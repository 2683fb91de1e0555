/** The last instant that FHIR's four-digit years can write, ms. */
export const LAST_INSTANT_MS = 253_402_300_799_999;

/** FHIR `instant` in UTC, to the millisecond (R4, 2.24.0.1). Later than the year 9999 becomes its last instant. */
export const instantOf = (timestampMs: number): string =>
  new Date(Math.min(timestampMs, LAST_INSTANT_MS)).toISOString();

/** Which instants a FHIR dateTime may mean as the start and as the (included) end of a period, ms. */
export interface Span {
  readonly startsFromMs: number;
  readonly startsToMs: number;
  readonly endsFromMs: number;
  readonly endsToMs: number;
}

const DATE_TIME = /^([1-9]\d{3})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}:\d{2}:\d{2})(\.\d{1,9})?(Z|[+-]\d{2}:\d{2}))?)?)?$/;
const HOUR_MS = 3_600_000;
/** Without a zone a day may have begun 14 hours before it does in UTC, or 12 hours after. */
const EAST_MS = 14 * HOUR_MS;
const WEST_MS = 12 * HOUR_MS;

/**
 * What a FHIR dateTime can mean at most (R4, 2.24.0.1 and `Period`). A date alone is a whole day in a zone that is not said: whoever must
 * not widen takes the bound that suits him. `undefined` for what is no dateTime.
 */
export function spanOf(text: string): Span | undefined {
  const parts = DATE_TIME.exec(text);
  if (parts === null) return undefined;
  const [, year = '', month, day, time, fraction = ''] = parts;
  if (!isCalendarDate(year, month, day)) return undefined;
  if (time !== undefined) return exactSpan(text, fraction);
  const from = Date.parse(`${year}-${month ?? '01'}-${day ?? '01'}T00:00:00Z`);
  const to = nextStart(Number(year), month, day) - 1;
  return { startsFromMs: from - EAST_MS, startsToMs: from + WEST_MS, endsFromMs: to - EAST_MS, endsToMs: to + WEST_MS };
}

/** To the millisecond. An end that names a second includes all of it, or only its beginning: both are possible. */
function exactSpan(text: string, fraction: string): Span | undefined {
  const ms = Date.parse(text.replace(fraction, fraction.slice(0, 4)));
  if (Number.isNaN(ms)) return undefined;
  return { startsFromMs: ms, startsToMs: ms, endsFromMs: ms, endsToMs: fraction === '' ? ms + 999 : ms };
}

function isCalendarDate(year: string, month = '01', day = '01'): boolean {
  const ms = Date.parse(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(`${year}-${month}-${day}`);
}

function nextStart(year: number, month: string | undefined, day: string | undefined): number {
  if (month === undefined) return Date.UTC(year + 1, 0, 1);
  if (day === undefined) return Date.UTC(year, Number(month), 1);
  return Date.UTC(year, Number(month) - 1, Number(day) + 1);
}
