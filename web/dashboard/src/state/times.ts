// Times. Usage is counted by the hours, days and months of UTC; everything else is shown in the zone of the reader.

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const monthTitle = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric', timeZone: 'UTC' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

export const formatDateTime = (time: string | undefined): string => (time ? dateTime.format(new Date(time)) : '–');

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', DAY_MS], ['hour', HOUR_MS], ['minute', 60_000], ['second', 1000],
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
