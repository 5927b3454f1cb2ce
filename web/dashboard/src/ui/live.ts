// Counters as they are now: one stream for all that a page shows, opened again when it breaks.
import { useEffect, useRef, useState } from 'preact/hooks';
import { counters as service, type Counter } from '../api/services.ts';
import { isCode } from '../api/connect.ts';
import { update, type Board, type Live } from '../state/live.ts';
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
  counters: Live[]; // those listed, with their newest values, in the order of the list
  isLive: boolean; // false: the last numbers, while the stream is opened again
}

// `listed` is what a list gave last; it may be given anew at any time.
export function useLive(listed: Counter[]): LiveBoard {
  const board = useRef<Board>(new Map());
  const [, redraw] = useState(0);
  const [isLive, setLive] = useState(true);
  board.current = update(board.current, listed);
  const names = listed.slice(0, MAX_WATCHED).map(({ name = '' }) => name);
  const key = [...names].sort().join('\n');
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
  }, [key]);
  return { counters: names.flatMap((name) => board.current.get(name) ?? []), isLive };
}
