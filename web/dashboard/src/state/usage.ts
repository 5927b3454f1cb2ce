// Usage: connections accepted by product and hour, summed and written as people and bills want them.
import type { UsagePoint } from '../api/services.ts';
import { accountIdOf, productIdOf } from './names.ts';
import { addMonths, DAY_MS, dayOf, dayStart, HOUR_MS, monthOf, monthStart, type Day, type Month } from './times.ts';

export type Grain = 'hour' | 'day' | 'month';

// Of whole days of UTC, in milliseconds.
export interface Period {
  start: number;
  end: number; // when it is over
}

const MOST_DAYS = 400;

export const monthPeriod = (month: Month): Period => ({ start: monthStart(month), end: monthStart(addMonths(month, 1)) });

// From the first day to the last, both with it.
export const daysPeriod = (first: Day, last: Day): Period => ({ start: dayStart(first), end: dayStart(last) + DAY_MS });

// Why the server would not tell of these days.
export function daysProblem(first: Day, last: Day): string | undefined {
  const { start, end } = daysPeriod(first, last);
  if (Number.isNaN(end - start)) return 'Choose both days.';
  if (end <= start) return 'The first day is after the last.';
  return end - start > MOST_DAYS * DAY_MS ? `At most ${MOST_DAYS} days.` : undefined;
}

export interface Series {
  times: number[]; // milliseconds, the begin of each hour or day
  connections: number[];
}

// When the hour, day or month of UTC began that holds `time`.
function beginOf(time: number, grain: Grain): number {
  if (grain === 'month') return monthStart(monthOf(time));
  const step = grain === 'hour' ? HOUR_MS : DAY_MS;
  return Math.floor(time / step) * step;
}

const nextOf = (begin: number, grain: Grain): number =>
  (grain === 'month' ? monthStart(addMonths(monthOf(begin), 1)) : begin + (grain === 'hour' ? HOUR_MS : DAY_MS));

// A period by the hour, day or month, with those in which nobody connected; up to `now`, so that the future is no zero.
export function usageSeries(points: UsagePoint[], { start, end }: Period, grain: Grain, now: number): Series {
  const sums = new Map<number, number>();
  for (let time = beginOf(start, grain); time < Math.min(end, now); time = nextOf(time, grain)) sums.set(time, 0);
  for (const { hour = '', connections = '0' } of points) {
    const begin = beginOf(Date.parse(hour), grain);
    const sum = sums.get(begin);
    if (sum !== undefined) sums.set(begin, sum + Number(connections));
  }
  return { times: [...sums.keys()], connections: [...sums.values()] };
}

export const totalConnections = (points: UsagePoint[]): bigint =>
  points.reduce((sum, { connections }) => sum + BigInt(connections ?? 0), 0n);

// Product's name → connections, the most first.
export function byProduct(points: UsagePoint[]): [string, bigint][] {
  const sums = new Map<string, bigint>();
  for (const { product = '', connections } of points) sums.set(product, (sums.get(product) ?? 0n) + BigInt(connections ?? 0));
  return [...sums].sort(([, a], [, b]) => (a === b ? 0 : a < b ? 1 : -1));
}

// RFC 4180; a cell that a spreadsheet would take for a formula is told to be text.
export function toCsv(rows: string[][]): string {
  const cell = (text: string): string => {
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

// As files have it: "2026-11-22T10:00:00Z", "2026-11-22" or "2026-11".
const periodName = (hour: string, grain: Grain): string =>
  (grain === 'hour' ? hour : grain === 'day' ? dayOf(Date.parse(hour)) : monthOf(Date.parse(hour)));

// Each product's hours, days or months with connections, in the order of the points.
export function usageCsv(points: UsagePoint[], grain: Grain): string {
  const lines = new Map<string, { cells: string[]; sum: bigint }>();
  for (const { product, hour = '', connections = '0' } of points) {
    const cells = [accountIdOf(product), productIdOf(product), periodName(hour, grain)];
    const line = lines.get(cells.join()) ?? { cells, sum: 0n };
    lines.set(cells.join(), { cells, sum: line.sum + BigInt(connections) });
  }
  return toCsv([['account', 'product', grain, 'connections'], ...[...lines.values()].map(({ cells, sum }) => [...cells, `${sum}`])]);
}

// Account id → connections: of those who have none too, and of those who have some and were deleted since.
export function byAccount(points: UsagePoint[], accounts: string[]): [string, bigint][] {
  const sums = new Map(accounts.map((account) => [account, 0n]));
  for (const { product, connections = '0' } of points) {
    const account = accountIdOf(product);
    sums.set(account, (sums.get(account) ?? 0n) + BigInt(connections));
  }
  return [...sums];
}

// A line for each account and each month that the period touches, up to `now`: what operators bill.
export function billingCsv(points: UsagePoint[], accounts: string[], { start, end }: Period, now: number): string {
  const months: Month[] = [];
  for (let month = monthOf(start); monthStart(month) < Math.min(end, now); month = addMonths(month, 1)) months.push(month);
  const sums = new Map<string, bigint>();
  for (const { product, hour = '', connections = '0' } of points) {
    const line = `${accountIdOf(product)} ${periodName(hour, 'month')}`;
    sums.set(line, (sums.get(line) ?? 0n) + BigInt(connections));
  }
  return toCsv([
    ['account', 'month', 'connections'],
    ...byAccount(points, accounts).flatMap(([account]) => months.map((month) => [account, month, `${sums.get(`${account} ${month}`) ?? 0n}`])),
  ]);
}
