// Load of all kinds for a running system: viewers who come and go, hits, users of a product with verification,
// clients that do wrong, and callers of the console.
import http from 'node:http';
import { WebSocket } from '../support/packages.mjs';
import { request } from '../support/http.mjs';
import { subPath } from '../support/socket.mjs';
import { sleep } from '../support/wait.mjs';

// One stream of a client, which it does not read closely.
class Viewer {
  constructor(host, path, isEventStream) {
    if (isEventStream) {
      const [hostname, port] = host.split(':');
      this.request = http.get({ hostname, port, path, headers: { accept: 'text/event-stream' }, agent: false }, (answer) => answer.resume());
      this.request.on('error', () => {});
    } else {
      this.socket = new WebSocket(`ws://${host}${path}`, { perMessageDeflate: false });
      this.socket.on('error', () => {});
    }
  }

  leave() {
    this.request?.destroy();
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.close(1000);
    else this.socket?.terminate();
  }
}

export class Crowd {
  #viewers = [];
  #came = 0;
  #agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
  #isOver = false;
  #loops = [];

  constructor(hosts) {
    this.hosts = hosts;
  }

  get size() {
    return this.#viewers.length;
  }

  #host() {
    return this.hosts[Math.floor(Math.random() * this.hosts.length)];
  }

  // So many streams from now on: the oldest leave, or new ones come. One in five only watches, one in six shares its
  // presence ID with another tab, two in five are event streams; pages are as popular as pages are.
  resize(count, { key = 'demo', user = (number) => `visitor ${Math.floor(number * 5 / 6)}`, host } = {}) {
    while (this.#viewers.length > count) this.#viewers.shift().leave();
    while (this.#viewers.length < count) {
      const number = this.#came++;
      const page = Math.floor(40 * Math.random() ** 3);
      const urlId = page === 0 ? '1' : `https://shop.example/${page}`; // a counter that is hit, too
      const path = subPath({ urlId, key, pId: user(number), i: number % 5 === 4 ? 'f' : 't' });
      this.#viewers.push(new Viewer(host ?? this.#host(), path, number % 5 < 2));
    }
  }

  // A few come and go each second, though the number stays.
  churn(count, options) {
    const before = this.size;
    this.resize(Math.max(0, before - count), options);
    this.resize(before, options);
  }

  // Repeats `step` about `perSecond()` times a second until over().
  every(perSecond, step) {
    const loop = async () => {
      while (!this.#isOver) {
        await Promise.all([step().catch(() => {}), sleep(1000 / perSecond())]);
      }
    };
    this.#loops.push(loop());
  }

  hit() {
    const id = 1 + Math.floor(9 * Math.random() ** 2);
    return request(this.#host(), `/counters/${id}/`, { method: 'POST', agent: this.#agent });
  }

  read() {
    const id = 1 + Math.floor(9 * Math.random() ** 2);
    return request(this.#host(), `/counters/${id}/`, { headers: { accept: 'application/json' }, agent: this.#agent });
  }

  doWrong() {
    const wrongs = ['/sub?key=demo&pId=x', subPath({ key: 'nobody' }), '/counters/none/', '/counters/1/?key=nobody', subPath({ i: 'x' })];
    return request(this.#host(), wrongs[Math.floor(Math.random() * wrongs.length)], { headers: { accept: 'text/event-stream' } });
  }

  async over() {
    this.#isOver = true;
    await Promise.all(this.#loops);
    this.resize(0);
    this.#agent.destroy();
  }
}

// A call of the console's JSON API: the answer as text.
export async function callConsole(address, token, method, body) {
  const { status, text } = await request(address, `/api/livecounter.v1.${method}`, {
    method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify(body),
  });
  if (status !== 200) throw new Error(`${method}: ${status} ${text}`);
  return JSON.parse(text);
}

// A streaming call that goes on until it is destroyed.
export function watchOnConsole(address, token, body) {
  const [hostname, port] = address.split(':');
  const message = Buffer.from(JSON.stringify(body));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  const call = http.request({
    hostname, port, path: '/api/livecounter.v1.CounterService/WatchCounters', method: 'POST', agent: false,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/connect+json' },
  }, (answer) => answer.resume());
  call.on('error', () => {});
  call.end(Buffer.concat([head, message]));
  return call;
}
