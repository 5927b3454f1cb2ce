import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fillHistory, historyStart, RANGES } from './history.ts';

const NOW = Date.parse('2026-11-22T12:00:30Z');
const minutesAgo = (minutes: number): string => new Date(Date.parse('2026-11-22T12:00:00Z') - minutes * 60_000).toISOString();

describe('a history', () => {
  it('has one step for each minute up to now', () => {
    const plot = fillHistory([], 'hour', NOW);
    assert.equal(plot.times.length, 61);
    assert.equal(plot.times.at(-1), Date.parse('2026-11-22T12:00:00Z') / 1000);
    assert.ok(plot.present.every((value) => value === null) && plot.hits.every((value) => value === null));
  });

  it('goes on as it was where there is no point', () => {
    const plot = fillHistory([{ time: minutesAgo(10), presentPeak: '7', presentMean: 5.2, hits: '100' }], 'hour', NOW);
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
    const { hits } = fillHistory(points, 'hour', NOW);
    assert.equal(hits[0], 30);
    assert.deepEqual(hits.slice(-3), [0, 4, 0]);
  });

  it('knows of no hits where there is no hit counter', () => {
    const { hits, present } = fillHistory([{ time: minutesAgo(1), presentPeak: '3', presentMean: 3 }], 'hour', NOW);
    assert.deepEqual(hits.slice(-2), [null, null]);
    assert.deepEqual(present.slice(-2), [3, 3]);
  });

  it('is asked for from one step before what is shown', () => {
    assert.equal(historyStart('hour', NOW), '2026-11-22T10:59:00.000Z');
    assert.equal(fillHistory([], 'quarter', NOW).times.length, RANGES.quarter.length / RANGES.quarter.step + 1);
  });
});
