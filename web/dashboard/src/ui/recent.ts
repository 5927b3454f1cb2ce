// Loads the last hour of some counters, by the minute.
import { useEffect, useRef, useState } from 'preact/hooks';
import { counters as service } from '../api/services.ts';
import { fillHistory, spanOf, toRequest } from '../state/history.ts';
import type { Recent } from '../state/recent.ts';

const AGAIN_MS = 60_000;
const AT_ONCE = 4; // browsers open six connections to one server, and one is the stream

async function loadOne(name: string, signal: AbortSignal): Promise<(number | null)[]> {
  const span = spanOf('hour', Date.now());
  try {
    const { points = [] } = await service.history({ name, ...toRequest(span) }, signal);
    return fillHistory(points, span).present;
  } catch {
    return []; // a sparkline is no reason to say that something failed
  }
}

// Names that are new are loaded at once, all of them again each minute.
export function useRecent(names: string[]): Recent {
  const [recent, setRecent] = useState<Recent>(new Map());
  const known = useRef(new Set<string>());
  const shown = useRef(names);
  shown.current = names;
  const life = useRef(new AbortController());

  const load = async (wanted: string[]): Promise<void> => {
    const { signal } = life.current;
    const waiting = [...wanted];
    const worker = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined && !signal.aborted; name = waiting.shift()) {
        const of = name;
        known.current.add(of);
        const values = await loadOne(of, signal);
        if (!signal.aborted) setRecent((before) => new Map(before).set(of, values));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  };
  useEffect(() => { void load(names.filter((name) => !known.current.has(name))); }, [names.join('\n')]);
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) void load(shown.current); }, AGAIN_MS);
    return () => {
      clearInterval(timer);
      life.current.abort();
    };
  }, []);
  return recent;
}
