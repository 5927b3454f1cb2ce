// Live Counter in the browser: keeps a number on the page that says how many are here now.
//
//   watchly.connect(document.getElementById('here'), { key: 'your-api-key' });
//
// The one source of client.mjs (an ES module) and client.js (a classic script); build.mjs writes both.
// It strips whole-line comments, so there are no other comments here.

const scriptUrl = import.meta.url;

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;
const STABLE_MS = 30_000;
const SILENCE_MS = 60_000;

// Close codes that this side sends. GONE leaves the count after the short grace; RECONNECTING is none
// of the codes for leaving, so the server holds our place for the long one.
const GONE = 1000;
const RECONNECTING = 4000;
// Close code that the server sends when trying again is pointless: the key was revoked.
const REFUSED = 1008;

const STORAGE_KEY = 'livecounter.pId';

// Shows the live number of `options.urlId` in `element` until the handle's close() or the signal's
// abort. Throws a TypeError for options that cannot work. See client.d.mts for the options.
export function connect(element, options = {}) {
  const { key, hosts = [new URL(scriptUrl).host], signal } = options;
  if (!element) throw new TypeError('livecounter.connect: there is no element to show the number in');
  if (!key) throw new TypeError("livecounter.connect: pass your API key as { key: '…' }");

  const query = Object.entries({
    urlId: options.urlId || location.href,
    key,
    pId: options.pId || pagePresenceId(),
    i: options.impactsCount === false ? 'f' : 't',
  }).map(([name, value]) => name + '=' + encodeURIComponent(value)).join('&');
  const urls = hosts.map((host) => socketUrl(host) + '?' + query);
  const format = options.formatNumber || formatNumber;
  const life = new AbortController();

  let socket;
  let url;
  let tries = 0;
  let isHidden = false;
  let wakeTimer;
  let stableTimer;

  function open() {
    drop(RECONNECTING);
    const others = urls.filter((other) => other !== url);
    url = pick(others.length ? others : urls);
    socket = new WebSocket(url);
    socket.onopen = () => {
      stableTimer = setTimeout(() => { tries = 0; }, STABLE_MS);
    };
    socket.onmessage = ({ data }) => {
      expectSound();
      if (/^\d+$/.test(data)) show(Number(data));
    };
    socket.onclose = ({ code, reason }) => {
      if (code === REFUSED) return close();
      drop();
      retry(reason);
    };
    expectSound();
  }

  // Forgets the socket: whatever it still has to say, nobody listens.
  function drop(code) {
    clearTimeout(wakeTimer);
    clearTimeout(stableTimer);
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    if (code) socket.close(code);
    socket = undefined;
  }

  // Full jitter, unless a draining server said when: it spreads its clients itself.
  function retry(reason) {
    const hint = /^retry=(\d+)$/.exec(reason);
    const jitter = Math.random() * Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** tries++);
    wakeTimer = setTimeout(open, hint ? Math.min(LONGEST_RETRY_MS, Number(hint[1])) : jitter);
  }

  // The server repeats the number every 25 seconds; a socket that stays silent for longer is dead.
  function expectSound() {
    clearTimeout(wakeTimer);
    wakeTimer = setTimeout(() => {
      drop(RECONNECTING);
      retry();
    }, SILENCE_MS);
  }

  function show(number) {
    const text = String(format(number));
    if (element.textContent !== text) element.textContent = text;
  }

  function close() {
    life.abort();
    drop(GONE);
  }

  if (signal?.aborted) return { close };
  const whileOpen = { signal: life.signal };
  signal?.addEventListener('abort', close, whileOpen);
  // A page with an open socket does not go into the back-forward cache.
  addEventListener('pagehide', () => {
    isHidden = true;
    drop(GONE);
  }, whileOpen);
  addEventListener('pageshow', () => {
    if (isHidden) open();
    isHidden = false;
  }, whileOpen);
  addEventListener('online', () => {
    if (!isHidden) open();
  }, whileOpen);
  open();
  return { close };
}

// Below 10,000 in full, then short with at most one decimal, as the visitor's locale writes it:
// 1,234 · 10.2k · 5.1M. English writes K for thousand; k is what people expect of a counter.
export function formatNumber(number, locales = navigator.languages) {
  const format = new Intl.NumberFormat(
    locales, number < 10_000 ? {} : { notation: 'compact', maximumFractionDigits: 1 });
  const text = format.format(number);
  return /^en\b/.test(format.resolvedOptions().locale) ? text.replace('K', 'k') : text;
}

// `host` is host[:port], or with ws:// or wss:// where the script's own security does not fit.
function socketUrl(host) {
  const base = /^wss?:/.test(host) ? host : (/^http:/.test(scriptUrl) ? 'ws://' : 'wss://') + host;
  return new URL('/sub', base).href;
}

function pick(list) {
  return list[Math.floor(Math.random() * list.length)];
}

let presenceId;

// One presence ID for the page, handed on to the next page of the same tab: so a reload is the same
// viewer and the number does not flicker. It is in the tab's storage only while no page holds it, so
// that a duplicated tab is a viewer of its own.
function pagePresenceId() {
  if (!presenceId) {
    presenceId = takeStoredId() || randomUuid();
    addEventListener('pagehide', () => storage((store) => store.setItem(STORAGE_KEY, presenceId)));
    addEventListener('pageshow', takeStoredId);
  }
  return presenceId;
}

function takeStoredId() {
  return storage((store) => {
    const id = store.getItem(STORAGE_KEY);
    store.removeItem(STORAGE_KEY);
    return id;
  });
}

// Storage may be forbidden; then every page load is a viewer of its own.
function storage(use) {
  try {
    return use(sessionStorage);
  } catch {
    return undefined;
  }
}

// randomUUID() is there in secure contexts only.
function randomUuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
