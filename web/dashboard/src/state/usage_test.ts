import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { billingCsv, byAccount, byProduct, daysPeriod, daysProblem, monthPeriod, toCsv, totalConnections, usageCsv, usageSeries } from './usage.ts';

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
    const { times, connections } = usageSeries(POINTS, monthPeriod('2026-11'), 'day', LATER);
    assert.equal(times.length, 30);
    assert.deepEqual(connections.slice(0, 4), [3, 13, 0, 0]);
  });

  it('has a bar for each hour, up to now', () => {
    const { times, connections } = usageSeries(POINTS, monthPeriod('2026-11'), 'hour', Date.parse('2026-11-03T02:30:00Z'));
    assert.equal(times.length, 2 * 24 + 3);
    assert.equal(connections[47], 13);
  });

  it('of another month is none of this', () => {
    assert.ok(usageSeries(POINTS, monthPeriod('2026-10'), 'day', LATER).connections.every((count) => count === 0));
  });

  it('of some days has the first and the last of them', () => {
    const { times, connections } = usageSeries(POINTS, daysPeriod('2026-10-31', '2026-11-02'), 'day', LATER);
    assert.deepEqual(times.map((time) => new Date(time).toISOString().slice(0, 10)), ['2026-10-31', '2026-11-01', '2026-11-02']);
    assert.deepEqual(connections, [0, 3, 13]);
  });

  it('has a bar for each month that a period touches', () => {
    const { times, connections } = usageSeries(POINTS, daysPeriod('2026-09-30', '2026-11-02'), 'month', LATER);
    assert.deepEqual(times.map((time) => new Date(time).toISOString()), ['2026-09-01T00:00:00.000Z', '2026-10-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z']);
    assert.deepEqual(connections, [0, 0, 16]);
  });

  it('is told of up to 400 days, in their order', () => {
    assert.equal(daysProblem('2026-11-22', '2026-11-22'), undefined);
    assert.equal(daysProblem('2025-01-01', '2026-02-04'), undefined);
    assert.equal(daysProblem('2025-01-01', '2026-02-05'), 'At most 400 days.');
    assert.equal(daysProblem('2026-11-22', '2026-11-21'), 'The first day is after the last.');
    assert.equal(daysProblem('2026-11-22', ''), 'Choose both days.');
  });

  it('adds up', () => {
    assert.equal(totalConnections(POINTS), 16n);
    assert.deepEqual(byProduct(POINTS), [[Q, 9n], [P, 7n]]);
  });
});

describe('CSV', () => {
  it('has a line for each product and hour, day or month with connections', () => {
    const lines = (grain: 'hour' | 'day' | 'month') => usageCsv([...POINTS, { product: P, hour: '2026-11-02T01:00:00Z', connections: '1' }], grain).split('\r\n');
    assert.deepEqual(lines('hour').slice(0, 3), ['account,product,hour,connections', 'a,p,2026-11-01T00:00:00Z,3', 'a,p,2026-11-02T23:00:00Z,4']);
    assert.deepEqual(lines('day'), ['account,product,day,connections', 'a,p,2026-11-01,3', 'a,p,2026-11-02,5', 'a,q,2026-11-02,9', '']);
    assert.deepEqual(lines('month'), ['account,product,month,connections', 'a,p,2026-11,8', 'a,q,2026-11,9', '']);
  });

  it('of the bill has a line for each account and month, without connections and deleted ones too', () => {
    const points = [...POINTS, { product: 'accounts/gone/products/p', hour: '2026-10-31T23:00:00Z', connections: '2' }];
    assert.deepEqual(byAccount(points, ['a', 'idle']), [['a', 16n], ['idle', 0n], ['gone', 2n]]);
    assert.equal(billingCsv(points, ['a', 'idle'], daysPeriod('2026-10-31', '2026-12-01'), Date.parse('2026-11-30T12:00:00Z')), [
      'account,month,connections', 'a,2026-10,0', 'a,2026-11,16', 'idle,2026-10,0', 'idle,2026-11,0', 'gone,2026-10,2', 'gone,2026-11,0', '',
    ].join('\r\n'));
  });

  it('quotes what needs it, and runs no formula', () => {
    assert.equal(toCsv([['a,b', 'say "so"', '=1+1', '-1']]), '"a,b","say ""so""",\'=1+1,\'-1\r\n');
  });
});
