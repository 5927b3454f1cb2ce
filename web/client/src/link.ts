// A connection that is kept: opened again whenever it ends, at another gateway, with back-off, and closed
// while the page is away (contract §6).

import { openSocket, openStream, type Connection } from './transport';

const enum Ms {
  FirstRetry = 1000,
  LongestRetry = 60_000,
  Stable = 30_000,
  // The server speaks every 25 seconds; a connection that stays silent for this long is dead.
  Silence = 60_000,
  Opening = 10_000,
}

const enum CloseCode {
  // Leaves the count after the short grace.
  Gone = 1000,
  // None of the codes for leaving, so that the server holds our place for the long grace.
  Reconnecting = 4000,
}

const enum Tries {
  // A page whose WebSockets worked tries event streams only after so many failures.
  Patient = 4,
}

export interface Link {
  // Sends it, where a WebSocket is open, else false: what is yet to open asks for its path, and an event
  // stream is opened anew for that.
  say(message: string): boolean;
  close(): void;
}

export interface LinkOptions {
  // Where the gateways are, as `https://host`.
  hosts: string[];
  // Path and query, asked for at each opening.
  path(): string;
  // An event stream only, which a page that nobody sees does not keep: over HTTP/1.1 a browser has six
  // connections to a host, for all its tabs.
  isStream?: boolean;
  onOpen?(): void;
  onMessage(data: string, host: string): void;
}

export function keepLink({ hosts, path, isStream = false, ...on }: LinkOptions): Link {
  const life = new AbortController();
  let connection: Connection | undefined;
  let host: string;
  let isOpen = false;
  let tries = 0;
  let asStream = isStream;
  let socketWorked = false;
  let isGone: boolean | undefined;
  let isAway: boolean | undefined = true;
  let wakeTimer = 0;
  let openedAt = 0;

  function open(): void {
    drop(CloseCode.Reconnecting);
    if (isAway) return;
    const others = hosts.filter((other) => other !== host);
    const choice = others.length ? others : hosts;
    host = choice[Math.floor(Math.random() * choice.length)]!;
    expectSound(Ms.Opening);

    // Whatever a connection says that was dropped, nobody listens.
    let mine: Connection | undefined;
    const ifMine = (listen: (text: string) => void) => (text = '') => {
      if (mine === connection) listen(text);
    };
    try {
      const openAny = asStream ? openStream : openSocket;
      mine = connection = openAny(host + path(), ifMine(onOpen), ifMine(onMessage), ifMine(onEnd));
    } catch {
      onEnd(''); // there is no WebSocket in this browser
    }
  }

  function onOpen(): void {
    isOpen = true;
    socketWorked ||= !asStream;
    expectSound(Ms.Silence);
    openedAt = Date.now();
    on.onOpen?.();
  }

  function onMessage(data: string): void {
    expectSound(Ms.Silence);
    on.onMessage(data, host);
  }

  function onEnd(reason: string): void {
    if (reason === 'key revoked') return close();
    // WebSockets may be blocked on the way, which looks like any failure to open.
    asStream = isStream || (!isOpen && !asStream && (!socketWorked || tries > Tries.Patient));
    if (isOpen && Date.now() - openedAt >= Ms.Stable) tries = 0;
    drop(CloseCode.Reconnecting);
    // Full jitter. A server that says when spreads its clients itself, but may be wrong the second time.
    const hint = Number(reason.split('retry=')[1]) || 0;
    const bound = Math.min(Ms.LongestRetry, Ms.FirstRetry * 2 ** tries);
    const jitter = hint && !tries ? 0 : Math.random() * bound;
    tries++;
    wakeTimer = setTimeout(open, Math.min(Ms.LongestRetry, Math.max(hint, jitter)));
  }

  function expectSound(ms: number): void {
    clearTimeout(wakeTimer);
    wakeTimer = setTimeout(onEnd, ms, '');
  }

  function drop(code: number): void {
    clearTimeout(wakeTimer);
    isOpen = false;
    const dropped = connection;
    connection = undefined;
    dropped?.close(code);
  }

  // A page with an open connection does not go into the back-forward cache.
  function follow({ type }: { type: string }): void {
    const wasAway = isAway;
    isGone = type === 'pagehide' || (isGone && type !== 'pageshow');
    isAway = isGone || document.prerendering || (isStream && document.hidden);
    if (isAway) drop(CloseCode.Gone);
    else if (wasAway || type === 'online') open();
  }

  function close(): void {
    life.abort();
    drop(CloseCode.Gone);
  }

  for (const type of ['pagehide', 'pageshow', 'visibilitychange', 'online']) {
    addEventListener(type, follow, { signal: life.signal });
  }
  follow({ type: 'load' });

  return {
    say(message) {
      if (connection && asStream) open();
      if (!isOpen || asStream) return false;
      connection!.send!(message);
      return true;
    },
    close,
  };
}
