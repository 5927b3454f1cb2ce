// Live values of counters: lists and watches race, so the higher (epoch, revision) wins.
import type { Counter } from '../api/services.ts';
import { toBigInt } from './numbers.ts';

export interface Live {
  name: string;
  present: number;
  hits: bigint | undefined; // undefined: there is no hit counter
  epoch: bigint;
  revision: bigint;
}

export type Board = ReadonlyMap<string, Live>;

export const toLive = (counter: Counter): Live => ({
  name: counter.name ?? '',
  present: Number(counter.present ?? 0),
  hits: counter.hits === undefined ? undefined : BigInt(counter.hits),
  epoch: toBigInt(counter.epoch),
  revision: toBigInt(counter.revision),
});

const isOlder = (a: Live, b: Live): boolean => (a.epoch === b.epoch ? a.revision < b.revision : a.epoch < b.epoch);

// The board with what is news of `counters`; the same object where nothing is.
export function update(board: Board, counters: Counter[]): Board {
  let next: Map<string, Live> | undefined;
  for (const counter of counters) {
    const live = toLive(counter);
    const known = (next ?? board).get(live.name);
    if (known && (isOlder(live, known) || (known.present === live.present && known.hits === live.hits && known.revision === live.revision))) continue;
    next ??= new Map(board);
    next.set(live.name, live);
  }
  return next ?? board;
}

// The most people first, then the most hits, then by name.
export function busiest(board: Iterable<Live>, limit: number): Live[] {
  return [...board].sort((a, b) => b.present - a.present || compare(b.hits ?? -1n, a.hits ?? -1n) || (a.name < b.name ? -1 : 1))
    .slice(0, limit);
}

const compare = (a: bigint, b: bigint): number => (a === b ? 0 : a < b ? -1 : 1);

export interface Totals {
  present: number;
  hits: bigint;
}

export function totals(board: Iterable<Live>): Totals {
  let present = 0;
  let hits = 0n;
  for (const live of board) {
    present += live.present;
    hits += live.hits ?? 0n;
  }
  return { present, hits };
}
