// People who only want their number while others do their worst: some who stay, and one after the other
// who comes, sees the number and goes.
import { EventStream } from '../support/event_stream.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep, until, within } from '../support/wait.mjs';

export const STAYING = 10;
const PROBE_MS = 40;
const LONGEST_MS = 10_000;
const URL_ID = 'https://shop.example/honest';

export class HonestViewers {
  delays = []; // from the first byte out to the number, in ms
  wrongs = [];

  static async come(host) {
    const viewers = new HonestViewers();
    viewers.host = host;
    viewers.staying = Array.from({ length: STAYING }, (_, i) => new Socket(host, subPath({ urlId: URL_ID, pId: `staying ${i}` })));
    await Promise.all(viewers.staying.map((socket) => socket.untilValue(STAYING, 20_000)));
    viewers.staying.forEach((socket) => viewers.#holdTo(socket));
    return viewers;
  }

  #holdTo(socket) {
    socket.onMessage = (text) => this.#check(text);
    socket.closed.then(({ code, reason }) => {
      if (!this.hasLeft) this.wrongs.push(`one who stayed was closed with ${code} ${reason}`);
    });
  }

  #check(text) {
    if (text !== String(STAYING)) this.wrongs.push(`saw ${text} of ${STAYING}`);
  }

  // Until stopProbing().
  startProbing() {
    this.isProbing = true;
    this.probing = this.#probe();
  }

  async #probe() {
    for (let number = 0; this.isProbing; number++) {
      const path = subPath({ urlId: URL_ID, pId: `probe ${number}`, i: 'f' });
      const start = performance.now();
      try {
        this.#check(await (number % 2 ? this.#byStream(path) : this.#bySocket(path)));
        this.delays.push(performance.now() - start);
      } catch (error) {
        this.wrongs.push(`no number: ${error.message}`);
      }
      await sleep(PROBE_MS);
    }
  }

  async #bySocket(path) {
    const socket = new Socket(this.host, path);
    try {
      const first = new Promise((resolve) => { socket.onMessage = resolve; });
      const refused = socket.closed.then(() => { throw new Error(`closed: ${JSON.stringify(socket.refusal)}`); });
      return await within(LONGEST_MS, Promise.race([first, refused]), 'first number');
    } finally {
      socket.ws.terminate();
    }
  }

  async #byStream(path) {
    const stream = await EventStream.open(this.host, path);
    try {
      await until(() => stream.events.length || stream.isClosed, LONGEST_MS, 'first event');
      return stream.events[0]?.data ?? `an end, status ${stream.status}`;
    } finally {
      stream.close();
    }
  }

  async stopProbing() {
    this.isProbing = false;
    await this.probing;
  }

  // Of all probes: { count, p50, p99, longest } in ms.
  get figures() {
    const sorted = this.delays.toSorted((a, b) => a - b);
    const at = (share) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
    return { count: sorted.length, p50: at(0.5), p99: at(0.99), longest: at(1) };
  }

  leave() {
    this.hasLeft = true;
    this.isProbing = false;
    this.staying.forEach((socket) => socket.ws.terminate());
  }
}
