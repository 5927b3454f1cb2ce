// How a counter went. The server keeps points only where something changed; plots want one for each step.
import type { HistoryPoint, HistoryRequest } from '../api/services.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './times.ts';

export type Range = 'hour' | 'day' | 'quarter';

interface RangeInfo {
  title: string;
  length: number;
  most: number; // how many of them back the server keeps
}

export const RANGES: Record<Range, RangeInfo> = {
  hour: { title: 'Hour', length: HOUR_MS, most: 23 },
  day: { title: 'Day', length: DAY_MS, most: 89 },
  quarter: { title: '90 days', length: 90 * DAY_MS, most: 0 },
};

// A part of a history: its steps, in milliseconds.
export interface Span {
  step: number;
  first: number; // the begin of its first step
  last: number; // of its last one
  isNow: boolean; // the last step goes on
}

// The last hour, day or quarter, or the one that ended so many of them `back`. Minutes are kept for a day.
export function spanOf(range: Range, now: number, back = 0): Span {
  const { length } = RANGES[range];
  const step = range === 'quarter' || (range === 'day' && back > 0) ? HOUR_MS : MINUTE_MS;
  const last = begin(now, step) - back * length;
  return { step, first: last - length, last, isNow: back === 0 };
}

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

// What to ask the server for: from one step earlier than is shown, so that the first step's new hits are known.
export const toRequest = ({ step, first, last, isNow }: Span): Pick<HistoryRequest, 'resolution' | 'startTime' | 'endTime'> => ({
  resolution: step === HOUR_MS ? 'HOUR' : 'MINUTE',
  startTime: new Date(first - step).toISOString(),
  ...(isNow ? {} : { endTime: new Date(last + step).toISOString() }),
});

// One entry a step. A step without a point is like the end of the one before, which had at its end as many present as
// its mean says, rounded; without any point nothing is known.
export function fillHistory(points: HistoryPoint[], { step, first, last }: Span): Plot {
  const byTime = new Map(points.map((point) => [begin(Date.parse(point.time ?? ''), step), point]));
  const plot: Plot = { times: [], present: [], hits: [] };
  let carried: Carried = { present: null, hits: null };
  for (let time = first - step; time <= last; time += step) {
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
