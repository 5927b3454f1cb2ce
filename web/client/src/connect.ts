// One number on the page, from its options to its connection.

import { parse } from './format';
import { originsOf } from './hosts';
import { keepLink } from './link';
import { pagePresenceId } from './presence_id';
import { showIn, type Show } from './view';
import { watch } from './watch';
import type { Handle, HitOptions, Options, PresenceOptions } from '../client.d.mts';

export function connect(element: Element | null, options: Options): Handle {
  if (!element) throw new TypeError('livecounter: no element');
  return connectTo(showIn(element, options), options);
}

// `sharesWatch`: a view-only number is one of many.
export function connectTo(show: Show, options: Options, sharesWatch?: boolean): Handle {
  const { signal } = options;
  if (signal?.aborted) return { close() {} };
  const close = options.counter ? openHits(show, options) : openPresence(show, options as PresenceOptions, sharesWatch);
  signal?.addEventListener('abort', close);
  return { close };
}

function openPresence(show: Show, options: PresenceOptions, sharesWatch?: boolean): () => void {
  const { key, impactsCount = true } = options;
  const urlId = options.urlId || location.href;
  if (!key) throw new TypeError('livecounter: no API key');
  const hosts = originsOf(options.hosts);
  if (sharesWatch && !impactsCount) return watch(hosts, key, urlId, show);
  const query = [urlId, key, options.pId || pagePresenceId()].map(encodeURIComponent);
  const path = `/sub?urlId=${query[0]}&key=${query[1]}&pId=${query[2]}&i=${impactsCount ? 't' : 'f'}`;
  return keepLink({ hosts, path: () => path, onMessage: (data) => show(parse(data)) }).close;
}

// The counters that this page load has hit.
const counted = new Set<string>();

function openHits(show: Show, { counter, hit, key, hosts }: HitOptions): () => void {
  const path = `/counters/${encodeURIComponent(counter)}/` + (key ? '?key=' + encodeURIComponent(key) : '');
  return keepLink({
    hosts: originsOf(hosts),
    path: () => path,
    isStream: true,
    onMessage(data, host) {
      show(parse(data));
      // When the number is there as it was before.
      if (!hit || !data || counted.has(path)) return;
      counted.add(path);
      fetch(host + path, { method: 'POST', keepalive: true }).catch(() => {});
    },
  }).close;
}
