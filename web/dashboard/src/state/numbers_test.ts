import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatCompact, formatInteger, parseTotal, plural } from './numbers.ts';

describe('numbers', () => {
  it('of 64 bits keep every digit', () => {
    assert.equal(formatInteger(9223372036854775807n), '9,223,372,036,854,775,807');
    assert.equal(parseTotal('9223372036854775807'), 9223372036854775807n);
  });

  it('are read as people write them', () => {
    assert.equal(parseTotal('12,345'), 12345n);
    assert.equal(parseTotal(' 1 000 '), 1000n);
    assert.equal(parseTotal('0'), 0n);
  });

  it('that are none, or too large, are refused', () => {
    for (const text of ['', '-1', '1e3', 'abc', '9223372036854775808', '0x10']) assert.equal(parseTotal(text), undefined, text);
  });

  it('are short where there is little room', () => {
    assert.equal(formatCompact(10_240), '10.2K');
    assert.equal(plural(1, 'counter', 'counters'), '1 counter');
    assert.equal(plural(1200n, 'counter', 'counters'), '1,200 counters');
  });
});
