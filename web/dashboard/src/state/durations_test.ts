import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatMillis, millisOf, parseMillis, toDuration } from './durations.ts';

describe('durations', () => {
  it('go to the wire and back', () => {
    for (const millis of [0, 10, 100, 1500, 60_000, 300_000]) assert.equal(millisOf(toDuration(millis)), millis);
    assert.equal(millisOf(undefined), 0);
    assert.equal(millisOf('0.000250s'), 0.25);
  });

  it('are read as people write them, and written so that they can be read', () => {
    const meant: [string, number][] = [['250ms', 250], ['1.5 s', 1500], ['2', 2000], ['2m', 120_000], ['100 MS', 100]];
    for (const [text, millis] of meant) assert.equal(parseMillis(text), millis, text);
    for (const millis of [10, 100, 1000, 2500, 60_000]) assert.equal(parseMillis(formatMillis(millis)), millis);
    for (const text of ['', 'soon', '-1s', '1h', '1.s.2']) assert.equal(parseMillis(text), undefined, text);
  });
});
