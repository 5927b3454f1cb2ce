// State that comes from elsewhere: resources that are loaded, actions that are done, the title.
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { CallError } from '../api/connect.ts';
import { newRequestId } from '../api/services.ts';
import { onUnauthenticated } from './session.tsx';

export interface Resource<Value> {
  value: Value | undefined;
  error: CallError | undefined;
  reload: () => void;
  // Shows a newer value that an action's answer brought.
  set: (value: Value) => void;
}

const toCallError = (error: unknown): CallError => {
  if (error instanceof CallError) return error;
  console.error(error);
  return new CallError('internal', `Something went wrong in this page: ${error instanceof Error ? error.message : String(error)}`);
};

// Loads when `key` changes, and again on reload(), which keeps what is shown until the new value is there. A
// reload() while one is under way comes after it, so that polling a slow server never keeps it from answering.
export function useResource<Value>(key: string, load: (signal: AbortSignal) => Promise<Value>): Resource<Value> {
  const [state, setState] = useState<{ key: string; value?: Value | undefined; error?: CallError }>({ key });
  const [turn, setTurn] = useState(0);
  const loader = useRef(load);
  loader.current = load;
  const underWay = useRef({ isLoading: false, isAskedAgain: false });
  useEffect(() => {
    const life = new AbortController();
    underWay.current = { isLoading: true, isAskedAgain: false };
    loader.current(life.signal).then(
      (value) => { if (!life.signal.aborted) setState({ key, value }); },
      (error: unknown) => {
        if (life.signal.aborted) return;
        const known = toCallError(error);
        if (known.code === 'unauthenticated') onUnauthenticated();
        setState((before) => (before.key === key ? { ...before, error: known } : { key, error: known }));
      },
    ).finally(() => {
      if (life.signal.aborted) return;
      const { isAskedAgain } = underWay.current;
      underWay.current = { isLoading: false, isAskedAgain: false };
      if (isAskedAgain) setTurn((before) => before + 1);
    });
    return () => life.abort();
  }, [key, turn]);
  const isCurrent = state.key === key;
  return {
    value: isCurrent ? state.value : undefined,
    error: isCurrent ? state.error : undefined,
    reload: useCallback(() => {
      if (underWay.current.isLoading) underWay.current.isAskedAgain = true;
      else setTurn((before) => before + 1);
    }, []),
    set: useCallback((value: Value) => setState({ key, value }), [key]),
  };
}

// Calls `reload` every `ms` while the page is seen.
export function usePolling(reload: () => void, ms: number): void {
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) reload(); }, ms);
    return () => clearInterval(timer);
  }, [reload, ms]);
}

export interface Action<Arguments extends unknown[]> {
  run: (...args: Arguments) => void;
  isBusy: boolean;
  error: CallError | undefined;
  clear: () => void;
}

// Something that a person asks for: one at a time; its error stays until it is tried again.
export function useAction<Arguments extends unknown[]>(act: (...args: Arguments) => Promise<unknown>): Action<Arguments> {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<CallError | undefined>();
  const busy = useRef(false);
  const run = (...args: Arguments): void => {
    if (busy.current) return;
    busy.current = true;
    setBusy(true);
    setError(undefined);
    act(...args).catch((reason: unknown) => {
      setError(toCallError(reason));
    }).finally(() => {
      busy.current = false;
      setBusy(false);
    });
  };
  return { run, isBusy, error, clear: () => setError(undefined) };
}

// A request id for what a form would do now: the same while its content is, so that pressing again after an answer
// that was lost does it once.
export const useRequestId = (...content: string[]): string => useMemo(newRequestId, content);

export function useTitle(title: string): void {
  useEffect(() => { document.title = title ? `${title} · Live Counter` : 'Live Counter'; }, [title]);
}
