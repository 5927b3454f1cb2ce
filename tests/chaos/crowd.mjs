// Viewers of one page who stay where they are, and people who press buttons, while the programs stand
// still or cannot reach each other.
import assert from 'node:assert/strict';
import { EventStream } from '../support/event_stream.mjs';
import { hitsOf, request } from '../support/http.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep, until } from '../support/wait.mjs';

const COME_MS = 10_000;

// Half of them with a WebSocket, half with an event stream; each with a presence ID of its own.
export class Crowd {
  viewers = [];

  constructor(urlId) {
    this.urlId = urlId;
  }

  get size() {
    return this.viewers.length;
  }

  async come(host, count) {
    await this.join(host, count);
    await this.untilAllSee(this.size, COME_MS);
  }

  // Resolves when they are on their way.
  async join(host, count) {
    for (let i = 0; i < count; i++) {
      const path = subPath({ urlId: this.urlId, pId: `viewer ${this.size}` });
      const viewer = { host, seen: [] };
      const take = (text) => viewer.seen.push({ value: Number(text), at: performance.now() });
      if (i % 2) {
        const stream = await EventStream.open(host, path);
        for (const { data } of stream.events) take(data);
        stream.onEvent = ({ data }) => take(data);
        Object.assign(viewer, { closed: stream.closed, leave: () => stream.close() });
      } else {
        const socket = new Socket(host, path);
        socket.onMessage = take;
        Object.assign(viewer, { closed: socket.closed, leave: () => socket.ws.terminate() });
      }
      viewer.closed.then(() => { viewer.isClosed = true; });
      this.viewers.push(viewer);
    }
  }

  at(host) {
    return this.viewers.filter((viewer) => viewer.host === host);
  }

  // Resolves with how long it took.
  async untilAllSee(number, ms) {
    const start = performance.now();
    const others = () => this.viewers.filter(({ seen }) => seen.at(-1)?.value !== number);
    await until(() => others().length === 0, ms,
      () => `all see ${number}; ${others().length} do not, such as one who saw ${others()[0]?.seen.slice(-5).map(({ value }) => value)}`);
    return performance.now() - start;
  }

  // What those at `host` have seen since then, each value once.
  seenSince(time, host) {
    const seen = this.at(host).flatMap((viewer) => viewer.seen).filter(({ at }) => at > time);
    return [...new Set(seen.map(({ value }) => value))].sort((a, b) => a - b);
  }

  assertAllStayed() {
    const closed = this.viewers.filter(({ isClosed }) => isClosed).map(({ host }) => host);
    assert.deepEqual(closed, [], 'viewers whose connection was closed');
  }

  leave() {
    for (const viewer of this.viewers) viewer.leave();
  }
}

// One hit after the other until stopped, plain ones or with keys: a key is repeated until it is answered.
export class Hits {
  acknowledged = 0;
  unanswered = 0;
  longestMs = 0;
  wrongs = [];
  #isStopping = false;
  #keys = 0;

  constructor(host, counter, { keyed = false, pauseMs = 50 } = {}) {
    Object.assign(this, { host, counter, keyed, pauseMs });
    this.done = this.#run();
  }

  async #run() {
    while (!this.#isStopping) {
      await (this.keyed ? this.#postUntilAnswered(`${this.counter} ${this.#keys++}`) : this.#post());
      await sleep(this.pauseMs);
    }
  }

  async #postUntilAnswered(key) {
    while (!await this.#post({ 'idempotency-key': key })) await sleep(this.pauseMs);
  }

  async #post(headers = {}) {
    const start = performance.now();
    try {
      const { status, text } = await request(this.host, `/counters/${this.counter}/`, { method: 'POST', headers, ms: 60_000 });
      this.longestMs = Math.max(this.longestMs, performance.now() - start);
      if (status === 200) {
        this.acknowledged += 1;
        return true;
      }
      if (status !== 503) this.wrongs.push(`${status} ${text}`);
      if (!text.includes('was not counted')) this.unanswered += 1;
    } catch (error) {
      this.wrongs.push(error.message);
    }
    return false;
  }

  stop() {
    this.#isStopping = true;
    return this.done;
  }

  // Stops, and what was answered is what was counted.
  async check(host) {
    await this.stop();
    const total = await hitsOf(host, this.counter);
    const fact = `${total} counted, ${this.acknowledged} acknowledged, ${this.unanswered} unanswered`;
    assert.deepEqual(this.wrongs, []);
    assert.ok(this.acknowledged > 0, fact);
    assert.ok(total >= this.acknowledged, fact);
    assert.ok(total <= this.acknowledged + (this.keyed ? 0 : this.unanswered), fact);
    return fact;
  }
}
