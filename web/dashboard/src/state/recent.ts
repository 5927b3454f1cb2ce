// The last hour of counters, by the minute: what sparklines show. Pure.
import { totals, type Live } from './live.ts';

export type Recent = ReadonlyMap<string, (number | null)[]>; // counter's name → the most present in each minute

// The sum of the counters whose hour is known, minute by minute, ending in what is so of them now.
export function sumRecent(recent: Recent, counters: Live[]): (number | null)[] {
  const known = counters.filter(({ name }) => recent.get(name)?.length);
  if (known.length === 0) return [];
  const hours = known.map(({ name }) => recent.get(name) ?? []);
  const longest = Math.max(...hours.map((values) => values.length));
  const sums = Array.from({ length: longest }, (_, minute) => hours.reduce<number | null>((sum, values) => {
    const value = values[minute] ?? null;
    return value === null ? sum : (sum ?? 0) + value;
  }, null));
  return [...sums.slice(0, -1), totals(known).present];
}
