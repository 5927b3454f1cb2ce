import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pathOf, PRODUCT_TABS, routeOf, type Route } from './routes.ts';

describe('routes', () => {
  it('go to paths and back, whatever the ids are', () => {
    const ids = ['demo', 'a.b', 'x~y', '-'];
    const routes: Route[] = [{ page: 'home' }, { page: 'accounts' }, { page: 'all-products' }, { page: 'all-usage' }, { page: 'system' },
      ...ids.flatMap((id): Route[] => [{ page: 'account', account: id }, { page: 'products', account: id }, { page: 'usage', account: id },
        ...PRODUCT_TABS.map((tab): Route => ({ page: 'product', account: id, product: id, tab }))])];
    for (const route of routes) {
      assert.deepEqual(routeOf(pathOf(route)), route);
      assert.match(pathOf(route), /\/$/, 'the console serves no file for it');
    }
  });

  it('lead to a product’s live page where nothing more is said', () => {
    assert.deepEqual(routeOf('/accounts/a/products/p'), { page: 'product', account: 'a', product: 'p', tab: 'live' });
  });

  it('that lead nowhere are known as such', () => {
    for (const path of ['/nowhere', '/accounts/a/other', '/accounts/a/products/p/other', '/accounts/a/products/p/live/more', '/products/p', '/accounts/a/usage/x']) {
      assert.deepEqual(routeOf(path), { page: 'unknown' }, path);
    }
    assert.deepEqual(routeOf('/accounts/%E0%A4%A/'), { page: 'account', account: '%E0%A4%A' });
  });
});
