// Many view-only numbers on few connections (contract §3, `/watch`): all of a page that have the same API
// key and gateways share one, up to what the server takes.

import { parse } from './format';
import { keepLink, type Link } from './link';
import type { Show } from './view';

const enum Most {
  Counters = 200,
  // Of 8 KiB for a request line. So an event stream, which cannot be told more later, has them all.
  QueryChars = 7000,
}

const enum Ms {
  // The server takes ten messages a second.
  Gather = 150,
}

// Shows the number of `urlId` until what it returns is called; nothing where there is no room for it.
type Watch = (urlId: string, show: Show) => (() => void) | undefined;

const watches = new Map<string, Watch>();

export function watch(hosts: string[], key: string, urlId: string, show: Show): () => void {
  const name = key + hosts;
  let leave = watches.get(name)?.(urlId, show);
  if (!leave) {
    // One that is full keeps what it has.
    const fresh = makeWatch(hosts, key);
    watches.set(name, fresh);
    leave = fresh(urlId, show)!;
  }
  return leave;
}

function makeWatch(hosts: string[], key: string): Watch {
  const counters = new Map<string, { shows: Set<Show>; number?: unknown }>();
  let told: string[] = [];
  let link: Link | undefined;
  let timer = 0;

  // The elements of a page come one by one, and at once.
  function tellSoon(): void {
    timer ||= setTimeout(tell, link ? Ms.Gather : 0);
  }

  function tell(): void {
    timer = 0;
    counters.forEach(({ shows }, urlId) => shows.size || counters.delete(urlId));
    const urlIds = [...counters.keys()];
    if (!urlIds.length) {
      link?.close();
      link = undefined;
    } else if (!link) {
      link = keepLink({ hosts, path, onOpen: tellSoon, onMessage: receive });
    } else {
      const add = urlIds.filter((urlId) => !told.includes(urlId));
      const remove = told.filter((urlId) => !counters.has(urlId));
      if (add.length + remove.length && link.say(JSON.stringify({ add, remove }))) told = urlIds;
    }
  }

  function path(): string {
    return '/watch?key=' + encodeURIComponent(key) + query((told = [...counters.keys()]));
  }

  function query(urlIds: string[]): string {
    return urlIds.map((urlId) => '&urlId=' + encodeURIComponent(urlId)).join('');
  }

  function receive(data: string): void {
    for (const [urlId, number] of Object.entries(parse(data) ?? {})) {
      const counter = counters.get(urlId);
      if (!counter) continue;
      counter.number = number;
      counter.shows.forEach((show) => show(number));
    }
  }

  return (urlId, show) => {
    let counter = counters.get(urlId);
    if (!counter) {
      // One alone always fits: there is no better place for it.
      const urlIds = [...counters.keys(), urlId];
      if (urlIds[1] && (urlIds[Most.Counters] || query(urlIds).length > Most.QueryChars)) return undefined;
      counters.set(urlId, (counter = { shows: new Set() }));
    }
    counter.shows.add(show);
    show(counter.number);
    tellSoon();
    return () => {
      counter.shows.delete(show);
      tellSoon();
    };
  };
}
