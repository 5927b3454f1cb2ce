// Visitors of one product who come and go without end, by WebSocket, event stream and /watch, and what each
// gateway let in: the truth that a bill is held against.
import http from 'node:http';
import { WebSocket } from '../support/packages.mjs';
import { subPath } from '../support/socket.mjs';
import { sleep } from '../support/wait.mjs';

const PATIENCE_MS = 5000;

// What became of an attempt to connect. `unknown`: the gateway died before it said, and may have let it in.
export const Outcome = { LET_IN: 'let in', REFUSED: 'refused', UNKNOWN: 'unknown' };

// Nobody has listened, so nobody let it in.
const onError = (error) => (error.code === 'ECONNREFUSED' ? Outcome.REFUSED : Outcome.UNKNOWN);

// { outcome, leave } of one WebSocket.
function bySocket(host, path) {
  const ws = new WebSocket(`ws://${host}${path}`, { perMessageDeflate: false });
  const outcome = new Promise((resolve) => {
    ws.on('open', () => resolve(Outcome.LET_IN));
    ws.on('unexpected-response', () => resolve(Outcome.REFUSED));
    ws.on('error', (error) => resolve(onError(error)));
    setTimeout(() => resolve(Outcome.UNKNOWN), PATIENCE_MS).unref();
  });
  return { outcome, leave: () => ws.terminate() };
}

// The same of one event stream. One that is let in begins with a comment; one that is sent away has a hint alone.
function byStream(host, path) {
  const request = http.get(`http://${host}${path}`, { agent: false, headers: { accept: 'text/event-stream' } });
  const outcome = new Promise((resolve) => {
    request.on('response', (answer) => {
      if (answer.statusCode !== 200) resolve(Outcome.REFUSED);
      answer.setEncoding('utf8');
      answer.on('data', (text) => resolve(text.startsWith(':') ? Outcome.LET_IN : Outcome.REFUSED));
      answer.on('error', () => {});
      answer.on('close', () => resolve(Outcome.UNKNOWN));
    });
    request.on('error', (error) => resolve(onError(error)));
    setTimeout(() => resolve(Outcome.UNKNOWN), PATIENCE_MS).unref();
  });
  return { outcome, leave: () => request.destroy() };
}

export class Visitors {
  letIn = []; // { host, at }, by the visitor's clock: a moment after the gateway's
  unknown = 0;
  refused = 0;
  #isStopping = false;

  constructor(hosts, key, random, { atOnce = 8, stayMs = 40 } = {}) {
    Object.assign(this, { hosts, key, random, stayMs });
    this.done = Promise.all(Array.from({ length: atOnce }, (_, i) => this.#comeAndGo(i)));
  }

  async #comeAndGo(visitor) {
    while (!this.#isStopping) {
      await this.#visit(this.random.pick(this.hosts), visitor);
      await sleep(this.random.upTo(this.stayMs));
    }
  }

  async #visit(host, visitor) {
    const kind = this.random.next();
    const path = kind < 0.2 ? `/watch?key=${this.key}&urlId=page`
      : subPath({ key: this.key, pId: `visitor ${visitor}`, i: kind < 0.4 ? 'f' : 't' });
    const { outcome, leave } = kind < 0.7 ? bySocket(host, path) : byStream(host, path);
    switch (await outcome) {
      case Outcome.LET_IN:
        this.letIn.push({ host, at: performance.now() });
        break;
      case Outcome.UNKNOWN:
        this.unknown += 1;
        break;
      default:
        this.refused += 1;
        await sleep(50);
    }
    await sleep(this.random.upTo(this.stayMs));
    leave();
  }

  // How many `host` let in between two moments.
  between(host, from, to) {
    return this.letIn.filter((visit) => visit.host === host && visit.at > from && visit.at <= to).length;
  }

  stop() {
    this.#isStopping = true;
    return this.done;
  }
}
