// One counterd and two gateways: they agree, and what dies and comes back is not seen in the numbers
// (contract §2, §3, §7).
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { compareIds, EventStream } from '../support/event_stream.mjs';
import { get, hitsOf, post } from '../support/http.mjs';
import { Cluster } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { sleep, until, within } from '../support/wait.mjs';

// Watches one page through one gateway, uncounted, from its first number on.
async function observe(base, urlId) {
  const socket = await new Socket(base, subPath({ urlId, pId: 'observer', i: 'f' })).opened();
  await until(() => socket.values.length > 0, 5000, 'a first number');
  return socket;
}
const join = (base, urlId, pId) => new Socket(base, subPath({ urlId, pId }));
const end = (sockets) => sockets.forEach((socket) => socket.ws.terminate());

describe('two gateways', () => {
  let cluster;
  let a;
  let b;
  before(async () => {
    cluster = await Cluster.start();
    [a, b] = cluster.hosts;
  });
  after(() => cluster?.kill());

  it('count one presence ID on both of them once', async (t) => {
    const observers = await Promise.all([observe(a, 'both'), observe(b, 'both')]);
    const viewers = [join(a, 'both', 'one'), join(b, 'both', 'one'), join(b, 'both', 'two')];
    t.after(() => end([...observers, ...viewers]));
    await Promise.all([...observers, ...viewers].map((socket) => socket.untilValue(2)));
    await viewers[0].close();
    await sleep(1500);
    assert.deepEqual(observers.map(({ value }) => value), [2, 2]);
  });

  it('do not move the number when a viewer moves between them', async (t) => {
    const observer = await observe(a, 'move');
    const first = join(a, 'move', 'one');
    await observer.untilValue(1);
    await first.close(1001);
    const second = join(b, 'move', 'one');
    t.after(() => end([observer, second]));
    await second.untilValue(1);
    await sleep(2000);
    assert.deepEqual(observer.values, [0, 1]);
  });

  it('show each other\'s hits, and no value twice', async (t) => {
    const streams = await Promise.all([a, b].map((base) => EventStream.open(base, '/counters/2/')));
    t.after(() => streams.forEach((stream) => stream.close()));
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => post(i % 2 ? a : b, '/counters/2/')));
    const values = answers.map(({ text }) => Number(text)).sort((x, y) => x - y);
    assert.deepEqual(values, Array.from({ length: 200 }, (_, i) => i + 1));
    await Promise.all(streams.map((stream) => stream.untilValue(200)));
  });

  it('honour an Idempotency-Key together', async () => {
    const hit = (base) => post(base, '/counters/3/', { 'idempotency-key': 'both' });
    const [first, ...others] = await Promise.all([hit(a), hit(b), hit(a), hit(b)]);
    assert.equal(first.text, '1\n');
    for (const { text } of others) assert.equal(text, '1\n');
    assert.equal(await hitsOf(b, 3), 1);
  });

  it('continue a stream of the other one', async (t) => {
    const first = await EventStream.open(a, '/counters/4/');
    await post(a, '/counters/4/');
    await first.untilValue(1);
    const { id } = first.events.at(-1);
    first.close();
    const next = await EventStream.open(b, '/counters/4/', { 'last-event-id': id });
    t.after(() => next.close());
    await next.untilEvents(1);
    assert.equal(next.value, 1);
    assert.ok(compareIds(next.events[0].id, id) >= 0);
  });

  it('forget a killed one within the lease, and not before its viewers could come back', async (t) => {
    const observer = await observe(a, 'killed');
    const staying = join(b, 'killed', 'staying');
    const going = join(b, 'killed', 'going');
    await observer.untilValue(2);
    await cluster.gateways[1].kill();
    const back = join(a, 'killed', 'staying');
    t.after(() => end([observer, staying, going, back]));
    const start = performance.now();
    await observer.untilValue(1, 14_000);
    assert.ok(performance.now() - start < 12_500);
    assert.deepEqual([...new Set(observer.values.slice(observer.values.indexOf(2)))], [2, 1]);
    await cluster.startGateway(1);
    await (await observe(b, 'killed')).untilValue(1);
  });
});

