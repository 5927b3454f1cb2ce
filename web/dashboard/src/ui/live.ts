// Counters as they are now: one stream for all that a page shows, opened again when it breaks.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { counters as service, type Counter } from '../api/services.ts';
import { isCode } from '../api/connect.ts';
import { busiest, toLive, update, type Board, type Live } from '../state/live.ts';
import { onUnauthenticated } from './session.tsx';

const MAX_WATCHED = 1000;
const DRAW_MS = 120; // numbers that change faster cannot be read
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;

const pause = (ms: number, signal: AbortSignal): Promise<void> => new Promise((resolve) => {
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
});

// Hands on what changes, until the signal; `onState` says whether the stream stands.
async function watchForEver(names: string[], onCounters: (counters: Counter[]) => void, onState: (isLive: boolean) => void, signal: AbortSignal): Promise<void> {
  for (let tries = 0; !signal.aborted; tries++) {
    try {
      for await (const { counters = [] } of service.watch({ names }, signal)) {
        tries = 0;
        onState(true);
        onCounters(counters);
      }
    } catch (error) {
      if (isCode(error, 'unauthenticated')) return onUnauthenticated();
    }
    if (signal.aborted) return;
    onState(false);
    await pause(Math.random() * Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** tries), signal);
  }
}

export interface LiveBoard {
  counters: Live[]; // those listed, with the newest values that are known, in the order of the list
  isLive: boolean; // false: the last numbers, while the stream is opened again
  also: Live | undefined; // the one that was asked for beside them, once it is known
}

// The busiest, where there are more than one stream takes: the others are as the list has them.
function namesToWatch(listed: Counter[], also: string): string[] {
  const most = also ? MAX_WATCHED - 1 : MAX_WATCHED;
  const names = listed.length <= most ? listed.map(({ name = '' }) => name) : busiest(listed.map(toLive), most).map(({ name }) => name);
  return [...new Set(also ? [...names, also] : names)].sort();
}

// `listed` is what a list gave last; it may be given anew at any time. `also` is the name of a counter that need be
// neither in it nor there at all.
export function useLive(listed: Counter[], also = ''): LiveBoard {
  const board = useRef<Board>(new Map());
  const [, redraw] = useState(0);
  const [isLive, setLive] = useState(true);
  const names = useMemo(() => {
    board.current = update(board.current, listed);
    return namesToWatch(listed, also);
  }, [listed, also]);
  useEffect(() => {
    if (names.length === 0) return undefined;
    const life = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onCounters = (counters: Counter[]): void => {
      const next = update(board.current, counters);
      if (next === board.current) return;
      board.current = next;
      timer ??= setTimeout(() => { timer = undefined; redraw((turn) => turn + 1); }, DRAW_MS);
    };
    void watchForEver(names, onCounters, (state) => { if (!life.signal.aborted) setLive(state); }, life.signal);
    return () => {
      life.abort();
      clearTimeout(timer);
    };
  }, [names.join('\n')]);
  return { counters: listed.flatMap(({ name = '' }) => board.current.get(name) ?? []), isLive, also: board.current.get(also) };
}
