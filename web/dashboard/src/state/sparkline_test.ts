import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sparklineArea, sparklineEnd, sparklinePath } from './sparkline.ts';

const BOX = { width: 100, height: 20 };

describe('a sparkline', () => {
  it('goes in steps from the first to the last value', () => {
    assert.equal(sparklinePath([0, 4, 2], BOX), 'M0,18H50V2H100V10');
  });

  it('is nothing without values, and has gaps where none is known', () => {
    assert.equal(sparklinePath([], BOX), '');
    assert.equal(sparklinePath([null, null], BOX), '');
    assert.equal(sparklinePath([null, null, 4, 4, null], BOX), 'M50,18V2H50H75V2');
    assert.equal(sparklineArea([4, null, 4], BOX), '');
    assert.equal(sparklineArea([null, 4, 2], BOX), 'M50,18V2H50H100V10V18H50Z');
  });

  it('is a step where one value stands alone', () => {
    assert.equal(sparklinePath([null, 4, null, null, 2], BOX), 'M0,18V2H25M75,18V10H100');
    assert.equal(sparklineArea([null, null, 4], BOX), 'M50,18V2H100V18H50Z');
  });

  it('ends in a point where the number is now', () => {
    assert.equal(sparklineEnd([null, 4, 2], BOX), 'M100,10h0');
    assert.equal(sparklineEnd([], BOX), '');
  });

  it('is flat at the bottom for nobody', () => {
    assert.equal(sparklinePath([0, 0], BOX), 'M0,18H100V18');
    assert.equal(sparklineArea([0, 0], BOX), 'M0,18H100V18V18H0Z');
  });
});