describe('a restart of counterd', () => {
  let cluster;
  let a;
  let b;
  before(async () => {
    cluster = await Cluster.start();
    [a, b] = cluster.hosts;
  });
  after(() => cluster?.kill());

  it('leaves every number as it is, and they go on from there', async (t) => {
    const observer = await observe(a, 'restart');
    const viewers = Array.from({ length: 40 }, (_, i) => join(i % 2 ? a : b, 'restart', `viewer ${i}`));
    t.after(() => end([observer, ...viewers]));
    await Promise.all(viewers.map((viewer) => viewer.untilValue(40)));
    for (let round = 0; round < 3; round++) {
      await cluster.counterd.kill();
      await sleep(300);
      await cluster.startCounterd();
      await sleep(1500);
    }
    const late = join(a, 'restart', 'late');
    t.after(() => end([late]));
    await observer.untilValue(41, 12_000);
    for (const viewer of [observer, ...viewers]) {
      const values = viewer.values.slice(viewer.values.indexOf(40));
      assert.deepEqual([...new Set(values)].filter((value) => value < 40), [], `a dip: ${values}`);
    }
  });

  it('keeps hits and the answers to Idempotency-Keys', async (t) => {
    const hit = (base, key) => post(base, '/counters/5/', key ? { 'idempotency-key': key } : {});
    const stream = await EventStream.open(a, '/counters/5/');
    t.after(() => stream.close());
    for (let i = 0; i < 10; i++) await hit(a);
    const first = await hit(b, 'order');
    await hit(a);
    await cluster.kill();
    await Promise.all([cluster.startCounterd(), cluster.startGateway(0), cluster.startGateway(1)]);
    const again = await hit(a, 'order');
    assert.deepEqual([again.status, again.text], [200, first.text]);
    assert.equal(await hitsOf(b, 5), 12);
  });

  it('makes a POST wait, and then answers it', async () => {
    const before = await hitsOf(a, 6);
    await cluster.counterd.kill();
    const start = performance.now();
    const waiting = post(a, '/counters/6/');
    await sleep(1000);
    await cluster.startCounterd();
    const answer = await waiting;
    assert.deepEqual([answer.status, answer.text], [200, `${before + 1}\n`]);
    assert.ok(performance.now() - start > 1000);
    assert.equal(await hitsOf(b, 6), before + 1);
  });

  it('raises the epoch, and a stream that stays open sees no older id', async (t) => {
    const stream = await EventStream.open(a, '/counters/7/');
    t.after(() => stream.close());
    await post(a, '/counters/7/');
    await stream.untilValue(1);
    await cluster.counterd.kill();
    await cluster.startCounterd();
    await post(b, '/counters/7/');
    await stream.untilValue(2);
    const ids = stream.events.map(({ id }) => id);
    for (let i = 1; i < ids.length; i++) assert.ok(compareIds(ids[i - 1], ids[i]) <= 0, `${ids}`);
    assert.ok(BigInt(ids.at(-1).split('-')[0]) > BigInt(ids[0].split('-')[0]), `${ids}`);
  });

  it('that lasts: reading goes on, and a POST is told after five seconds that it may have counted', async (t) => {
    await hitsOf(a, 8);
    const stream = await EventStream.open(a, '/counters/8/');
    t.after(() => stream.close());
    await stream.untilValue(0);
    await cluster.counterd.kill();
    const start = performance.now();
    const answer = await post(a, '/counters/8/', { origin: 'https://shop.example' });
    const took = performance.now() - start;
    assert.equal(answer.status, 503);
    assert.match(answer.text, /may have/);
    assert.match(answer.text, /Idempotency-Key/);
    assert.ok(answer.headers['access-control-allow-origin']);
    assert.ok(took > 4500 && took < 6500, `${took} ms`);
    assert.equal(stream.isClosed, false);
    await cluster.startCounterd();
    await until(async () => (await post(a, '/counters/8/')).status === 200, 5000);
  });
});

