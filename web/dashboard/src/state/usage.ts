// Usage: connections accepted by product and hour, summed and written as people and bills want them.
import type { UsagePoint } from '../api/services.ts';
import { accountIdOf, productIdOf } from './names.ts';
import { addMonths, DAY_MS, HOUR_MS, monthStart, type Month } from './times.ts';

export type Grain = 'hour' | 'day';

export interface Series {
  times: number[]; // milliseconds, the begin of each hour or day
  connections: number[];
}

// A month by the hour or day, with those in which nobody connected; up to `now`, so that the future is no zero.
export function usageSeries(points: UsagePoint[], month: Month, grain: Grain, now: number): Series {
  const step = grain === 'hour' ? HOUR_MS : DAY_MS;
  const start = monthStart(month);
  const end = Math.min(monthStart(addMonths(month, 1)), now);
  const times = [];
  for (let time = start; time < end; time += step) times.push(time);
  const connections = times.map(() => 0);
  for (const { hour, connections: count } of points) {
    const index = Math.floor((Date.parse(hour ?? '') - start) / step);
    if (index in connections) connections[index] = (connections[index] ?? 0) + Number(count ?? 0);
  }
  return { times, connections };
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

// Each hour with connections: what the bill is made of.
export const usageCsv = (points: UsagePoint[]): string => toCsv([
  ['account', 'product', 'hour', 'connections'],
  ...points.map(({ product, hour, connections }) => [accountIdOf(product), productIdOf(product), hour ?? '', connections ?? '0']),
]);

// An account a line: what operators bill.
export const billingCsv = (month: Month, totals: [string, bigint][]): string => toCsv([
  ['account', 'month', 'connections'],
  ...totals.map(([account, connections]) => [account, month, `${connections}`]),
]);
