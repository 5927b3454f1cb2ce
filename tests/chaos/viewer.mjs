// One viewer: connected to some gateway as long as it wants to be, reconnecting as real clients do, and
// checking what it is told.
import { compareIds, EventStream } from '../support/event_stream.mjs';
import { Socket } from '../support/socket.mjs';

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 4_000; // web/client waits up to a minute; what a test waits for comes sooner

class Viewer {
  value;
  isWanted = true;
  isOpen = false;

  // `path` is what it asks for; `tell(viewer, value)` gets every value, `complain(text)` what is wrong,
  // `wasClosed(code)` what the server closed an open WebSocket with.
  constructor({ hosts, random, path, tell, complain, wasClosed = () => {} }) {
    Object.assign(this, { hosts, random, path, tell, complain, wasClosed });
  }

  // Each try goes to another gateway than the one before.
  nextHost() {
    this.value = undefined;
    const others = this.hosts.filter((host) => host !== this.host);
    this.host = this.random.pick(others.length ? others : this.hosts);
    return this.host;
  }

  take(text) {
    if (!/^\d+$/.test(text)) this.complain(`${this.path} was told ${JSON.stringify(text)}`);
    this.before = this.value;
    this.value = Number(text);
    this.tell(this, this.value);
  }

  retryAfter(ms) {
    this.isOpen = false;
    if (this.isWanted) this.timer = setTimeout(() => this.connect(), ms);
  }

  stop() {
    this.isWanted = false;
    this.isOpen = false;
    clearTimeout(this.timer);
  }
}

// With a WebSocket, as web/client does it; but its back-off begins anew with the first number, since nobody
// is connected for 30 seconds here.
export class SocketViewer extends Viewer {
  tries = 0;

  connect() {
    this.socket = new Socket(this.nextHost(), this.path);
    this.socket.onMessage = (text) => {
      this.isOpen = true;
      this.tries = 0;
      this.take(text);
    };
    this.socket.closed.then(({ code, reason }) => {
      if (this.isOpen) this.wasClosed(code);
      const hint = /^retry=(\d+)$/.exec(reason);
      const bound = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.tries++);
      this.retryAfter(hint ? Number(hint[1]) : this.random.upTo(bound));
    });
  }

  // Goes for good: with a close frame, or without as when the network is lost.
  leave(isClean) {
    this.stop();
    if (isClean) this.socket.ws.close(1000);
    else this.socket.ws.terminate();
  }
}

// With an event stream, as an EventSource behind a load balancer does it.
export class StreamViewer extends Viewer {
  retryMs = 1000;

  async connect() {
    const from = this.lastId;
    let idInStream;
    this.highest = undefined;
    try {
      this.stream = await EventStream.open(this.nextHost(), this.path, from ? { 'last-event-id': from } : {});
    } catch {
      return this.retryAfter(this.retryMs);
    }
    if (!this.isWanted) return this.stream.close();
    if (this.stream.status !== 200) this.complain(`${this.path} was answered ${this.stream.status}`);
    const opened = performance.now();
    this.stream.onEvent = ({ id, data, at }) => {
      this.isOpen = true;
      if (idInStream) this.#checkOrder(idInStream, id, 'within a connection');
      else if (from && at - opened < 1900) this.#checkContinuation(from, id);
      idInStream = this.lastId = id;
      this.stream.events.length = 0;
      this.take(data);
    };
    this.stream.events.splice(0).forEach((event) => this.stream.onEvent(event));
    await this.stream.closed;
    this.retryMs = this.stream.retry ?? this.retryMs;
    this.retryAfter(this.retryMs);
  }

  #checkOrder(earlier, later, where) {
    if (compareIds(later, earlier) < 0) this.complain(`${this.path} ${where}: ${later} after ${earlier}`);
  }

  // A gateway that is behind waits for the revision, for two seconds, within the epoch.
  #checkContinuation(earlier, later) {
    const [epoch] = earlier.split('-');
    if (later.startsWith(`${epoch}-`)) this.#checkOrder(earlier, later, 'with Last-Event-ID');
  }

  leave() {
    this.stop();
    this.stream?.close();
  }
}
