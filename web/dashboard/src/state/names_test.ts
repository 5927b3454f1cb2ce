import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accountIdOf, counterIdOf, counterName, idFrom, idProblem, keyIdOf, productIdOf, productOf } from './names.ts';

describe('names', () => {
  it('hold their ids', () => {
    const name = counterName('accounts/a/products/p', 'https://shop.example/ü?x=1');
    assert.equal(name, 'accounts/a/products/p/counters/https%3A%2F%2Fshop.example%2F%C3%BC%3Fx%3D1');
    assert.equal(accountIdOf(name), 'a');
    assert.equal(productIdOf(name), 'p');
    assert.equal(productOf(name), 'accounts/a/products/p');
    assert.equal(counterIdOf(name), 'https://shop.example/ü?x=1');
    assert.equal(keyIdOf('accounts/a/products/p/keys/k.1'), 'k.1');
  });

  it('of no form hold nothing, and what cannot be decoded stays as it is', () => {
    assert.equal(accountIdOf(undefined), '');
    assert.equal(counterIdOf('accounts/a/products/p/counters/%E0%A4%A'), '%E0%A4%A');
  });
});

describe('an id', () => {
  it('is made of a title', () => {
    assert.equal(idFrom('  The Shop – Zürich! '), 'the-shop-zurich');
    assert.equal(idFrom('日本'), '');
    assert.equal(idProblem(idFrom('x'.repeat(100))), undefined);
  });

  it('has letters, digits and a few signs', () => {
    for (const id of ['', 'a', 'A-b_c.d~9', 'x'.repeat(64)]) assert.equal(idProblem(id), undefined, id);
    for (const id of ['a b', 'a/b', 'ü', 'x'.repeat(65)]) assert.match(idProblem(id) ?? '', /64 letters/, id);
  });
});
