// An event stream as it is on the wire: events, ids, comments and retry hints, with their times.
// (The foreign client `eventsource` hides what tests of the protocol want to see.)
import http from 'node:http';
import net from 'node:net';
import { until, within } from './wait.mjs';

export class EventStream {
  events = []; // { id, data, at }
  comments = [];
  retries = []; // milliseconds, as the server hinted
  #rest = '';

  // Opens the stream; resolves with it once the head of the answer is there, whatever its status.
  static open(base, path, headers = {}) {
    const stream = new EventStream();
    return within(10_000, stream.#open(base, path, headers), `answer to ${path}`);
  }

  #open(base, path, headers) {
    const { hostname, port } = new URL(`http://${base}`);
    return new Promise((resolve, reject) => {
      this.request = http.get({
        path, headers: { host: `${hostname}:${port}`, accept: 'text/event-stream', ...headers },
        // Keeps nothing aside that stall() would first have to fill.
        createConnection: () => net.connect({ host: hostname, port, highWaterMark: 1024 }),
      });
      this.request.on('error', reject);
      this.request.on('response', (incoming) => {
        this.status = incoming.statusCode;
        this.headers = incoming.headers;
        this.closed = new Promise((close) => incoming.on('close', () => close()));
        this.isClosed = false;
        this.incoming = incoming;
        incoming.setEncoding('utf8');
        incoming.on('error', () => {});
        incoming.on('close', () => { this.isClosed = true; });
        incoming.on('data', (text) => this.#take(text));
        resolve(this);
      });
    });
  }

  #take(text) {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop();
    for (const block of blocks) this.#takeBlock(block);
  }

  #takeBlock(block) {
    const event = { at: performance.now() };
    for (const line of block.split('\n')) {
      const [, name, value] = /^([^:]*): ?(.*)$/s.exec(line) ?? [undefined, line, ''];
      if (name === '') this.comments.push(value);
      else if (name === 'retry') this.retries.push(Number(value));
      else event[name] = value;
    }
    if (event.data === undefined) return;
    this.events.push(event);
    this.onEvent?.(event);
  }

  get retry() {
    return this.retries.at(-1);
  }

  get value() {
    return this.events.length ? Number(this.events.at(-1).data) : undefined;
  }

  untilValue(value, ms = 5000) {
    return until(() => this.value === value, ms, () => `event ${value}, but ${this.value}`);
  }

  untilEvents(count, ms = 5000) {
    return until(() => this.events.length >= count, ms, () => `${count} events, but ${this.events.length}`);
  }

  // Takes nothing from the kernel any more, until goOn().
  stall() {
    this.incoming.pause();
  }

  goOn() {
    this.incoming.resume();
  }

  close() {
    this.request.destroy();
  }
}

// An event's (epoch, revision), comparable with compareIds().
export function parseId(id) {
  const match = /^(\d+)-(\d+)$/.exec(id);
  if (!match) throw new Error(`not an id <epoch>-<revision>: ${id}`);
  return [BigInt(match[1]), BigInt(match[2])];
}

// Below, at or above zero: as `a` is older than, the same as or newer than `b`.
export function compareIds(a, b) {
  const [epoch, revision] = parseId(a);
  const [otherEpoch, otherRevision] = parseId(b);
  if (epoch !== otherEpoch) return epoch < otherEpoch ? -1 : 1;
  return revision === otherRevision ? 0 : revision < otherRevision ? -1 : 1;
}
