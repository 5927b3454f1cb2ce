// A browser of our own making, for tests of the client: fake sockets, fixed dice, and the clock of the
// test runner.
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

export const CLASSIC_SCRIPT = readFileSync(new URL('../client.js', import.meta.url), 'utf8');

class FakeSocket {
  constructor(url) {
    this.url = new URL(url);
  }
  close(code) {
    this.closedWith = code;
  }
  get query() {
    return Object.fromEntries(this.url.searchParams);
  }
}

export class FakeStorage {
  items = new Map();
  getItem(key) {
    return this.items.get(key) ?? null;
  }
  setItem(key, value) {
    this.items.set(key, value);
  }
  removeItem(key) {
    this.items.delete(key);
  }
}

// One page load in a browser: `storage` and the dice are what outlives it or rules it.
export function loadPage({
  href = 'https://shop.example/item?id=7#top', script = 'https://ws00.example/client.js',
  languages = ['en-US'], storage = new FakeStorage(), dice = () => 0.5, randomUUID = true,
} = {}) {
  const events = new EventTarget();
  const sockets = [];
  const page = {
    sockets, storage,
    element: { textContent: '–' },
    get socket() {
      return sockets.at(-1);
    },
    fire: (name) => events.dispatchEvent(new Event(name)),
  };
  const window = {
    WebSocket: class extends FakeSocket {
      constructor(url) {
        super(url);
        sockets.push(this);
      }
    },
    addEventListener: events.addEventListener.bind(events),
    setTimeout: (...args) => setTimeout(...args),
    clearTimeout: (...args) => clearTimeout(...args),
    document: { currentScript: { src: script } },
    location: { href },
    navigator: { languages },
    get sessionStorage() {
      if (!storage) throw new Error('storage is forbidden');
      return storage;
    },
    crypto: {
      randomUUID: randomUUID ? () => crypto.randomUUID() : undefined,
      getRandomValues: (array) => crypto.getRandomValues(array),
    },
    URL, AbortController, dice,
  };
  window.window = window;
  vm.createContext(window);
  vm.runInContext('Math.random = dice;', window);
  vm.runInContext(CLASSIC_SCRIPT, window);
  page.window = window;
  page.connect = (options) => window.watchly.connect(page.element, { key: 'k', ...options });
  return page;
}
