// The number of series does not grow with use, and a scrape is cheap (contract §7).
// Argument: how many tenants, keys, pages, people and viewers; 10,000 by default.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { describe, it } from 'node:test';
import { EventStream } from '../support/event_stream.mjs';
import { get, post } from '../support/http.mjs';
import { Scrape } from '../support/metrics.mjs';
import { startAllInOne } from '../support/programs.mjs';
import { subPath } from '../support/socket.mjs';
import { sleep, until } from '../support/wait.mjs';
import { AllPrograms } from './all_programs.mjs';

const MANY = Number(process.argv[2] ?? 10_000);

// Runs `work(i)` for 0 … count - 1, `width` at a time.
async function inParallel(count, width, work) {
  let next = 0;
  await Promise.all(Array.from({ length: width }, async () => {
    while (next < count) await work(next++);
  }));
}

// An active account with one product, both called `id`; the key of it.
async function makeTenant(admin, id) {
  const call = (method, request) => admin.call(method, request, { deadlineMs: 60_000 });
  await call('CreateAccount', { account_id: id, account: {} });
  await call('ActivateAccount', { name: `accounts/${id}` });
  await call('CreateProduct', { parent: `accounts/${id}`, product_id: id, product: { allowed_origins: ['*'], auto_create_counters: true } });
  return (await call('CreateApiKey', { parent: `accounts/${id}/products/${id}` })).key;
}

// One hit and one viewer, both counted, and one who is refused, at names that nobody else has.
async function visit(http, key, i) {
  const page = { urlId: `page-${i}`, pId: `person-${i}` };
  // Neither an upgrade nor a stream is 426 once the gateway knows the key.
  await until(async () => (await get(http, subPath({ ...page, key }))).status === 426, 30_000, `key ${i} is known`);
  const hit = await post(http, `/counters/counter-${i}/?key=${key}`);
  assert.deepEqual([hit.status, hit.text], [200, '1\n'], 'the first hit');
  const stream = await EventStream.open(http, subPath({ ...page, key }));
  assert.equal(stream.status, 200);
  await stream.untilValue(1);
  stream.close();
  assert.equal((await get(http, subPath({ ...page, key: `nobody-${i}` }))).status, 401);
}

describe(`${MANY} of each`, () => {
  it('tenants, keys, pages and people add no series', { timeout: 120_000 }, async (t) => {
    const all = await AllPrograms.start();
    t.after(() => all.kill());
    const { http } = all.gateway.address;
    const count = async () => Promise.all(all.programs.map(async ({ address }) => (await Scrape.of(address.metrics)).series.length));
    const hits = async () => (await Scrape.of(all.counterd.address.metrics)).value('livecounter_counterd_hits_total');
    // Codes that have occurred stay.
    const use = async (from, to) => {
      const admin = await all.service('AdminService');
      const keys = [];
      await inParallel(to - from, 200, async (i) => { keys[i] = await makeTenant(admin, `tenant-${from + i}`); });
      const hitsBefore = await hits();
      await inParallel(to - from, 50, (i) => visit(http, keys[i], from + i));
      assert.equal(await hits(), hitsBefore + to - from);
    };
    await use(0, 10);
    const before = await count();
    await use(10, MANY + 10);
    assert.deepEqual(await count(), before);
  });

  it('viewers on a tenth as many counters are scraped in 50 ms and 300 KB', { timeout: 120_000 }, async (t) => {
    const server = await startAllInOne({ flags: ['--threads=1', '--max_connections=18000'] });
    t.after(() => server.kill());
    const { hostname, port } = new URL(`http://${server.address.http}`);
    const before = (await Scrape.of(server.address.metrics)).series.length;
    const sockets = [];
    t.after(() => sockets.forEach((socket) => socket.destroy()));
    await inParallel(MANY, 100, async (i) => {
      const socket = net.connect(Number(port), hostname);
      sockets.push(socket);
      socket.on('error', () => {});
      socket.write(`GET ${subPath({ urlId: `page-${i % (MANY / 10)}`, pId: `person-${i}` })} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n`
        + 'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n');
      const [data] = await once(socket, 'data');
      assert.match(String(data), /^HTTP\/1.1 101 /);
      socket.resume();
    });
    await until(async () => (await Scrape.of(server.address.metrics)).value('livecounter_counterd_present') === MANY, 20_000);
    await sleep(1000);
    const times = [];
    let size = 0;
    for (let i = 0; i < 9; i++) {
      const start = performance.now();
      const { text } = await get(server.address.metrics, '/metrics');
      times.push(performance.now() - start);
      size = text.length;
    }
    const median = times.sort((a, b) => a - b)[4];
    t.diagnostic(`${size} bytes, ${median.toFixed(1)} ms`);
    assert.equal((await Scrape.of(server.address.metrics)).series.length, before, 'no series more');
    assert.ok(size < 300_000, `${size} bytes`);
    assert.ok(median < 50, `${median} ms`);
  });
});
