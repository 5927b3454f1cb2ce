import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addMonths, formatAgo, formatMonth, monthOf, monthStart } from './times.ts';

describe('months', () => {
  it('are those of UTC', () => {
    assert.equal(monthOf(Date.parse('2026-11-30T23:59:59Z')), '2026-11');
    assert.equal(monthOf(Date.parse('2026-12-01T00:30:00+01:00')), '2026-11');
    assert.equal(new Date(monthStart('2026-11')).toISOString(), '2026-11-01T00:00:00.000Z');
    assert.equal(formatMonth('2026-11'), 'November 2026');
  });

  it('follow each other over the year', () => {
    assert.equal(addMonths('2026-12', 1), '2027-01');
    assert.equal(addMonths('2026-01', -1), '2025-12');
  });
});

describe('how long ago', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  it('is said in the largest unit', () => {
    assert.equal(formatAgo('2026-11-22T11:59:59.700Z', now), 'now');
    assert.equal(formatAgo('2026-11-22T11:57:01Z', now), '2 minutes ago');
    assert.equal(formatAgo('2026-11-21T12:00:00Z', now), 'yesterday');
  });
});
