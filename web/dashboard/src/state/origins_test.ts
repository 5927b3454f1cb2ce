import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAllowed, originsProblem, splitOrigins } from './origins.ts';

describe('origins', () => {
  it('are read one a line, and each once', () => {
    assert.deepEqual(splitOrigins('https://Shop.example/\n\nhttps://shop.example, *'), ['https://shop.example', '*']);
    assert.deepEqual(splitOrigins('  '), []);
  });

  it('that are none are named', () => {
    for (const origin of ['https://shop.example', 'http://127.0.0.1:8080', 'https://*.shop.example', '*', 'http://[::1]:80']) {
      assert.equal(originsProblem([origin]), undefined, origin);
    }
    for (const origin of ['shop.example', 'https://', 'https://shop.example/path', 'ftp://shop.example', 'https://a.*.example']) {
      assert.match(originsProblem(['*', origin]) ?? '', new RegExp(origin.replace(/[*.]/g, '\\$&')), origin);
    }
  });

  it('allow themselves, and a star one label', () => {
    assert.equal(isAllowed([], 'https://a.example'), false);
    assert.equal(isAllowed(['*'], 'https://a.example'), true);
    assert.equal(isAllowed(['https://a.example'], 'https://a.example'), true);
    assert.equal(isAllowed(['https://a.example'], 'http://a.example'), false);
    assert.equal(isAllowed(['https://*.a.example'], 'https://b.a.example'), true);
    for (const origin of ['https://a.example', 'https://c.b.a.example', 'http://b.a.example', 'https://ba.example', 'https://.a.example']) {
      assert.equal(isAllowed(['https://*.a.example'], origin), false, origin);
    }
  });
});
