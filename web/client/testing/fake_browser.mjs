// A browser of our own making, for tests of the client: fake sockets and event streams, fixed dice, and the
// clock of the test runner.
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const scriptFile = new URL('../client.js', import.meta.url);
export const CLASSIC_SCRIPT = readFileSync(scriptFile, 'utf8');
const compiled = new vm.Script(CLASSIC_SCRIPT);

// Lets all promises that can be settled settle.
export const settle = () => new Promise((resolve) => { setImmediate(resolve); });

class FakeSocket {
  sent = [];
  constructor(url) {
    this.url = new URL(url);
  }
  close(code) {
    this.closedWith = code;
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  get query() {
    return Object.fromEntries(this.url.searchParams);
  }
  // What a server does.
  accept() {
    this.onopen();
  }
  say(data) {
    this.onmessage({ data });
  }
  end(code = 1006, reason = '') {
    this.onclose({ code, reason });
  }
  // A connection that does not come about.
  async fail() {
    this.end();
  }
}

// One fetch().
class FakeRequest {
  isAborted = false;
  #body;
  constructor(url, { method = 'GET', headers = {}, signal, ...others }) {
    Object.assign(this, { url: new URL(url), method, headers, others });
    this.answer = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
    signal?.addEventListener('abort', () => {
      this.isAborted = true;
      this.reject(new Error('aborted'));
      this.#body?.error(new Error('aborted'));
    });
  }
  async accept(status = 200) {
    const body = new ReadableStream({ start: (controller) => { this.#body = controller; } });
    this.resolve(new Response(body, { status }));
    await settle();
  }
  async say(text) {
    this.#body.enqueue(new TextEncoder().encode(text));
    await settle();
  }
  async end() {
    this.#body.close();
    await settle();
  }
  // A connection that does not come about.
  async fail() {
    this.reject(new TypeError('network error'));
    await settle();
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

// What of an element the client uses.
class FakeElement {
  attributes = new Map();
  animations = [];
  isConnected = false;
  textContent = '';
  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }
  hasAttribute(name) {
    return this.attributes.has(name);
  }
  setAttribute(name, value) {
    this.attributes.set(name, value);
    if (this.constructor.observedAttributes?.includes(name)) this.attributeChangedCallback();
  }
  animate(...animation) {
    this.animations.push(animation);
  }
  attachShadow({ mode }) {
    this.shadow = { mode, nodes: [], append: (...nodes) => { this.shadow.nodes = nodes; } };
    return this.shadow;
  }
  // Puts it into the document, or takes it out.
  attach() {
    this.isConnected = true;
    this.connectedCallback();
  }
  remove() {
    this.isConnected = false;
    this.disconnectedCallback();
  }
}

// One page load in a browser: `storage` and the dice are what outlives it or rules it.
export function loadPage({
  href = 'https://shop.example/item?id=7#top', script = 'https://ws00.example/client.js',
  languages = ['en-US'], storage = new FakeStorage(), dice = () => 0.5, prefersReducedMotion = false,
  hasWebSocket = true, hidden = false, prerendering = false,
} = {}) {
  const events = new EventTarget();
  setMaxListeners(0, events);
  const sockets = [];
  const requests = [];
  const tries = []; // sockets and streams, as they came
  const defined = new Map();
  const document = {
    hidden, prerendering, currentScript: { src: script },
    createElement: () => new FakeElement(),
  };
  const page = {
    sockets, requests, tries, storage, document,
    element: Object.assign(new FakeElement(), { textContent: '–' }),
    get socket() {
      return sockets.at(-1);
    },
    get request() {
      return requests.at(-1);
    },
    fire: (name) => events.dispatchEvent(new Event(name)),
    setHidden(isHidden) {
      document.hidden = isHidden;
      page.fire('visibilitychange');
    },
    // A <live-counter> with these attributes, in the document.
    async addElement(attributes) {
      const element = new (defined.get('live-counter'))();
      Object.entries(attributes).forEach(([name, value]) => element.attributes.set(name, value));
      element.attach();
      await settle();
      return element;
    },
  };
  const window = {
    WebSocket: hasWebSocket ? class extends FakeSocket {
      constructor(url) {
        super(url);
        sockets.push(this);
        tries.push(this);
      }
    } : undefined,
    fetch(url, options = {}) {
      requests.push(new FakeRequest(url, options));
      if (page.request.method === 'GET') tries.push(page.request);
      return page.request.answer;
    },
    addEventListener: events.addEventListener.bind(events),
    setTimeout: (...args) => setTimeout(...args),
    clearTimeout: (...args) => clearTimeout(...args),
    Date: { now: () => Date.now() },
    document,
    location: { href },
    navigator: { languages },
    matchMedia: () => ({ matches: prefersReducedMotion }),
    HTMLElement: FakeElement,
    CSSStyleSheet: class { replaceSync(text) { this.text = text; } },
    customElements: { get: (name) => defined.get(name), define: (name, type) => defined.set(name, type) },
    get sessionStorage() {
      if (!storage) throw new Error('storage is forbidden');
      return storage;
    },
    URL, Blob, AbortController, TextDecoderStream, WritableStream, queueMicrotask, dice,
  };
  window.window = window;
  vm.createContext(window);
  vm.runInContext('Math.random = dice;', window);
  compiled.runInContext(window);
  page.window = window;
  page.connect = (options) => window.watchly.connect(page.element, { key: 'k', ...options });
  return page;
}
