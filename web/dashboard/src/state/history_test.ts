import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fillHistory, RANGES, spanOf, toRequest } from './history.ts';

const NOW = Date.parse('2026-11-22T12:00:30Z');
const HOUR = spanOf('hour', NOW);
const MINUTE_MS = 60_000;
const minutesAgo = (minutes: number): string => new Date(Date.parse('2026-11-22T12:00:00Z') - minutes * 60_000).toISOString();

describe('a history', () => {
  it('has one step for each minute up to now', () => {
    const plot = fillHistory([], HOUR);
    assert.equal(plot.times.length, 61);
    assert.equal(plot.times.at(-1), Date.parse('2026-11-22T12:00:00Z') / 1000);
    assert.ok(plot.present.every((value) => value === null) && plot.hits.every((value) => value === null));
  });

  it('goes on as it was where there is no point', () => {
    const plot = fillHistory([{ time: minutesAgo(10), presentPeak: '7', presentMean: 5.2, hits: '100' }], HOUR);
    assert.equal(plot.present.at(-11), 7);
    assert.deepEqual(plot.present.slice(-10), Array.from({ length: 10 }, () => 5));
    assert.equal(plot.present.at(-12), null);
  });

  it('shows new hits, also of the first step, and none for a reset', () => {
    const points = [
      { time: minutesAgo(61), presentPeak: '0', presentMean: 0, hits: '100' },
      { time: minutesAgo(60), presentPeak: '0', presentMean: 0, hits: '130' },
      { time: minutesAgo(2), presentPeak: '0', presentMean: 0, hits: '0' },
      { time: minutesAgo(1), presentPeak: '0', presentMean: 0, hits: '4' },
    ];
    const { hits } = fillHistory(points, HOUR);
    assert.equal(hits[0], 30);
    assert.deepEqual(hits.slice(-3), [0, 4, 0]);
  });

  it('knows of no hits where there is no hit counter', () => {
    const { hits, present } = fillHistory([{ time: minutesAgo(1), presentPeak: '3', presentMean: 3 }], HOUR);
    assert.deepEqual(hits.slice(-2), [null, null]);
    assert.deepEqual(present.slice(-2), [3, 3]);
  });

  it('is asked for from one step before what is shown', () => {
    assert.deepEqual(toRequest(HOUR), { resolution: 'MINUTE', startTime: '2026-11-22T10:59:00.000Z' });
    assert.equal(fillHistory([], spanOf('quarter', NOW)).times.length, RANGES.quarter.length / (60 * MINUTE_MS) + 1);
  });

  it('of an hour before ends where the next one begins', () => {
    const span = spanOf('hour', NOW, 2);
    assert.deepEqual(toRequest(span), { resolution: 'MINUTE', startTime: '2026-11-22T08:59:00.000Z', endTime: '2026-11-22T10:01:00.000Z' });
    const { times } = fillHistory([], span);
    assert.deepEqual([times[0], times.at(-1)], [Date.parse('2026-11-22T09:00:00Z') / 1000, Date.parse('2026-11-22T10:00:00Z') / 1000]);
    assert.equal(span.last, spanOf('hour', NOW, 1).first);
  });

  it('of a day before is told by the hour, since minutes are kept for a day', () => {
    const span = spanOf('day', NOW, 1);
    assert.deepEqual(toRequest(span), { resolution: 'HOUR', startTime: '2026-11-20T11:00:00.000Z', endTime: '2026-11-21T13:00:00.000Z' });
    const { present } = fillHistory([{ time: '2026-11-20T20:00:00Z', presentPeak: '7', presentMean: 2, hits: '1' }], span);
    assert.equal(present.length, 25);
    assert.deepEqual(present.slice(7, 10), [null, 7, 2]);
  });

  it('goes back as far as the server keeps it', () => {
    const kept = { hour: 24 * 60 * MINUTE_MS, day: 90 * 24 * 60 * MINUTE_MS, quarter: 90 * 24 * 60 * MINUTE_MS };
    for (const range of ['hour', 'day', 'quarter'] as const) {
      const { first, step } = spanOf(range, NOW, RANGES[range].most);
      assert.equal(first, Math.floor(NOW / step) * step - kept[range]);
    }
  });
});
