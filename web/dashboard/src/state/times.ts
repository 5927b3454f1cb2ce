// Times. Usage is counted by the hours, days and months of UTC; everything else is shown in the zone of the reader.

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const monthTitle = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric', timeZone: 'UTC' });
const days = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

export const formatDateTime = (time: string | undefined): string => (time ? dateTime.format(new Date(time)) : '–');

// "Nov 22, 2026, 10:00 – 11:00 PM".
export const formatTimes = (begin: number, end: number): string => dateTime.formatRange(begin, end);

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', DAY_MS], ['hour', HOUR_MS], ['minute', MINUTE_MS], ['second', 1000],
];

// "3 hours ago".
export function formatAgo(time: string, now: number): string {
  const ago = now - Date.parse(time);
  for (const [unit, size] of STEPS) {
    if (Math.abs(ago) >= size) return relative.format(-Math.trunc(ago / size), unit);
  }
  return relative.format(0, 'second');
}

// A month of UTC, "2026-11".
export type Month = string;

export const monthOf = (millis: number): Month => new Date(millis).toISOString().slice(0, 7);
export const formatMonth = (month: Month): string => monthTitle.format(Date.parse(`${month}-01T00:00:00Z`));
export const monthStart = (month: Month): number => Date.parse(`${month}-01T00:00:00Z`);

export function addMonths(month: Month, count: number): Month {
  const date = new Date(monthStart(month));
  date.setUTCMonth(date.getUTCMonth() + count);
  return monthOf(date.getTime());
}

// A day of UTC, "2026-11-22", as fields for dates have it.
export type Day = string;

export const dayOf = (millis: number): Day => new Date(millis).toISOString().slice(0, 10);
export const dayStart = (day: Day): number => Date.parse(`${day}T00:00:00Z`);
export const formatDays = (first: Day, last: Day): string => days.formatRange(dayStart(first), dayStart(last));
