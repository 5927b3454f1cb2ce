import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { billingCsv, byProduct, toCsv, totalConnections, usageCsv, usageSeries } from './usage.ts';

const P = 'accounts/a/products/p';
const Q = 'accounts/a/products/q';
const POINTS = [
  { product: P, hour: '2026-11-01T00:00:00Z', connections: '3' },
  { product: P, hour: '2026-11-02T23:00:00Z', connections: '4' },
  { product: Q, hour: '2026-11-02T23:00:00Z', connections: '9' },
];
const LATER = Date.parse('2027-01-01T00:00:00Z');

describe('usage', () => {
  it('has a bar for each day of a month, also for those without a connection', () => {
    const { times, connections } = usageSeries(POINTS, '2026-11', 'day', LATER);
    assert.equal(times.length, 30);
    assert.deepEqual(connections.slice(0, 4), [3, 13, 0, 0]);
  });

  it('has a bar for each hour, up to now', () => {
    const { times, connections } = usageSeries(POINTS, '2026-11', 'hour', Date.parse('2026-11-03T02:30:00Z'));
    assert.equal(times.length, 2 * 24 + 3);
    assert.equal(connections[47], 13);
  });

  it('of another month is none of this', () => {
    assert.ok(usageSeries(POINTS, '2026-10', 'day', LATER).connections.every((count) => count === 0));
  });

  it('adds up', () => {
    assert.equal(totalConnections(POINTS), 16n);
    assert.deepEqual(byProduct(POINTS), [[Q, 9n], [P, 7n]]);
  });
});

describe('CSV', () => {
  it('has what the bill is made of', () => {
    assert.equal(usageCsv(POINTS).split('\r\n')[1], 'a,p,2026-11-01T00:00:00Z,3');
    assert.equal(billingCsv('2026-11', [['a', 16n]]), 'account,month,connections\r\na,2026-11,16\r\n');
  });

  it('quotes what needs it, and runs no formula', () => {
    assert.equal(toCsv([['a,b', 'say "so"', '=1+1', '-1']]), '"a,b","say ""so""",\'=1+1,\'-1\r\n');
  });
});
