// A WebSocket client that remembers what it was told.
import { WebSocket } from './packages.mjs';
import { until, within } from './wait.mjs';

export class Socket {
  messages = []; // { text, at }
  pings = []; // times
  refusal; // { status, headers, text } when the upgrade was refused

  // Starts connecting; `opened()` waits for it.
  constructor(base, path, { headers = {}, autoPong = true } = {}) {
    this.ws = new WebSocket(`ws://${base}${path}`, { headers, autoPong, perMessageDeflate: false });
    this.closed = new Promise((resolve) => {
      this.ws.on('close', (code, reason) => resolve({ code, reason: reason.toString(), at: performance.now() }));
    });
    this.ws.on('message', (data, isBinary) => {
      this.messages.push({ text: data.toString(), isBinary, at: performance.now() });
      this.onMessage?.(data.toString());
    });
    this.ws.on('ping', () => this.pings.push(performance.now()));
    this.ws.on('error', () => {});
    this.ws.on('unexpected-response', (_, answer) => this.#takeRefusal(answer));
  }

  async #takeRefusal(answer) {
    let text = '';
    for await (const chunk of answer) text += chunk;
    this.refusal = { status: answer.statusCode, headers: answer.headers, text };
    this.ws.terminate();
  }

  // This, once it is open.
  async opened(ms = 5000) {
    await until(() => this.ws.readyState !== WebSocket.CONNECTING, ms, 'open');
    if (this.ws.readyState !== WebSocket.OPEN) {
      throw new Error(`not opened: ${JSON.stringify(this.refusal ?? 'no answer')}`);
    }
    return this;
  }

  refused(ms = 5000) {
    return until(() => this.refusal, ms, 'refused');
  }

  get value() {
    return this.messages.length ? Number(this.messages.at(-1).text) : undefined;
  }

  get values() {
    return this.messages.map(({ text }) => Number(text));
  }

  untilValue(value, ms = 5000) {
    return until(() => this.value === value, ms, () => `${value}, but ${this.value}`);
  }

  // Leaves as a client should; resolves when the socket is gone.
  close(code = 1000) {
    this.ws.close(code);
    return within(5000, this.closed, 'closed');
  }

  // Takes nothing from the kernel any more, until goOn().
  stall() {
    this.ws.pause();
  }

  goOn() {
    this.ws.resume();
  }

  // Ends without a close frame, as a lost connection does.
  lose() {
    this.ws.terminate();
    return this.closed;
  }
}

// The path of a presence connection.
export function subPath({ urlId = 'page', key = 'demo', pId = 'me', i } = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ urlId, key, pId, i })) {
    if (value !== undefined) query.append(name, value);
  }
  return `/sub?${query.toString().replaceAll('+', '%20')}`;
}
