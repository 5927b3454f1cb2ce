// How a counter went. The server keeps points only where something changed; plots want one for each step.
import type { HistoryPoint } from '../api/services.ts';
import { DAY_MS, HOUR_MS } from './times.ts';

export type Range = 'hour' | 'day' | 'quarter';

interface RangeInfo {
  title: string;
  resolution: 'MINUTE' | 'HOUR';
  step: number;
  length: number;
}

export const RANGES: Record<Range, RangeInfo> = {
  hour: { title: 'Hour', resolution: 'MINUTE', step: 60_000, length: HOUR_MS },
  day: { title: 'Day', resolution: 'MINUTE', step: 60_000, length: DAY_MS },
  quarter: { title: '90 days', resolution: 'HOUR', step: HOUR_MS, length: 90 * DAY_MS },
};

export interface Plot {
  times: number[]; // seconds
  present: (number | null)[]; // the most at any moment of the step; null before anything is known
  hits: (number | null)[]; // new ones in the step; null where there was no hit counter
}

// What the last point before `time` left behind.
interface Carried {
  present: number | null;
  hits: bigint | null;
}

const begin = (time: number, step: number): number => Math.floor(time / step) * step;

// The request's start: one step earlier than is shown, so that the first step's new hits are known.
export const historyStart = (range: Range, now: number): string =>
  new Date(begin(now - RANGES[range].length, RANGES[range].step) - RANGES[range].step).toISOString();

// One entry a step from the range's start to now. A step without a point is like the end of the one before, which
// had at its end as many present as its mean says, rounded; without any point nothing is known.
export function fillHistory(points: HistoryPoint[], range: Range, now: number): Plot {
  const { step, length } = RANGES[range];
  const byTime = new Map(points.map((point) => [begin(Date.parse(point.time ?? ''), step), point]));
  const first = begin(now - length, step);
  const plot: Plot = { times: [], present: [], hits: [] };
  let carried: Carried = { present: null, hits: null };
  for (let time = first - step; time <= now; time += step) {
    const point = byTime.get(time);
    const hits: bigint | null = point ? (point.hits === undefined ? null : BigInt(point.hits)) : carried.hits;
    const present: number | null = point ? Number(point.presentPeak ?? 0) : carried.present;
    if (time >= first) {
      plot.times.push(time / 1000);
      plot.present.push(present);
      plot.hits.push(hits === null ? null : newHits(carried.hits, hits));
    }
    carried = { hits, present: point ? Math.round(point.presentMean === undefined ? 0 : Number(point.presentMean)) : carried.present };
  }
  return plot;
}

// A reset or a smaller total that was set is no negative hit.
const newHits = (before: bigint | null, after: bigint): number =>
  before === null || after < before ? 0 : Number(after - before);
