// 500 viewers on a few pages and counters, and what must be true of the numbers that they see.
import { subPath } from '../support/socket.mjs';
import { sleep, until } from '../support/wait.mjs';
import { SocketViewer, StreamViewer } from './viewer.mjs';

const VIEWERS = 500;
const PAGES = 4;
const HIT_COUNTERS = [2, 3, 4];

export class Audience {
  viewers = new Set();
  wrongs = [];
  valuesSeen = 0;
  closeCodes = new Map(); // code: how often the server closed a WebSocket with it
  #joined = 0;

  constructor(hosts, random) {
    this.hosts = hosts;
    this.random = random;
    this.pages = Array.from({ length: PAGES }, (_, i) => ({ urlId: `https://shop.example/${i}`, floor: 0, ceiling: Infinity }));
    for (let i = 0; i < VIEWERS; i++) this.#add();
  }

  // What many see alike is told once.
  complain(text) {
    if (!this.wrongs.includes(text)) this.wrongs.push(text);
  }

  // Of ten, one watches a hit counter, one watches a page uncounted, two share their presence ID with
  // others, six are just here; of those on pages two in five by event stream.
  #add() {
    const index = this.#joined++;
    if (index % 10 === 0) return this.#connect(StreamViewer, `/counters/${this.random.pick(HIT_COUNTERS)}/`, {});
    const page = this.random.pick(this.pages);
    let pId = `viewer ${index}`;
    if (index % 10 === 1) pId = undefined;
    if (index % 10 === 2 || index % 10 === 3) pId = `shared ${Math.floor(this.random.upTo(20))}`;
    const path = subPath({ urlId: page.urlId, pId: pId ?? `watcher ${index}`, i: pId ? 't' : 'f' });
    const Kind = this.random.next() < 0.4 ? StreamViewer : SocketViewer;
    return this.#connect(Kind, path, { page, pId });
  }

  #connect(Kind, path, facts) {
    const viewer = new Kind({
      hosts: this.hosts, random: this.random, path,
      tell: (_, value) => this.#check(viewer, value),
      complain: (text) => this.complain(text),
      wasClosed: (code) => this.closeCodes.set(code, (this.closeCodes.get(code) ?? 0) + 1),
    });
    Object.assign(viewer, facts);
    this.viewers.add(viewer);
    viewer.connect();
    return viewer;
  }

  // Whoever was here before the cycle and stays is in every number, or, where counterd has to learn anew
  // who is here, at least in every number of a connection that has shown them before. Hits only grow.
  #check(viewer, value) {
    this.valuesSeen += 1;
    if (viewer.page) {
      const { urlId, floor, ceiling, isKnown } = viewer.page;
      const seen = `${urlId} at ${viewer.host} showed ${value} after ${viewer.before ?? 'nothing'}`;
      if (value < floor && (isKnown || viewer.before >= floor)) this.complain(`${seen}, though ${floor} stayed`);
      if (value > ceiling) this.complain(`${seen}, though only ${ceiling} were here`);
    } else {
      if (value < viewer.highest) this.complain(`${viewer.path} went back from ${viewer.highest} to ${value}`);
      viewer.highest = value; // on this connection
    }
  }

  // How many are on a page: those of `viewers` that contribute, each presence ID once.
  #present(page, viewers) {
    return new Set([...viewers].filter((viewer) => viewer.page === page && viewer.pId).map(({ pId }) => pId)).size;
  }

  // A share of all leaves within `ms`, and as many come. From here on every number is checked against who
  // stays; `isKnown`: counterd knows all the time who that is.
  async move(share, ms, isKnown) {
    const leaving = this.random.shuffled([...this.viewers]).slice(0, Math.round(share * this.viewers.size));
    const staying = [...this.viewers].filter((viewer) => !leaving.includes(viewer));
    for (const page of this.pages) {
      page.isKnown = isKnown;
      page.floor = this.#present(page, staying);
      page.ceiling = share ? Infinity : this.#present(page, this.viewers);
    }
    await Promise.all(leaving.map(async (viewer) => {
      await sleep(this.random.upTo(ms));
      viewer.leave(this.random.next() < 0.5);
      this.viewers.delete(viewer);
      this.#add();
    }));
  }

  // How many are on all pages together.
  get total() {
    return this.pages.reduce((sum, page) => sum + this.#present(page, this.viewers), 0);
  }

  // What keeps the numbers from being right just now; empty when everybody sees the truth.
  #faults() {
    const truth = new Map(this.pages.map((page) => [page, this.#present(page, this.viewers)]));
    const faults = [];
    for (const viewer of this.viewers) {
      if (!viewer.isOpen) faults.unshift(`${viewer.constructor.name} ${viewer.path} at ${viewer.host} is not connected`);
      else if (viewer.page && viewer.value !== truth.get(viewer.page)) {
        faults.push(`${viewer.path} at ${viewer.host} sees ${viewer.value} of ${truth.get(viewer.page)}`);
      }
    }
    return faults;
  }

  // Resolves with how long it took until everybody was connected and saw the truth.
  async settled(ms) {
    const start = performance.now();
    await until(async () => {
      await sleep(40);
      return this.#faults().length === 0;
    }, ms, () => {
      const faults = this.#faults();
      return `everybody sees the truth; ${faults.length} do not, such as: ${faults.slice(0, 5).join('; ')}`;
    });
    return performance.now() - start;
  }

  leave() {
    for (const viewer of this.viewers) viewer.leave(true);
  }
}
