import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allPages, firstPages } from './services.ts';

// A list of three pages of two, which remembers what it was asked for.
function listOfThree() {
  const asked: string[] = [];
  const load = async (token: string): Promise<{ items: number[]; nextPageToken?: string }> => {
    asked.push(token);
    const page = Number(token || '0');
    return { items: [2 * page, 2 * page + 1], ...(page < 2 ? { nextPageToken: `${page + 1}` } : {}) };
  };
  return { asked, load };
}

describe('a list', () => {
  it('is read page by page to its end', async () => {
    const { asked, load } = listOfThree();
    assert.deepEqual(await allPages(load, ({ items }) => items), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(asked, ['', '1', '2']);
  });

  it('is read up to a bound, and it is told that there is more', async () => {
    const { asked, load } = listOfThree();
    assert.deepEqual(await firstPages(load, ({ items }) => items, 4), { items: [0, 1, 2, 3], hasMore: true });
    assert.deepEqual(asked, ['', '1']);
  });

  it('has no more where the bound is its end', async () => {
    assert.deepEqual(await firstPages(listOfThree().load, ({ items }) => items, 6), { items: [0, 1, 2, 3, 4, 5], hasMore: false });
  });
});
