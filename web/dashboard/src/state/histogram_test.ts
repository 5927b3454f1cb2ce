import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { edgeLabels } from './histogram.ts';

const BUCKETS = [5, 10, 25, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1000, 1250, 1500, 1750, 2000, 2250, 2500, 2750, 3000];

describe('the edges of a histogram', () => {
  it('are named where the bars end that they are the edges of', () => {
    assert.deepEqual(edgeLabels([5, 10, 25, 50], 4), [{ at: 0, edge: 0 }, { at: 25, edge: 5 }, { at: 50, edge: 10 }, { at: 75, edge: 25 }, { at: 100, edge: 50 }]);
    assert.deepEqual(edgeLabels(BUCKETS.slice(0, 10), 4), [{ at: 0, edge: 0 }, { at: 40, edge: 50 }, { at: 70, edge: 150 }, { at: 100, edge: 400 }]);
  });

  it('are named as far apart as is said, both ends always', () => {
    for (let count = 1; count <= BUCKETS.length; count++) {
      const labels = edgeLabels(BUCKETS.slice(0, count), 4);
      assert.deepEqual([labels[0]?.at, labels[0]?.edge], [0, 0]);
      assert.deepEqual([labels.at(-1)?.at, labels.at(-1)?.edge], [100, BUCKETS[count - 1]]);
      labels.slice(1).forEach(({ at }, index) => assert.ok(at - (labels[index]?.at ?? 0) >= 25, `${count} bars: ${at}`));
    }
  });

  it('are none without bars', () => assert.deepEqual(edgeLabels([], 4), []));
});
