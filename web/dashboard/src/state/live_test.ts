import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { busiest, totals, toLive, update, type Board } from './live.ts';

const counter = (id: string, present: number, hits: string | undefined, revision = 1, epoch = 1) =>
  ({ name: `accounts/a/products/p/counters/${id}`, present: `${present}`, ...(hits === undefined ? {} : { hits }), revision: `${revision}`, epoch: `${epoch}` });
const boardOf = (...counters: ReturnType<typeof counter>[]): Board => update(new Map(), counters);
const only = (board: Board) => [...board.values()][0];

describe('a board', () => {
  it('keeps the newest of what races', () => {
    const board = boardOf(counter('a', 5, '10', 7));
    assert.equal(update(board, [counter('a', 4, '9', 6)]), board, 'an older revision is no news');
    assert.equal(only(update(board, [counter('a', 6, '11', 8)]))?.present, 6);
    assert.equal(only(update(board, [counter('a', 1, '2', 1, 2)]))?.present, 1, 'a higher epoch wins');
    assert.equal(update(board, [counter('a', 9, '99', 99, 0)]), board, 'a lower one never');
  });

  it('is the same object where nothing is new', () => {
    const board = boardOf(counter('a', 5, '10', 7));
    assert.equal(update(board, [counter('a', 5, '10', 7)]), board);
  });

  it('shows who is busiest: by people, then hits, then name', () => {
    const board = boardOf(counter('d', 0, '5'), counter('c', 2, undefined), counter('b', 2, '1'), counter('a', 0, '5'), counter('e', 0, undefined));
    assert.deepEqual(busiest(board.values(), 4).map(({ name }) => name.at(-1)), ['b', 'c', 'a', 'd']);
  });

  it('adds up, beyond what a double holds', () => {
    const sum = totals([toLive(counter('a', 2, '9007199254740993')), toLive(counter('b', 3, '1')), toLive(counter('c', 0, undefined))]);
    assert.deepEqual(sum, { present: 5, hits: 9007199254740994n });
  });
});
