import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Live } from './live.ts';
import { sumRecent, type Recent } from './recent.ts';

const live = (name: string, present: number): Live => ({ name, present, hits: undefined, epoch: 1n, revision: 1n });
const recentOf = (values: Record<string, (number | null)[]>): Recent => new Map(Object.entries(values));

describe('the last hour of some counters', () => {
  it('is their sum in each minute, and ends in the sum of the same counters now', () => {
    const recent = recentOf({ a: [1, 2, 3], b: [10, 20, 30], c: [100, 100, 100] });
    assert.deepEqual(sumRecent(recent, [live('a', 4), live('b', 40)]), [11, 22, 44]);
  });

  it('has a gap where none of them is known, and the others’ sum where one is not', () => {
    const recent = recentOf({ a: [null, null, 3, 3], b: [null, 20, 30, 30] });
    assert.deepEqual(sumRecent(recent, [live('a', 4), live('b', 40)]), [null, 20, 33, 44]);
  });

  it('leaves out, of the present too, whose hour is not there', () => {
    const recent = recentOf({ a: [1, 2, 3], failed: [] });
    assert.deepEqual(sumRecent(recent, [live('a', 4), live('failed', 50), live('unknown', 500)]), [1, 2, 4]);
    assert.deepEqual(sumRecent(recent, [live('unknown', 500)]), []);
  });
});