describe('draining a gateway', () => {
  it('turns away who comes new: streams with a hint, everybody else with 503 and Retry-After', async (t) => {
    const cluster = await Cluster.start({ gateways: 1, gatewayFlags: ['--drain_seconds=5'] });
    t.after(() => cluster.kill());
    const [base] = cluster.hosts;
    const viewers = Array.from({ length: 20 }, (_, i) => join(base, 'drain', `viewer ${i}`));
    t.after(() => end(viewers));
    await Promise.all(viewers.map((viewer) => viewer.untilValue(20)));
    const stopped = cluster.gateways[0].stop();
    await until(async () => (await get(cluster.gateways[0].address.metrics, '/readyz')).status === 503, 2000);

    const refused = [
      await join(base, 'drain', 'late').refused(), await get(base, '/counters/2/'), await post(base, '/counters/2/'),
    ];
    for (const { status, headers, text } of refused) {
      assert.equal(status, 503, text);
      assert.match(headers['retry-after'], /^\d+$/);
    }
    assert.match(refused[2].text, /not counted/);
    for (const path of ['/counters/2/', subPath({ urlId: 'drain', pId: 'late' })]) {
      const stream = await EventStream.open(base, path);
      assert.equal(stream.status, 200);
      assert.match(stream.headers['content-type'], /^text\/event-stream/);
      await within(2000, stream.closed, 'closed');
      assert.ok(stream.retry >= 1000, `retry: ${stream.retry}`);
      assert.deepEqual(stream.events, []);
    }
    end(viewers);
    assert.equal(await stopped, 0);
  });

  it('is not ready first, then tells everybody when to come back, and no number dips', async (t) => {
    const cluster = await Cluster.start({ gatewayFlags: ['--drain_seconds=4'] });
    t.after(() => cluster.kill());
    const [a, b] = cluster.hosts;
    const observer = await observe(b, 'drain');
    const viewers = Array.from({ length: 40 }, (_, i) => join(a, 'drain', `viewer ${i}`));
    const stream = await EventStream.open(a, subPath({ urlId: 'drain', pId: 'streaming' }));
    t.after(() => { end([observer, ...viewers]); stream.close(); });
    await observer.untilValue(41);

    const start = performance.now();
    const stopped = cluster.gateways[0].stop();
    await until(async () => (await get(cluster.gateways[0].address.metrics, '/readyz')).status === 503, 2000);
    const closes = await Promise.all(viewers.map(async (viewer, i) => {
      const close = await within(8000, viewer.closed, 'closed');
      const moved = join(b, 'drain', `viewer ${i}`);
      t.after(() => end([moved]));
      return close;
    }));
    for (const { code, reason } of closes) {
      assert.equal(code, 1001);
      assert.match(reason, /^retry=\d+$/);
    }
    const times = closes.map(({ at }) => at - start).sort((x, y) => x - y);
    assert.ok(times.at(-1) - times[0] > 1500, `spread over ${times.at(-1) - times[0]} ms`);
    assert.ok(times.at(-1) < 6000, `the last after ${times.at(-1)} ms`);
    await within(3000, stream.closed, 'end of the event stream');
    assert.equal(stream.retries.length, 2, 'a hint at the start and one at the end');
    assert.equal(await stopped, 0);

    const moved = await EventStream.open(b, subPath({ urlId: 'drain', pId: 'streaming' }));
    t.after(() => moved.close());
    await sleep(12_000);
    const values = observer.values.slice(observer.values.indexOf(41));
    assert.deepEqual(values.filter((value) => value !== 41), [], `moved: ${values}`);
  });
});
